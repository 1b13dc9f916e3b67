"""``/runtasks``: the tasks of a run, as that run worked on them."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Query, Router, Schema

from runs.access import run_of
from runs.models import Run, RunTask
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, page_of
from squids.api.schema import answers, moment
from squids.ids import uid_from

router = Router(tags=["Runs"])


class RunTasksAsked(Paging):
    run: str


class RunTaskOut(Schema):
    id: str
    object: Literal["runtask"]
    task: str
    run: str
    status: Literal["pending", "running", "completed", "aborted", "failed", "error"]
    params: dict[str, Any]
    total_results: int | None = Field(
        description="How many are expected: what the site says, or, once the task has ended, what"
        " it collected. Null while that is not known."
    )
    last_result: int = Field(description="How many were collected.")
    total_pages: int | None = Field(description="Null until the task has ended.")
    last_page: int = Field(description="How many pages were read.")
    done_reason: str | None
    done_reason_desc: str | None
    started_at: str | None
    ended_at: str | None
    last_collection_at: str | None


@router.get("/runtasks", response=answers(Page[RunTaskOut]), summary="A run's tasks, in order")
def list_run_tasks(request: Caller, asked: Query[RunTasksAsked]) -> dict[str, Any]:
    return _page(request, run_of(request.user, asked.run), asked)


@router.get(
    "/runs/{uid}/tasks", response=answers(Page[RunTaskOut]), summary="The same as /runtasks"
)
def list_tasks_of_run(request: Caller, uid: str, paging: Query[Paging]) -> dict[str, Any]:
    return _page(request, run_of(request.user, uid), paging)


def _page(request: Caller, run: Run, paging: Paging) -> dict[str, Any]:
    """Positions are dense, so a page is a range of their index; deleted tasks are still shown."""
    tasks = RunTask.objects.filter(
        run=run, position__gt=paging.start, position__lte=min(paging.end, run.tasks_total)
    )
    found = tasks.select_related("task").order_by("position")
    return page_of(request, paging, run.tasks_total, [_run_task(run, task) for task in found])


def _run_task(run: Run, task: RunTask) -> dict[str, Any]:
    reached = task.results if task.is_ended else None
    expected = task.expected_results
    return {
        "id": _id(run, task),
        "object": "runtask",
        "task": task.task.uid,
        "run": run.uid,
        "status": task.status,
        "params": task.task.params,
        "total_results": reached if expected is None else expected,
        "last_result": task.results,
        "total_pages": task.pages if task.is_ended else None,
        "last_page": task.pages,
        "done_reason": task.reason or None,
        "done_reason_desc": task.reason_text or None,
        "started_at": moment(task.started_at),
        "ended_at": moment(task.ended_at),
        "last_collection_at": moment(task.last_page_at),
    }


def _id(run: Run, task: RunTask) -> str:
    """A task of a run has no id of its own: one is made of the run's and its position there, which
    never changes."""
    return uid_from(f"{run.uid}/{task.position}")
