"""A run's rows and console as files, streamed from the database a thousand rows at a time.

What a file holds is fixed when it is asked for: the rows up to the run's counters at that moment,
so an export of an unfinished run is whole too. Memory stays flat at any number of rows.
"""

from __future__ import annotations

from runs.exports.columns import EVERYTHING, Choice, choose, declared, offered
from runs.exports.files import File, Format, fits, log, prepare
from runs.exports.names import disposition
from runs.exports.rows import parsed
from runs.exports.stream import stream

__all__ = [
    "EVERYTHING",
    "Choice",
    "File",
    "Format",
    "choose",
    "declared",
    "disposition",
    "fits",
    "log",
    "offered",
    "parsed",
    "prepare",
    "stream",
]
