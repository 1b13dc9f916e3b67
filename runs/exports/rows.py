"""Rows of a run in the order they were collected, by key, a chunk at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import QuerySet

from runs.models import Result, Run

CHUNK = 1000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows a run had at one moment: all of them, or the unique ones. Rows never change, and
    their numbers are dense, so the count says which they are."""

    run: Run
    unique: bool
    count: int

    @classmethod
    def of(cls, run: Run, *, unique: bool) -> Snapshot:
        return cls(run, unique, run.unique_results if unique else run.results)

    def texts(self) -> Iterator[list[str]]:
        """The rows as JSON texts, in chunks."""
        for start in range(0, self.count, CHUNK):
            found = self.chunk(start).values_list("data", flat=True)
            yield list(found.iterator(chunk_size=CHUNK))

    def rows(self) -> Iterator[list[Row]]:
        for texts in self.texts():
            yield [parsed(text) for text in texts]

    def chunk(self, start: int) -> QuerySet[Result]:
        """The rows numbered from ``start + 1`` on: a range of the index, however far in."""
        return numbered(
            self.run, unique=self.unique, after=start, upto=min(start + CHUNK, self.count)
        )


def numbered(run: Run, *, unique: bool, after: int, upto: int) -> QuerySet[Result]:
    """A run's rows whose number among the unique ones, or among all, is in ``(after, upto]``."""
    name = "unique_number" if unique else "number"
    bounds = {f"{name}__gt": after, f"{name}__lte": upto}
    rows = Result.objects.filter(run=run, **bounds).order_by(name)
    return rows.filter(unique_number__isnull=False) if unique else rows


def parsed(text: str) -> Row:
    """A stored row. Python's own reader takes what the quick one refuses: NaN, huge numbers."""
    try:
        row: Row = orjson.loads(text)
    except orjson.JSONDecodeError:
        row = json.loads(text)
    return row
