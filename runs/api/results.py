"""``GET /results``: the rows of a squid, a run or a task, as an export would give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from ninja import Field, Query, Router
from pydantic import WithJsonSchema

from runs.access import run_of
from runs.exports import parsed
from runs.models import Run, RunTask
from runs.stretches import Found, Rows
from squids.access import NoSuch, is_id, squid_of, squids_of
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, page_of
from squids.api.schema import answers, moment
from squids.errors import ParamNeeded
from squids.ids import UID, uid_from
from squids.models import Squid, Task, User

router = Router(tags=["Results"])

OURS = ("id", "object", "squid", "run", "scraping_time")
ID = {"type": "string", "pattern": f"^{UID}$"}
ROW_SCHEMA = {
    "title": "Result",
    "type": "object",
    "description": "The crawler's fields besides, with values of any kind. One of them that is "
    "named as one of these has an underscore behind its name.",
    "properties": {
        "id": ID,
        "object": {"type": "string", "const": "result"},
        "squid": ID,
        "run": ID,
        "scraping_time": {"type": "string", "format": "date-time"},
    },
    "required": list(OURS),
    "additionalProperties": True,
}


class ResultsOut(Page[Annotated[dict[str, Any], WithJsonSchema(ROW_SCHEMA)]]):
    """A page of rows."""


class Asked(Paging):
    """At least one of the three; rows are of all that are given."""

    squid: str | None = Field(None, description="Rows of this squid, its oldest run first.")
    run: str | None = Field(None, description="Rows of this run.")
    task: str | None = Field(None, description="Rows of this task.")


@router.get("/results", response=answers(ResultsOut), summary="Rows of a squid, run or task")
def results(request: Caller, asked: Query[Asked]) -> dict[str, Any]:
    squid, run, task = _named(request.user, asked)
    rows = Rows(_where(squid, run, task), unique=squid.export_unique_results)
    found = rows.page(asked.start, asked.end)
    return page_of(request, asked, rows.total, _told(squid, found))


def _named(user: User, asked: Asked) -> tuple[Squid, Run | None, Task | None]:
    """What was named, and whose squid it is. Raises NoSuch, also where one is of another squid than
    the next."""
    run = run_of(user, asked.run) if asked.run is not None else None
    task = _task(user, asked.task) if asked.task is not None else None
    if asked.squid is not None:
        squid = squid_of(user, asked.squid)
    elif run or task:
        squid = (run or task).squid  # type: ignore[union-attr]
    else:
        raise ParamNeeded("squid", "Name a squid, a run or a task.")
    if run and run.squid_id != squid.pk:
        raise NoSuch("run")
    if task and task.squid_id != squid.pk:
        raise NoSuch("task")
    return squid, run, task


def _task(user: User, uid: str) -> Task:
    """Also one that was deleted: its rows stay."""
    tasks = Task.objects.filter(squid__in=squids_of(user), uid=uid).select_related("squid")
    task: Task | None = tasks.first() if is_id(uid) else None
    if task is None:
        raise NoSuch("task")
    return task


def _where(squid: Squid, run: Run | None, task: Task | None) -> Any:
    if task is None:
        return Run.objects.filter(pk=run.pk) if run else Run.objects.filter(squid=squid)
    tasks = RunTask.objects.filter(task=task)
    return tasks.filter(run=run) if run else tasks


def _told(squid: Squid, found: Sequence[Found]) -> list[dict[str, Any]]:
    runs = {row.run_id for row in found}
    uids = dict(Run.objects.filter(pk__in=runs).values_list("pk", "uid")) if runs else {}
    return [_row(squid.uid, uids[row.run_id], row) for row in found]


def _row(squid: str, run: str, row: Found) -> dict[str, Any]:
    fields = parsed(row.data)
    return {
        "id": row_id(run, row.number),
        "object": "result",
        "squid": squid,
        "run": run,
        **{_free(name, fields): value for name, value in fields.items()},
        "scraping_time": moment(row.created_at),
    }


def _free(name: str, fields: Mapping[str, Any]) -> str:
    """The crawler's name of a field, where it is not one of ours."""
    if name not in OURS:
        return name
    while name in OURS or name in fields:
        name += "_"
    return name


def row_id(run: str, number: int) -> str:
    """A row's id: the same whenever it is told, and no other row's."""
    return uid_from(f"{run} {number}")
