"""Any page of rows of many runs is the same slice of the whole list, and few rows are read."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from runs.models import Result, Run, RunTask
from runs.stretches import Rows
from squids.models import Squid
from tests import factories

pytestmark = pytest.mark.django_db

TASKS = 3


@pytest.fixture
def squid() -> Squid:
    return factories.squid(factories.user("owner"), tasks=TASKS)


def filled(squid: Squid, seed: int) -> Run:
    """A run whose tasks take turns by chance, a page of some rows each; many are duplicates. Some
    runs have none."""
    chance = random.Random(seed)
    run = factories.run(squid)
    for _ in range(seed % 5 * 2):
        rows = [{"n": chance.randrange(30)} for _ in range(chance.randrange(1, 6))]
        factories.results(run, rows, task=chance.randrange(TASKS) + 1)
    return run


def whole(of: QuerySet[Any], *, unique: bool) -> list[tuple[int, int]]:
    """The list without any art."""
    where = {"run__in": of} if of.model is Run else {"run_task__in": of}
    rows = Result.objects.filter(**where).order_by("run_id", "number")
    rows = rows.filter(unique_number__isnull=False) if unique else rows
    return list(rows.values_list("run_id", "number"))


@pytest.mark.parametrize("unique", [False, True], ids=["all", "unique"])
@pytest.mark.parametrize("bounds", ["known", "unknown", "half known"])
def test_every_page_is_a_slice(squid: Squid, unique: bool, bounds: str) -> None:
    for seed in range(1, 6):
        filled(squid, seed)
    if bounds != "known":
        RunTask.objects.update(first_row=None)
    if bounds == "unknown":
        RunTask.objects.update(last_row=None)
    lists: list[QuerySet[Any]] = [Run.objects.filter(squid=squid)]
    lists += [RunTask.objects.filter(task=task) for task in squid.tasks.all()]
    for of in lists:
        expected = whole(of, unique=unique)
        rows = Rows(of, unique=unique)
        assert rows.total == len(expected) > 0
        for size in (1, 4, 7, 50, len(expected)):
            for start in range(0, len(expected) + size, size):
                found = rows.page(start, start + size)
                assert [(row.run_id, row.number) for row in found] == expected[start:][:size]


def test_a_task_whose_rows_follow_each_other(squid: Squid) -> None:
    """By number then, of the unique ones too, however many duplicates lie between."""
    run = factories.results(factories.run(squid), [{"n": n} for n in range(20)], task=2)
    factories.results(run, [{"n": n} for n in range(10, 40)])
    for unique in (False, True):
        of = RunTask.objects.filter(run=run, position=1)
        expected = whole(of, unique=unique)
        rows = Rows(of, unique=unique)
        found = [rows.page(start, start + 7) for start in range(0, 35, 7)]
        assert [(row.run_id, row.number) for page in found for row in page] == expected


def plans(rows: Rows, start: int, stop: int) -> list[str]:
    """How the rows are looked for."""
    with CaptureQueriesContext(connection) as asked:
        rows.page(start, stop)
    steps = []
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            steps += [row[3] for row in cursor.fetchall() if "runs_result" in row[3]]
    return steps


@pytest.mark.sqlite
def test_rows_are_found_by_ranges_of_an_index(squid: Squid) -> None:
    for _ in range(6):
        run = factories.run(squid)
        for turn in range(4):
            rows = [{"n": turn * 10 + n} for n in range(10)]
            factories.results(run, rows, task=turn % 2 + 1)
    for unique, column in ((False, "number"), (True, "unique_number")):
        steps = plans(Rows(Run.objects.filter(squid=squid), unique=unique), 35, 135)
        assert steps and all(f"(run_id=? AND {column}" in step for step in steps), steps
        steps = plans(Rows(RunTask.objects.filter(task__position=1), unique=unique), 15, 75)
        assert steps and all("(run_id=? AND number" in step for step in steps), steps
