"""``/runs/{id}/stats``: how far a run is. Clients ask for it every few seconds, so it reads the
run's row and one task, however many there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from ninja import Field, Router, Schema

from runs import forecast
from runs.access import run_of
from runs.api.runs import clock
from runs.models import Run, RunTask
from runs.progress import UNKNOWN, Progress, progress
from runs.states import Status, TaskStatus
from squids.api.caller import Caller
from squids.api.schema import answers, moment

router = Router(tags=["Runs"])


class StatsOut(Schema):
    id: str
    object: Literal["run"] = "run"
    status: Status
    percent_done: str = Field(description="Of the tasks: “40%”. A run that is done is at “100%”.")
    total_tasks: int
    total_tasks_done: int
    total_tasks_left: int
    total_results: int = Field(description="Rows collected, duplicates included.")
    results_done: int = Field(description="Unique rows collected.")
    results_total: int | None = Field(
        description="Unique rows that the forecast of its launch reckons with at most, or those"
        " collected where that is more; null without a forecast."
    )
    total_requests: int = Field(description="Pages read.")
    duration: str
    eta: str = Field(description=f"“0:00:09”, or “{UNKNOWN}” where nobody can know.")
    current_task: str = Field(description="The first value of a task that is worked on, or empty.")
    is_done: bool
    started_at: str | None
    ended_at: str | None
    updated_at: str


@router.get("/runs/{uid}/stats", response=answers(StatsOut), summary="How far a run is")
def run_stats(request: Caller, uid: str) -> dict[str, Any]:
    run = run_of(request.user, uid)
    found = progress(run)
    return {
        "id": run.uid,
        "status": run.status,
        "percent_done": f"{100 if run.status == Status.DONE else int(found.percent)}%",
        "total_tasks": run.tasks_total,
        "total_tasks_done": run.tasks_done,
        "total_tasks_left": found.tasks_left,
        "total_results": run.results,
        "results_done": run.unique_results,
        "results_total": _results_total(run),
        "total_requests": run.pages,
        "duration": clock(run.duration),
        "eta": _eta(run, found),
        "current_task": _current_task(run),
        "is_done": run.is_done,
        "started_at": moment(run.started_at),
        "ended_at": moment(run.ended_at),
        "updated_at": moment(run.updated_at),
    }


def _results_total(run: Run) -> int | None:
    told = forecast.kept(run)
    if run.is_done:
        return run.unique_results
    return max(told.rows[1], run.unique_results) if told and told.rows else None


def _eta(run: Run, found: Progress) -> str:
    """In whole seconds, rounded up: what is left is a guess."""
    if run.is_done:
        return "0:00:00"
    if found.left is None:
        return UNKNOWN
    seconds = -(-found.left // timedelta(seconds=1))
    return clock(timedelta(seconds=seconds)).removesuffix(".0")


def _current_task(run: Run) -> str:
    """The first of those that are worked on at this moment."""
    if not run.is_live:
        return ""
    tasks = RunTask.objects.filter(run=run, status=TaskStatus.RUNNING)
    first = tasks.select_related("task").order_by("position").first()
    return first.task.label if first else ""
