"""POST /tasks: all of them, or none."""

from __future__ import annotations

from typing import Any

import pytest
from lobstrio.models.task import AddTasksResult

from squids.models import TASK_LIMIT, Squid, Task
from tests import factories
from tests.api.conftest import Script

URL = "http://shop.example/new"


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=3)


def add(script: Script, squid: Squid, *tasks: Any) -> tuple[int, Any]:
    return script.post("/tasks", {"squid": squid.uid, "tasks": list(tasks)})


def count(squid: Squid) -> int:
    return int(Task.objects.visible().filter(squid=squid).count())


def test_adds_them_and_answers_with_them(script: Script, squid: Squid) -> None:
    status, body = add(script, squid, {"url": f" {URL} "}, {"url": f"{URL}/2"})
    assert status == 200
    assert body["duplicated_count"] == 0
    kept = list(Task.objects.filter(squid=squid).order_by("position"))[3:]
    assert [task["id"] for task in body["tasks"]] == [task.uid for task in kept]
    told = body["tasks"][0]
    assert told.pop("created_at").endswith("Z")
    assert told == {
        "id": kept[0].uid,
        "hash_value": kept[0].uid,
        "object": "task",
        "is_active": True,
        "params": {"url": URL},
        "module": squid.crawler.uid,
    }


def test_as_the_sdk_reads_it(script: Script, squid: Squid) -> None:
    result = AddTasksResult.from_api(add(script, squid, {"url": URL}, {"url": URL})[1])
    assert result.duplicated_count == 1
    assert [(len(task.id), task.params) for task in result.tasks] == [(32, {"url": URL})]
    assert result.tasks[0].is_active and result.tasks[0].created_at


def test_duplicates_are_counted_and_left_out(script: Script, squid: Squid) -> None:
    _, body = add(script, squid, {"url": "http://shop.example/1"}, {"url": URL}, {"url": URL})
    assert body["duplicated_count"] == 2
    assert [task["params"] for task in body["tasks"]] == [{"url": URL}]


def test_all_there_already(script: Script, squid: Squid) -> None:
    status, body = add(script, squid, {"url": "http://shop.example/1"})
    assert (status, body) == (200, {"duplicated_count": 1, "tasks": []})


def test_values_that_are_no_text_are_taken_by_the_parameters_type(script: Script) -> None:
    places = factories.squid(script.user, tasks=0, crawler="test-places")
    status, body = add(script, places, {"city": 75001, "country": None}, {"city": "75001"})
    assert status == 200
    assert body["duplicated_count"] == 1
    assert body["tasks"][0]["params"] == {"city": "75001"}


@pytest.mark.parametrize(
    ("task", "param", "text"),
    [
        pytest.param({"url": "no address"}, "tasks.1.url", "no web address", id="address"),
        pytest.param({}, "tasks.1.url", "A value is needed", id="missing"),
        pytest.param({"url": None}, "tasks.1.url", "A value is needed", id="null"),
        pytest.param({"url": ""}, "tasks.1.url", "A value is needed", id="empty"),
        pytest.param({"url": URL, "depth": 1}, "tasks.1.depth", "no such parameter", id="unknown"),
        pytest.param({"url": ["a"]}, "tasks.1.url", "must be text", id="list"),
        pytest.param({"url": {"a": {"b": 1}}}, "tasks.1.url", "must be text", id="nested"),
        pytest.param({"url": True}, "tasks.1.url", "must be text", id="boolean"),
        pytest.param({"url": 7}, "tasks.1.url", "no web address", id="number"),
        pytest.param({"url": "http://a.example/\0"}, "tasks.1.url", "no text", id="nul"),
        pytest.param({"url": "http://a.example/\ud800"}, "tasks.1.url", "no text", id="surrogate"),
        pytest.param({"\ud800\0": "a"}, "tasks.1.\ud800\0", "no such parameter", id="odd-name"),
    ],
)
def test_one_that_is_wrong_is_named_and_nothing_is_added(
    script: Script, squid: Squid, task: Any, param: str, text: str
) -> None:
    status, body = add(script, squid, {"url": URL}, task, {"url": "also wrong"})
    assert (status, body["type"], body["param"]) == (400, "TaskNotValidError", param)
    assert text in body["error"] and body["error"].startswith(param)
    assert "This is task 2; no task was added." in body["error"]
    assert count(squid) == 3


@pytest.mark.parametrize(
    ("body", "kind", "param"),
    [
        pytest.param({"tasks": []}, "InvalidParameterValue", "tasks", id="no-task"),
        pytest.param({"tasks": [{}] * 20_001}, "InvalidParameterValue", "tasks", id="many"),
        pytest.param({"tasks": None}, "InvalidParamType", "tasks", id="null"),
        pytest.param({"tasks": {"url": URL}}, "InvalidParamType", "tasks", id="object"),
        pytest.param({"tasks": "a"}, "InvalidParamType", "tasks", id="text"),
        pytest.param({"tasks": [{"url": URL}, "a"]}, "InvalidParamType", "tasks.1", id="text-in"),
        pytest.param({"tasks": [None]}, "InvalidParamType", "tasks.0", id="null-in"),
        pytest.param({"tasks": [[]]}, "InvalidParamType", "tasks.0", id="list-in"),
        pytest.param({}, "ParamsNeeded", "tasks", id="none"),
        pytest.param({"squid": 7, "tasks": [{}]}, "InvalidParamType", "squid", id="squid-number"),
        pytest.param({"squid": None, "tasks": [{}]}, "InvalidParamType", "squid", id="squid-null"),
        pytest.param({"tasks": [{}], "also": 1}, "InvalidParam", "also", id="unknown-field"),
    ],
)
def test_a_body_that_is_wrong(
    script: Script, squid: Squid, body: dict[str, Any], kind: str, param: str
) -> None:
    status, said = script.post("/tasks", {"squid": squid.uid} | body)
    assert (status, said["type"], said["param"]) == (400, kind, param)
    assert count(squid) == 3


@pytest.mark.parametrize("uid", ["", "a" * 32, "\0", "\ud800", "x" * 100_000], ids=range(5))
def test_no_such_squid(script: Script, uid: str) -> None:
    status, body = script.post("/tasks", {"squid": uid, "tasks": [{"url": URL}]})
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")


def test_the_squid_of_somebody_else(other: Script, squid: Squid) -> None:
    assert add(other, squid, {"url": URL})[0] == 404
    assert count(squid) == 3


@pytest.mark.parametrize(
    "text",
    ['{"squid": "', "[" * 100_000, '{"tasks": [' * 2_000, "null", "[]", "7", ""],
    ids=["cut-off", "deep-list", "deep-object", "null", "list", "number", "empty"],
)
def test_a_body_that_is_no_json_object(script: Script, text: str) -> None:
    answer = script.client.post("/v1/tasks", text, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == 400


def test_a_body_larger_than_is_read(script: Script, squid: Squid) -> None:
    status, body = add(script, squid, {"url": "a" * 26 * 1024 * 1024})
    assert (status, body["type"]) == (413, "FileSizeLimitExceeded")


def test_a_value_of_a_megabyte(script: Script, squid: Squid) -> None:
    long = f"{URL}?{'a' * 1024 * 1024}"
    status, body = add(script, squid, {"url": long})
    assert status == 200
    assert body["tasks"][0]["params"] == {"url": long}
    status, body = add(script, squid, {"a" * 1024 * 1024: URL})
    assert status == 400


def test_as_many_as_a_squid_holds(script: Script) -> None:
    empty = factories.squid(script.user, tasks=0)
    tasks = [{"url": f"{URL}/{n}"} for n in range(TASK_LIMIT)]
    status, body = add(script, empty, *tasks)
    assert (status, len(body["tasks"])) == (200, TASK_LIMIT)
    assert count(empty) == TASK_LIMIT
    positions = Task.objects.filter(squid=empty).order_by("position")
    assert list(positions.values_list("uid", flat=True)) == [task["id"] for task in body["tasks"]]
    assert add(script, empty, *tasks)[1]["duplicated_count"] == TASK_LIMIT


def test_more_than_a_squid_holds(script: Script, squid: Squid) -> None:
    tasks = [{"url": f"{URL}/{n}"} for n in range(TASK_LIMIT + 1)]
    status, body = add(script, squid, *tasks)
    assert (status, body["type"]) == (400, "UsageLimitExceeded")
    assert "10,000" in body["error"]
    assert count(squid) == 3


def test_a_crawler_that_is_not_installed_any_more(script: Script, squid: Squid) -> None:
    squid.crawler.slug = "gone-crawler"
    squid.crawler.save()
    status, body = add(script, squid, {"url": URL})
    assert (status, body["type"]) == (400, "ModuleUnavailable")
