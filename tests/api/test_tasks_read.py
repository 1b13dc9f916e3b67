"""GET /tasks, GET and DELETE /tasks/{id}."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lobstrio.models.task import Task as SdkTask

from runs.models import RunTask
from runs.states import Status, TaskReason, TaskStatus
from squids import actions
from squids.models import Squid, Task
from tests import factories
from tests.api import steps
from tests.api.conftest import Script


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=3)


def task_of(squid: Squid, position: int = 1) -> Task:
    return Task.objects.get(squid=squid, position=position)


def listed(script: Script, squid: Squid, **query: Any) -> Any:
    status, body = script.get("/tasks", squid=squid.uid, **query)
    assert status == 200
    return body


# --- the list ---------------------------------------------------------------------------------


def test_lists_them_in_their_order(script: Script, squid: Squid) -> None:
    body = listed(script, squid)
    urls = [task["params"]["url"] for task in body["data"]]
    assert urls == [f"http://shop.example/{n}" for n in (1, 2, 3)]
    assert (body["total_results"], body["result_from"], body["result_to"]) == (3, 1, 3)
    first = body["data"][0]
    assert first["id"] == first["hash_value"] == task_of(squid).uid
    assert (first["object"], first["is_active"], first["module"]) == (
        "task",
        True,
        squid.crawler.uid,
    )


def test_as_the_sdk_reads_the_list(script: Script, squid: Squid) -> None:
    tasks = [SdkTask.from_api(told) for told in listed(script, squid)["data"]]
    assert [task.params["url"][-1] for task in tasks] == ["1", "2", "3"]
    assert all(task.id and task.is_active and task.created_at for task in tasks)
    assert all(task.status is None for task in tasks)


def test_page_by_page(script: Script, squid: Squid) -> None:
    body = listed(script, squid, page=2, limit=2)
    assert [task["params"]["url"][-1] for task in body["data"]] == ["3"]
    assert (body["total_pages"], body["next"]) == (2, None)
    assert "page=1" in body["previous"] and squid.uid in body["previous"]
    past = listed(script, squid, page=9, limit=2)
    assert (past["data"], past["total_results"]) == ([], 3)


@pytest.mark.parametrize("name", ["page", "limit", "page_size"])
@pytest.mark.parametrize("value", ["", "two", "1.5"])
def test_a_page_or_limit_that_is_no_number(
    script: Script, squid: Squid, name: str, value: str
) -> None:
    status, body = script.get("/tasks", squid=squid.uid, **{name: value})
    assert (status, body["param"]) == (400, name)


def test_tells_excluded_ones_and_leaves_deleted_ones_out(script: Script, squid: Squid) -> None:
    actions.set_task_active(task_of(squid, 1), False)
    actions.delete_task(task_of(squid, 2))
    body = listed(script, squid)
    told = [(task["params"]["url"][-1], task["is_active"]) for task in body["data"]]
    assert told == [("1", False), ("3", True)]
    assert body["total_results"] == 2


@pytest.mark.parametrize("kind", ["url", "params"])
def test_either_type_tells_all_of_every_task(script: Script, squid: Squid, kind: str) -> None:
    places = factories.squid(script.user, tasks=0, crawler="test-places")
    actions.add_tasks(places, [{"city": "Lisbon"}])
    assert listed(script, squid, type=kind)["data"] == listed(script, squid)["data"]
    told = listed(script, places, type=kind)
    assert [task["params"] for task in told["data"]] == [{"city": "Lisbon"}]


@pytest.mark.parametrize(
    ("query", "kind", "param"),
    [
        ({}, "ParamsNeeded", "squid"),
        ({"squid": "s", "type": "words"}, "InvalidParameterValue", "type"),
        ({"squid": "s", "page": "two"}, "InvalidParamType", "page"),
        ({"squid": "s", "limit": "1e9"}, "InvalidParamType", "limit"),
    ],
    ids=["no-squid", "type", "page", "limit"],
)
def test_a_query_that_is_wrong(
    script: Script, query: dict[str, str], kind: str, param: str
) -> None:
    status, body = script.get("/tasks", **query)
    assert (status, body["type"], body["param"]) == (400, kind, param)


@pytest.mark.parametrize("uid", ["", "a" * 32, "\0", "x" * 10_000], ids=range(4))
def test_a_squid_that_is_not_there(script: Script, uid: str) -> None:
    status, body = script.get("/tasks", squid=uid)
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")


def test_the_squid_of_somebody_else(other: Script, squid: Squid) -> None:
    assert other.get("/tasks", squid=squid.uid)[0] == 404


def test_as_many_queries_for_many(script: Script) -> None:
    few, many = factories.squid(script.user, tasks=2), factories.squid(script.user, tasks=90)
    listed(script, few)
    with CaptureQueriesContext(
        connection,
    ) as first:
        listed(script, few)
    with CaptureQueriesContext(connection) as second:
        assert len(listed(script, many, limit=100)["data"]) == 90
    assert len(first) == len(second)


@pytest.mark.sqlite
def test_tasks_deleted_long_ago_are_not_read(script: Script) -> None:
    """A squid that is emptied and filled anew every night has many more of them than of others."""
    squid = factories.squid(script.user, tasks=100)
    with steps.counted() as taken:
        listed(script, squid)
        fresh = taken()
    for _ in range(20):
        actions.empty(squid)
        actions.add_tasks(squid, [{"url": f"http://shop.example/{n}"} for n in range(100)])
    with steps.counted() as taken:
        listed(script, squid)
        assert taken() < fresh * 1.5


# --- one --------------------------------------------------------------------------------------


def detail(script: Script, task: Task) -> Any:
    status, body = script.get(f"/tasks/{task.uid}")
    assert status == 200
    return body


def test_a_task_that_no_run_had(script: Script, squid: Squid) -> None:
    body = detail(script, task_of(squid))
    assert body["id"] == body["hash_value"] == task_of(squid).uid
    assert (body["object"], body["is_active"]) == ("task", True)
    assert body["params"] == {"url": "http://shop.example/1"}
    assert body["module"] == squid.crawler.pk
    assert body["status"] == {
        "status": "pending",
        "started_at": None,
        "ended_at": None,
        "is_done": False,
        "total_results": 0,
        "total_pages": 0,
        "done_reason": None,
        "has_errors": False,
        "errors": None,
    }


def test_a_task_that_a_run_completed(script: Script, squid: Squid) -> None:
    run = factories.run(squid)
    RunTask.objects.filter(run=run, position=1).update(
        results=5,
        pages=2,
        started_at=factories.EPOCH,
        ended_at=factories.EPOCH + timedelta(minutes=1),
    )
    assert detail(script, task_of(squid))["status"] == {
        "status": "completed",
        "started_at": "2025-03-04T15:06:07.000Z",
        "ended_at": "2025-03-04T15:07:07.000Z",
        "is_done": True,
        "total_results": 5,
        "total_pages": 2,
        "done_reason": "completed",
        "has_errors": False,
        "errors": None,
    }


@pytest.mark.parametrize(
    ("kept", "told", "is_done", "has_errors"),
    [
        (TaskStatus.PENDING, "pending", False, False),
        (TaskStatus.RUNNING, "running", False, False),
        (TaskStatus.COMPLETED, "completed", True, False),
        (TaskStatus.ABORTED, "aborted", True, False),
        (TaskStatus.FAILED, "failed", True, True),
        (TaskStatus.ERROR, "failed", True, True),
    ],
)
def test_statuses(
    script: Script, squid: Squid, kept: str, told: str, is_done: bool, has_errors: bool
) -> None:
    run = factories.run(squid, status=Status.RUNNING)
    RunTask.objects.filter(run=run).update(status=kept, message="The page was empty.")
    status = detail(script, task_of(squid))["status"]
    assert (status["status"], status["is_done"], status["has_errors"]) == (
        told,
        is_done,
        has_errors,
    )
    assert status["errors"] == ("The page was empty." if has_errors else None)


def test_the_newest_run_counts(script: Script, squid: Squid) -> None:
    first = factories.run(squid)
    RunTask.objects.filter(run=first).update(
        status=TaskStatus.FAILED, reason=TaskReason.REQUEST_FAILED
    )
    status = detail(script, task_of(squid))["status"]
    assert (status["done_reason"], status["errors"]) == (
        "request_failed",
        "A page could not be fetched.",
    )
    factories.run(squid, status=Status.PENDING)
    assert detail(script, task_of(squid))["status"]["status"] == "pending"


def test_as_the_sdk_reads_one(script: Script, squid: Squid) -> None:
    factories.run(squid)
    RunTask.objects.update(results=3, pages=1)
    task = SdkTask.from_api(detail(script, task_of(squid)))
    assert (task.id, task.params) == (task_of(squid).uid, {"url": "http://shop.example/1"})
    assert task.status
    assert (task.status.status, task.status.total_results) == ("completed", 3)
    assert (task.status.done_reason, task.status.has_errors) == ("completed", False)


@pytest.mark.parametrize("uid", ["a" * 32, "task", "A" * 32, "%00", "%ED%A0%80", "x" * 5_000])
def test_a_task_that_is_not_there(script: Script, uid: str) -> None:
    for status, body in (script.get(f"/tasks/{uid}"), script.delete(f"/tasks/{uid}")):
        assert (status, body["type"]) == (404, "TaskDoesNotExist")


def test_the_task_of_somebody_else(other: Script, squid: Squid) -> None:
    uid = task_of(squid).uid
    assert other.get(f"/tasks/{uid}")[0] == 404
    assert other.delete(f"/tasks/{uid}")[0] == 404
    assert Task.objects.visible().filter(uid=uid).exists()


# --- and without it ---------------------------------------------------------------------------


def test_deletes_one(script: Script, squid: Squid) -> None:
    uid = task_of(squid).uid
    assert script.delete(f"/tasks/{uid}") == (200, {"id": uid, "object": "task", "deleted": True})
    assert listed(script, squid)["total_results"] == 2
    assert script.get(f"/tasks/{uid}")[0] == 404
    assert script.delete(f"/tasks/{uid}")[0] == 404


def test_it_can_be_added_again(script: Script, squid: Squid) -> None:
    task = task_of(squid)
    script.delete(f"/tasks/{task.uid}")
    _, body = script.post("/tasks", {"squid": squid.uid, "tasks": [task.params]})
    assert body["tasks"][0]["id"] != task.uid
    assert listed(script, squid)["data"][-1]["params"] == task.params
