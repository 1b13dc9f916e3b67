"""Rows of many runs, or of a task in many runs, as one list: oldest first, and whatever page of it
is asked for, few rows are read.

The list is made of stretches, one for each run. Their counts are kept, so sums of them tell in
which stretches a page lies; in a stretch, row numbers tell where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Sum, Window

from runs.models import Result, Run, RunTask


class Found(NamedTuple):
    """A row as a list needs it; ``data`` is its JSON."""

    run_id: int
    number: int
    data: str
    created_at: Any


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rows of a run, or of a task in it, that the list has: ``count`` of them, behind
    ``before`` of other runs. Of a task ``first`` and ``last`` are the bounds of its rows among the
    run's, where they are known, and ``alone`` is whether no other task's rows lie between."""

    run: int
    before: int
    count: int
    task: int | None = None
    first: int | None = None
    last: int | None = None
    alone: bool = False

    def all(self, unique: bool) -> Q:
        """What is true of its rows."""
        if self.task is None:
            return Q(run=self.run, **{"unique_number__gte" if unique else "number__gte": 1})
        bounds: dict[str, Any] = {"number__gte": self.first or 1}
        if self.last is not None:
            bounds["number__lte"] = self.last
        if not self.alone:
            bounds["run_task"] = self.task
        return Q(run=self.run, **bounds)

    def part(self, start: int, stop: int, unique: bool) -> list[Found]:
        """Its rows from ``start`` to before ``stop``, counted from 0."""
        if self.task is None:
            return self._numbered(1, start, stop, unique)
        if self.alone and self.first is not None:
            return self._numbered(self._first_number(unique), start, stop, unique)
        return self._walked(start, stop, unique)

    def _numbered(self, first: int, start: int, stop: int, unique: bool) -> list[Found]:
        """Of rows whose numbers have no gap: a range of the index, however far in."""
        name = "unique_number" if unique else "number"
        bounds = {f"{name}__gte": first + start, f"{name}__lt": first + stop}
        return _found(Q(run=self.run, **bounds), unique, name)

    def _first_number(self, unique: bool) -> int:
        """Of a task whose rows follow each other so do those of its unique ones."""
        assert self.first is not None
        if not unique or self.first == 1:
            return self.first
        rows = _rows(self.all(unique), unique).order_by("number")
        return rows.values_list("unique_number", flat=True)[:1].get() or 1

    def _walked(self, start: int, stop: int, unique: bool) -> list[Found]:
        """Of rows that others lie between: counted off from the end that is nearer."""
        if self.last is None or start <= self.count - stop:
            return _found(self.all(unique), unique, "number", start, stop)
        ends = self.count - stop, self.count - start
        return _found(self.all(unique), unique, "-number", *ends)[::-1]


def _rows(where: Q, unique: bool) -> QuerySet[Result]:
    rows = Result.objects.filter(where)
    return rows.filter(unique_number__isnull=False) if unique else rows


def _found(
    where: Q, unique: bool, order: str, start: int = 0, stop: int | None = None
) -> list[Found]:
    rows = _rows(where, unique).order_by("run_id", order)[start:stop]
    return [Found(*row) for row in rows.values_list(*Found._fields)]


class Rows:
    """The rows of runs, or of tasks of runs, all or the unique ones, as one list."""

    def __init__(self, of: QuerySet[Run] | QuerySet[RunTask], *, unique: bool) -> None:
        self.of: QuerySet[Any] = of
        self.unique = unique
        self._count = "unique_results" if unique else "results"
        self.total: int = of.aggregate(n=Sum(self._count))["n"] or 0

    def page(self, start: int, stop: int) -> list[Found]:
        """The rows from ``start`` to before ``stop``, counted from 0. At most five queries, however
        many runs they are of."""
        stop = min(stop, self.total)
        return self._read(self._stretches(start, stop), start, stop) if start < stop else []

    def _stretches(self, start: int, stop: int) -> list[Stretch]:
        """Those that some of these rows are in."""
        counted = self.of.filter(**{f"{self._count}__gt": 0}).annotate(
            upto=Window(Sum(self._count), order_by="pk")
        )
        found = counted.filter(upto__gt=start, upto__lt=F(self._count) + stop).order_by("pk")
        if issubclass(self.of.model, Run):
            told = found.values_list("pk", self._count, "upto")
            return [Stretch(run, upto - count, count) for run, count, upto in told]
        return [
            _of_task(task, task.upto - getattr(task, self._count), self._count) for task in found
        ]

    def _read(self, stretches: Sequence[Stretch], start: int, stop: int) -> list[Found]:
        """The first and the last stretch in part, what lies between in one go."""
        head = [s for s in stretches[:1] if s.before < start or s.before + s.count > stop]
        between = stretches[len(head) :]
        tail = [s for s in between[-1:] if s.before + s.count > stop]
        whole = between[: len(between) - len(tail)]
        rows: list[Found] = []
        for stretch in head:
            first = max(start - stretch.before, 0)
            rows += stretch.part(first, min(stop - stretch.before, stretch.count), self.unique)
        if whole:
            where = reduce(or_, (stretch.all(self.unique) for stretch in whole))
            count = sum(stretch.count for stretch in whole)
            rows += _found(where, self.unique, "number", stop=count)
        for stretch in tail:
            rows += stretch.part(0, stop - stretch.before, self.unique)
        return rows


def _of_task(task: Any, before: int, count: str) -> Stretch:
    first, last = task.first_row, task.last_row
    alone = first is not None and last is not None and last - first + 1 == task.results
    return Stretch(task.run_id, before, getattr(task, count), task.pk, first, last, alone)
