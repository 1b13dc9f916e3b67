"""A squid's newest run as it stands in the database's file, seen within a millisecond or so."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from runs.states import FINISHED


class RunRow(NamedTuple):
    id: int
    uid: str
    last_line: int
    pages: int
    status: str

    @property
    def has_ended(self) -> bool:
        return self.status in FINISHED


NONE = RunRow(0, "", 0, 0, "")


class Rows:
    def __init__(self, data: Path, squid: int) -> None:
        self.squid = squid
        self.database = sqlite3.connect(data / "lobstr.sqlite3", isolation_level=None)

    def latest(self) -> RunRow:
        """Its newest run; one without a key where it has none."""
        row = self.database.execute(
            "SELECT id, uid, last_line, pages, status FROM runs_run"
            " WHERE squid_id = ? ORDER BY id DESC LIMIT 1",
            [self.squid],
        ).fetchone()
        return RunRow(*row) if row else NONE
