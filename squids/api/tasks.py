"""``/tasks``: the input rows of a squid."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Query, Router, Schema

from runs import states
from runs.models import RunTask
from runs.states import TaskStatus
from squids import actions
from squids.access import any_task_of, squid_of
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, listed
from squids.api.schema import Body, answers, moment
from squids.models import TASK_LIMIT, Crawler, Task

router = Router(tags=["Tasks"])

PENDING = {
    "status": TaskStatus.PENDING,
    "started_at": None,
    "ended_at": None,
    "is_done": False,
    "total_results": 0,
    "total_pages": 0,
    "done_reason": None,
    "has_errors": False,
    "errors": None,
}


class NewTasks(Body):
    squid: str
    tasks: list[dict[str, Any]] = Field(
        ...,
        min_length=1,
        max_length=2 * TASK_LIMIT,
        description="Each an object of the crawler's task parameters.",
    )


class TasksAsked(Paging):
    squid: str
    type: Literal["url", "params"] = Field(
        "url", description="How much is told of each, to other servers; here both tell everything."
    )


class _Task(Schema):
    id: str
    hash_value: str
    object: Literal["task"]
    created_at: str
    is_active: bool
    params: dict[str, Any]


class TaskOut(_Task):
    module: str = Field(description="The crawler's id.")


class AddedOut(Schema):
    duplicated_count: int
    tasks: list[TaskOut]


class TaskStatusOut(Schema):
    """How the newest run that has the task went about it; pending where none has."""

    status: Literal["pending", "running", "completed", "aborted", "failed"]
    started_at: str | None
    ended_at: str | None
    is_done: bool
    total_results: int
    total_pages: int
    done_reason: str | None
    has_errors: bool
    errors: str | None


class TaskDetailOut(_Task):
    module: int = Field(description="The crawler's number here.")
    status: TaskStatusOut


class DeletedTaskOut(Schema):
    id: str
    object: Literal["task"]
    deleted: Literal[True]


@router.post("/tasks", response=answers(AddedOut), summary="Add tasks to a squid, all or none")
def add_tasks(request: Caller, body: NewTasks) -> dict[str, Any]:
    squid = squid_of(request.user, body.squid)
    added = actions.add_tasks(squid, body.tasks, all_or_none=True)
    return {
        "duplicated_count": added.duplicates,
        "tasks": [_task(task, squid.crawler) for task in added.tasks],
    }


@router.get("/tasks", response=answers(Page[TaskOut]), summary="A squid's tasks, in their order")
def list_tasks(request: Caller, asked: Query[TasksAsked]) -> dict[str, Any]:
    squid = squid_of(request.user, asked.squid)
    tasks = Task.objects.visible().filter(squid=squid).order_by("position")
    return listed(request, asked, tasks, lambda task: _task(task, squid.crawler))


@router.get("/tasks/{uid}", response=answers(TaskDetailOut), summary="A task and how it went")
def get_task(request: Caller, uid: str) -> dict[str, Any]:
    task = any_task_of(request.user, uid)
    status = _status(RunTask.objects.filter(task=task).order_by("-run_id").first())
    crawler = task.squid.crawler
    return _task(task, crawler) | {"module": crawler.pk, "status": status}


@router.delete("/tasks/{uid}", response=answers(DeletedTaskOut), summary="Delete a task")
def delete_task(request: Caller, uid: str) -> dict[str, Any]:
    """Runs that had it keep showing it."""
    task = any_task_of(request.user, uid)
    actions.delete_task(task)
    return {"id": task.uid, "object": "task", "deleted": True}


def _task(task: Task, crawler: Crawler) -> dict[str, Any]:
    return {
        "id": task.uid,
        "hash_value": task.uid,
        "object": "task",
        "created_at": moment(task.created_at),
        "is_active": task.is_active,
        "params": task.params,
        "module": crawler.uid,
    }


def _status(latest: RunTask | None) -> dict[str, Any]:
    if latest is None:
        return PENDING
    failed = latest.status in states.TASK_FAILED
    return {
        "status": TaskStatus.FAILED if failed else latest.status,
        "started_at": moment(latest.started_at),
        "ended_at": moment(latest.ended_at),
        "is_done": latest.is_ended,
        "total_results": latest.results,
        "total_pages": latest.pages,
        "done_reason": latest.reason or None,
        "has_errors": failed,
        "errors": latest.reason_text or None if failed else None,
    }
