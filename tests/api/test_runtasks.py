"""GET /runtasks, and /runs/{id}/tasks, which is the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lobstrio.models.task import Task as SdkTask

from runs.models import Run, RunTask
from runs.states import Status, TaskReason, TaskStatus
from squids import actions
from squids.models import Squid, Task
from tests import factories
from tests.api import steps
from tests.api.conftest import Script


@pytest.fixture
def run(script: Script) -> Run:
    return factories.run(factories.squid(script.user, tasks=3))


def listed(script: Script, run: Run, **query: Any) -> Any:
    status, body = script.get("/runtasks", run=run.uid, **query)
    assert status == 200
    return body


def only(script: Script, run: Run, **values: Any) -> Any:
    """The first task of a run, told with these values."""
    RunTask.objects.filter(run=run, position=1).update(**values)
    return listed(script, run)["data"][0]


def test_tells_them_in_order(script: Script, run: Run) -> None:
    body = listed(script, run)
    assert [task["params"]["url"][-1] for task in body["data"]] == ["1", "2", "3"]
    assert (body["total_results"], body["total_pages"]) == (3, 1)
    tasks = Task.objects.order_by("position")
    assert [task["task"] for task in body["data"]] == [task.uid for task in tasks]


def test_one_that_is_completed(script: Script, run: Run) -> None:
    at = factories.EPOCH
    told = only(
        script,
        run,
        results=7,
        pages=2,
        expected_results=9,
        started_at=at,
        last_page_at=at + timedelta(seconds=1),
        ended_at=at + timedelta(seconds=2),
    )
    assert len(told.pop("id")) == 32
    assert told == {
        "object": "runtask",
        "task": Task.objects.get(position=1).uid,
        "run": run.uid,
        "status": "completed",
        "params": {"url": "http://shop.example/1"},
        "total_results": 9,
        "last_result": 7,
        "total_pages": 2,
        "last_page": 2,
        "done_reason": "completed",
        "done_reason_desc": "Every page was read.",
        "started_at": "2025-03-04T15:06:07.000Z",
        "ended_at": "2025-03-04T15:06:09.000Z",
        "last_collection_at": "2025-03-04T15:06:08.000Z",
    }


def test_totals_are_null_until_they_are_known(script: Script, run: Run) -> None:
    told = only(script, run, status=TaskStatus.RUNNING, reason="", results=7, pages=2)
    assert (told["total_results"], told["last_result"]) == (None, 7)
    assert (told["total_pages"], told["last_page"]) == (None, 2)
    assert (told["done_reason"], told["done_reason_desc"]) == (None, None)
    assert only(script, run, expected_results=40)["total_results"] == 40
    ended = only(script, run, status=TaskStatus.COMPLETED, expected_results=None)
    assert (ended["total_results"], ended["total_pages"]) == (7, 2)


@pytest.mark.parametrize("status", list(TaskStatus))
def test_statuses_are_told_as_they_are(script: Script, run: Run, status: TaskStatus) -> None:
    assert only(script, run, status=status)["status"] == status.value


def test_why_one_failed(script: Script, run: Run) -> None:
    told = only(
        script, run, status=TaskStatus.FAILED, reason=TaskReason.BAD_PAGE, message="It was empty."
    )
    assert (told["done_reason"], told["done_reason_desc"]) == ("bad_page", "It was empty.")


def test_ids_last_and_are_one_for_each(script: Script, run: Run) -> None:
    ids = [task["id"] for task in listed(script, run)["data"]]
    again = factories.run(run.squid)
    others = [task["id"] for task in listed(script, again)["data"]]
    assert len({*ids, *others}) == 6
    RunTask.objects.update(results=1)
    assert [task["id"] for task in listed(script, run)["data"]] == ids


def test_deleted_tasks_are_still_shown(script: Script, run: Run) -> None:
    before = listed(script, run)
    actions.empty(run.squid)
    assert listed(script, run) == before


def test_page_by_page(script: Script, run: Run) -> None:
    body = listed(script, run, page=2, limit=2)
    assert [task["params"]["url"][-1] for task in body["data"]] == ["3"]
    assert (body["total_pages"], body["next"], body["result_from"]) == (2, None, 3)
    past = listed(script, run, page=1_000_000_000_000, limit=2)
    assert (past["data"], past["total_results"]) == ([], 3)
    assert listed(script, run, page=-1)["page"] == 1


def test_below_the_run_they_are_the_same(script: Script, run: Run) -> None:
    status, body = script.get(f"/runs/{run.uid}/tasks", page=2, limit=2)
    assert status == 200
    assert body["data"] == listed(script, run, page=2, limit=2)["data"]
    assert f"/v1/runs/{run.uid}/tasks?" in body["previous"]


def test_as_the_sdk_reads_them(script: Script, run: Run) -> None:
    tasks = [SdkTask.from_api(told) for told in listed(script, run)["data"]]
    assert [task.params["url"][-1] for task in tasks] == ["1", "2", "3"]
    assert all(len(task.id) == 32 and task.status is None for task in tasks)


def test_without_a_run(script: Script) -> None:
    status, body = script.get("/runtasks")
    assert (status, body["type"], body["param"]) == (400, "ParamsNeeded", "run")


@pytest.mark.parametrize("uid", ["a" * 32, "%00", "A" * 32, "x" * 5_000])
def test_a_run_that_is_not_there(script: Script, run: Run, uid: str) -> None:
    for status, body in (script.get(f"/runs/{uid}/tasks"), script.get("/runtasks", run=uid)):
        assert (status, body["type"]) == (404, "RunDoesNotExist")


def test_the_run_of_somebody_else(other: Script, run: Run) -> None:
    assert other.get("/runtasks", run=run.uid)[0] == 404
    assert other.get(f"/runs/{run.uid}/tasks")[0] == 404


def test_a_run_that_has_no_task_left(script: Script) -> None:
    empty = factories.run(factories.squid(script.user, tasks=0), status=Status.PENDING)
    assert listed(script, empty)["data"] == []


# --- what it costs ----------------------------------------------------------------------------


@pytest.fixture
def long_run(script: Script) -> Run:
    squid: Squid = factories.squid(script.user, tasks=2_000)
    return factories.run(squid)


def test_as_many_queries_for_many(script: Script, run: Run, long_run: Run) -> None:
    listed(script, run)  # the first use of a key is noted
    with CaptureQueriesContext(connection) as few:
        listed(script, run)
    with CaptureQueriesContext(connection) as many:
        assert len(listed(script, long_run, limit=100)["data"]) == 100
    assert len(few) == len(many)


@pytest.mark.sqlite
def test_the_last_page_costs_what_the_first_does(script: Script, long_run: Run) -> None:
    listed(script, long_run)  # the key's first use is noted
    taken: list[int] = []
    for page in (1, 20):
        with steps.counted() as count:
            assert len(listed(script, long_run, page=page, limit=100)["data"]) == 100
            taken.append(count())
    # Noting the key's use once more takes a few hundred; to pass over the rows, many thousand.
    assert abs(taken[1] - taken[0]) <= 1_000
