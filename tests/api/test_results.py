"""GET /results: rows of a squid, a run or a task, as an export would give them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Result, Run, RunTask
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script

OURS = {"id", "object", "squid", "run", "scraping_time"}


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=2)


@pytest.fixture
def run(squid: Squid) -> Run:
    """Rows 1, 2, 3 of the first task and 2, 4 of the second, whose 2 is a duplicate."""
    run = factories.results(factories.run(squid), [{"n": 1}, {"n": 2}])
    factories.results(run, [{"n": 2}, {"n": 4}], task=2)
    return factories.results(run, [{"n": 3}])


def numbers(answer: tuple[int, Any]) -> list[Any]:
    status, page = answer
    assert status == 200, page
    assert page["total_results"] == len(page["data"])
    return [row["n"] for row in page["data"]]


def test_a_row(script: Script, run: Run) -> None:
    _, page = script.get("/results", run=run.uid)
    row = page["data"][0]
    assert row.keys() == OURS | {"n"}
    assert (row["object"], row["run"], row["squid"]) == ("result", run.uid, run.squid.uid)
    assert len(row["id"]) == 32 and row["scraping_time"] == "2025-03-04T15:06:07.000Z"


def test_ids_stay_and_differ(script: Script, run: Run) -> None:
    Squid.objects.update(export_unique_results=False)
    rows = script.get("/results", run=run.uid)[1]["data"]
    again = script.get("/results", squid=run.squid.uid, page=2, limit=2)[1]["data"]
    assert len({row["id"] for row in rows}) == 5
    assert [row["id"] for row in again] == [row["id"] for row in rows[2:4]]


def test_the_unique_ones_or_all_as_the_squid_says(script: Script, run: Run) -> None:
    assert numbers(script.get("/results", run=run.uid)) == [1, 2, 4, 3]
    Squid.objects.update(export_unique_results=False)
    assert numbers(script.get("/results", run=run.uid)) == [1, 2, 2, 4, 3]


def test_of_a_task(script: Script, run: Run) -> None:
    first, second = run.squid.tasks.order_by("position")
    assert numbers(script.get("/results", task=first.uid)) == [1, 2, 3]
    assert numbers(script.get("/results", task=second.uid, run=run.uid)) == [4]
    Squid.objects.update(export_unique_results=False)
    assert numbers(script.get("/results", task=second.uid, squid=run.squid.uid)) == [2, 4]


def test_of_a_squid_its_oldest_run_first(script: Script, run: Run) -> None:
    factories.results(factories.run(run.squid), [{"n": 1}, {"n": 9}])
    assert numbers(script.get("/results", squid=run.squid.uid)) == [1, 2, 4, 3, 1, 9]
    task = run.squid.tasks.earliest("position")
    assert numbers(script.get("/results", task=task.uid)) == [1, 2, 3, 1, 9]


def test_of_a_squid_without_a_run(script: Script, squid: Squid) -> None:
    assert numbers(script.get("/results", squid=squid.uid)) == []
    assert numbers(script.get("/results", task=squid.tasks.earliest("pk").uid)) == []


def test_pages(script: Script, run: Run) -> None:
    _, page = script.get("/results", run=run.uid, page=2, page_size=3)
    assert [row["n"] for row in page.pop("data")] == [3]
    assert (page["total_results"], page["limit"], page["total_pages"]) == (4, 3, 2)
    assert (page["result_from"], page["result_to"], page["next"]) == (4, 4, None)
    assert page["previous"] == f"http://testserver/v1/results?run={run.uid}&page=1&page_size=3"


@pytest.mark.parametrize("past", [3, 1_000_000, 10**30])
def test_past_the_end(script: Script, run: Run, past: int) -> None:
    status, page = script.get("/results", squid=run.squid.uid, page=past)
    assert status == 200 and page["data"] == [] and page["total_results"] == 4


def test_one_of_three_is_needed(script: Script) -> None:
    status, body = script.get("/results", page=1)
    assert (status, body["type"]) == (400, "ParamsNeeded")
    assert all(name in body["error"] for name in ("squid", "run", "task"))


@pytest.mark.parametrize("page", ["x", "1.5"])
def test_a_page_that_is_none(script: Script, run: Run, page: str) -> None:
    status, body = script.get("/results", run=run.uid, page=page)
    assert (status, body["param"]) == (400, "page")


@pytest.mark.parametrize("kind", ["squid", "run", "task"])
def test_what_is_not_theirs_is_not_there(
    script: Script, other: Script, run: Run, kind: str
) -> None:
    uids = {
        "squid": run.squid.uid,
        "run": run.uid,
        "task": run.squid.tasks.earliest("pk").uid,
    }
    assert script.get("/results", **{kind: uids[kind]})[0] == 200
    assert other.get("/results", **{kind: uids[kind]})[0] == 404
    for nothing in ("0" * 32, "x", "0" * 5_000, "ü", "a\x00b"):
        assert script.get("/results", **{kind: nothing})[0] == 404


def test_a_run_or_task_of_another_squid_is_not_there(script: Script, run: Run) -> None:
    another = factories.squid(script.user)
    task = another.tasks.earliest("pk")
    asked = [
        {"squid": another.uid, "run": run.uid},
        {"squid": run.squid.uid, "task": task.uid},
        {"run": run.uid, "task": task.uid},
    ]
    assert [script.get("/results", **query)[0] for query in asked] == [404, 404, 404]


def test_fields_named_as_ours_have_an_underscore(script: Script, squid: Squid) -> None:
    row = {"id": 7, "run": "marathon", "run_": "kept", "squid": None, "title": "x"}
    run = factories.results(factories.run(squid), [row])
    [told] = script.get("/results", run=run.uid)[1]["data"]
    assert (told["id_"], told["squid_"], told["title"]) == (7, None, "x")
    assert (told["run"], told["run_"], told["run__"]) == (run.uid, "kept", "marathon")


def test_values_of_any_kind(script: Script, squid: Squid) -> None:
    """Stored as text, so as it came: what no JSON has is null, the rest is as it was."""
    deep: Any = "end"
    for _ in range(240):
        deep = [deep]
    row = {"huge": 10**40, "deep": deep, "half": "\ud83d", "nul": "a\x00", "": {"": [None, 0.0]}}
    run = factories.results(factories.run(squid), [row, {"nan": float("nan"), "inf": [-1e999]}])
    answer = script.client.get(f"/v1/results?run={run.uid}")

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    told = json.loads(answer.content, parse_constant=refuse)["data"]
    assert {name: told[0][name] for name in row} == row
    assert (told[1]["nan"], told[1]["inf"]) == (None, [None])


def test_a_fixed_number_of_queries(script: Script, run: Run) -> None:
    def asked(**query: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert script.get("/results", **query)[0] == 200
        return len(queries)

    task = run.squid.tasks.earliest("position")
    for _ in range(3):
        factories.results(factories.run(run.squid), [{"n": 1}])
    asked(squid=run.squid.uid)  # notes the key's use
    few = asked(squid=run.squid.uid), asked(task=task.uid)
    for _ in range(20):
        factories.results(factories.run(run.squid), [{"n": 1}])
    assert (asked(squid=run.squid.uid), asked(task=task.uid)) == few


def test_rows_of_tasks_that_are_older_than_their_bounds(script: Script, run: Run) -> None:
    RunTask.objects.update(first_row=None, last_row=None)
    first, second = run.squid.tasks.order_by("position")
    assert numbers(script.get("/results", task=first.uid)) == [1, 2, 3]
    assert numbers(script.get("/results", task=second.uid)) == [4]
    RunTask.objects.update(last_row=Result.objects.filter(run=run).count())
    assert numbers(script.get("/results", task=first.uid)) == [1, 2, 3]
