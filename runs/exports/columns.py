"""Which columns a table of a run has: the crawler's in its order, then what else rows hold; or
those that were chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from django.db.models import Max, Value
from django.db.models.functions import StrIndex

from runs.exports.rows import Row, Snapshot
from runs.models import Result, Run
from squids.errors import FieldRefused

FIRST = 50
"""Rows that are looked at for what may be chosen."""
UNDECLARED = 20
"""Names that may be asked for though no crawler declared them: all rows are searched for them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """``columns``: these only, in this order; none: all. ``omit``: all the same without these."""

    columns: tuple[str, ...] = ()
    omit: frozenset[str] = frozenset()

    @property
    def is_all(self) -> bool:
        return not self.columns and not self.omit

    def among(self, names: Sequence[str]) -> list[str]:
        return [name for name in self.columns or names if name not in self.omit]

    def of_row(self, row: Row) -> Row:
        """What of a row was chosen; a field that it lacks is not made up."""
        return {name: row[name] for name in self.among(list(row)) if name in row}


EVERYTHING = Choice()


def choose(run: Run, columns: Sequence[str], omit: Sequence[str]) -> Choice:
    """Raises FieldRefused for a name that no row has, for too many that were not declared, and
    where nothing would be left."""
    choice = Choice(tuple(dict.fromkeys(columns)), frozenset(omit))
    _check(run, dict.fromkeys(omit, "omit") | dict.fromkeys(columns, "columns"))
    if columns and not choice.among(()):
        raise FieldRefused("omit", "No column would be left.")
    return choice


def _check(run: Run, asked: dict[str, str]) -> None:
    """``asked``: each name, and the field that it stands in."""
    known = declared(run)
    others = sorted(asked.keys() - set(known))
    if len(others) > UNDECLARED:
        text = f"Of columns that the crawler does not declare, give up to {UNDECLARED}."
        raise FieldRefused(asked[others[0]], text)
    if absent := _absent(run, others):
        name, listed = absent[0], ", ".join(known) or "no column so far"
        raise FieldRefused(asked[name], f"This run has no column “{name}”. It has {listed}.")


def _absent(run: Run, names: Sequence[str]) -> list[str]:
    """Those that no row has. Rows may hold fields that were not declared: most of them stand in the
    first rows, for the rest all rows are read, once. A name that stands in one as a value only
    will do: then its column is empty."""
    seen = set(offered(run)) if names else set()
    sought = [name for name in names if name not in seen and name.isprintable()]
    places = {
        f"place_{n}": Max(StrIndex("data", Value(orjson.dumps(name).decode())))
        for n, name in enumerate(sought)
    }
    found = Result.objects.filter(run=run).aggregate(**places) if places else {}
    seen.update(name for n, name in enumerate(sought) if found[f"place_{n}"])
    return [name for name in names if name not in seen]


def declared(run: Run) -> list[str]:
    """The columns the crawler named at launch, in its order."""
    return list(dict.fromkeys(str(name) for name in run.settings.get("columns", [])))


def offered(run: Run) -> list[str]:
    """The columns that a person may choose from: the declared ones, and what the first rows hold
    besides."""
    snapshot = Snapshot(run, unique=True, count=min(run.unique_results, FIRST))
    return union(snapshot, Choice())


def met(snapshot: Snapshot, choice: Choice) -> Iterator[list[str]]:
    """The chosen columns as they are met: the declared ones, then, a chunk of rows after the other,
    every other field in the order it first appears.

    Reads every row once (0.7 million rows a second on one core): a file's header comes before
    its rows, and a field that is only in the last one must not be lost. Columns that were named
    need no reading.
    """
    names = declared(snapshot.run)
    yield choice.among(names)
    if choice.columns:
        return
    known = set(names)
    for rows in snapshot.rows():
        fresh: list[str] = []
        for row in rows:
            if not row.keys() <= known:
                found = [name for name in row if name not in known]
                fresh += found
                known.update(found)
        yield choice.among(fresh) if fresh else []


def union(snapshot: Snapshot, choice: Choice) -> list[str]:
    """All of them."""
    return [name for names in met(snapshot, choice) for name in names]
