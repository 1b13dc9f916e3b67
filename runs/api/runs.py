"""``/runs``: launch, list, look at and abort runs."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any, Literal

from ninja import Field, HeaderEx, P, Query, Router, Schema

from runs import lifecycle
from runs.access import run_of, runs_of
from runs.models import NoticeState, Run
from runs.states import Origin, Reason, Status
from squids.access import NoSuch, squid_of
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, listed
from squids.api.schema import Body, answers, credits_of, moment
from squids.errors import MoveRefused

router = Router(tags=["Runs"])

HEAVY = ("settings", "traceback", "forecast", "streak")
"""Columns of a run that no list tells of."""
ENDED = "This run has ended: there is nothing to abort."


class LaunchIn(Body):
    squid: str = Field(description="The squid's id.")


class RunsAsked(Paging):
    squid: str | None = Field(None, description="Those of this squid only, by its id.")


class RunFields(Schema):
    """``duration`` and its kind are added by those who answer with it. A time is null until it
    came; ``done_reason`` is also why a paused run waits, until ``next_launch_at`` where that is
    known. Exports are made while they are read, so they are there when the run ends."""

    id: str
    object: Literal["run"] = "run"
    squid: str
    status: Status
    is_done: bool
    created_at: str
    started_at: str | None
    ended_at: str | None
    credit_used: int | float
    origin: Origin
    force_launch: bool = False
    total_results: int
    total_unique_results: int
    export_done: bool
    export_count: Literal[0, 1] = Field(description="1 once the run has ended.")
    export_time: str | None
    email_done: bool | None = Field(
        description="Whether its last e-mail was sent; null where it has none."
    )
    email_time: str | None
    email_verification: None = None
    next_launch_at: str | None
    done_reason: Reason | None
    done_reason_desc: str | None
    message: str | None
    started_by: str
    api_key: str | None


class RunOut(RunFields):
    duration: float = Field(description="Seconds it was active; pauses do not count.")


class RunDetailOut(RunFields):
    duration: str = Field(description="The same as “0:00:05.1”: hours, minutes, seconds.")


# --- how a run is told ------------------------------------------------------------------------


def clock(span: timedelta) -> str:
    """Hours, minutes, seconds and their tenths: ``0:00:05.1``. There are no days."""
    tenths = int(span.total_seconds() * 10)
    hours, rest = divmod(tenths, 36_000)
    return f"{hours}:{rest // 600:02d}:{rest % 600 // 10:02d}.{rest % 10}"


def _fields(run: Run) -> dict[str, Any]:
    """``squid``, ``api_key`` and, of many, ``notices`` are fetched along."""
    email = max(run.notices.all(), key=attrgetter("pk"), default=None)
    return {
        "id": run.uid,
        "squid": run.squid.uid,
        "status": run.status,
        "is_done": run.is_done,
        "created_at": moment(run.created_at),
        "started_at": moment(run.started_at),
        "ended_at": moment(run.ended_at),
        "credit_used": credits_of(run.credits),
        "origin": run.origin,
        "total_results": run.results,
        "total_unique_results": run.unique_results,
        "export_done": run.is_done,
        "export_count": int(run.is_done),
        "export_time": moment(run.ended_at) if run.is_done else None,
        "email_done": email and email.state == NoticeState.SENT,
        "email_time": moment(email.sent_at) if email else None,
        "next_launch_at": moment(run.wake_at) if run.is_paused else None,
        "done_reason": run.reason or None,
        "done_reason_desc": run.reason_text or None,
        "message": run.message or None,
        "started_by": run.started_by,
        "api_key": run.api_key.name if run.api_key else None,
    }


def _told(run: Run) -> dict[str, Any]:
    return _fields(run) | {"duration": round(run.duration.total_seconds(), 3)}


# --- endpoints --------------------------------------------------------------------------------

LaunchKey = HeaderEx[
    str | None,
    P(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[ -~]*$",
        description="Printable ASCII characters of the client's choice. Asked for again with the"
        " same within a day, the launch answers the run of the first time.",
    ),
]


@router.post("/runs", response=answers(RunOut), summary="Launch a squid")
def launch_run(
    request: Caller, body: LaunchIn, idempotency_key: LaunchKey = None
) -> dict[str, Any]:
    squid = squid_of(request.user, body.squid)
    by = request.user.get_username()
    run = lifecycle.start(squid, by=by, key=request.auth, idempotency_key=idempotency_key or "")
    return _told(run)


@router.get("/runs", response=answers(Page[RunOut]), summary="Runs, the newest first")
def list_runs(request: Caller, asked: Query[RunsAsked]) -> dict[str, Any]:
    found = runs_of(request.user)
    if asked.squid is not None:
        found = found.filter(squid=squid_of(request.user, asked.squid))
    found = found.select_related("squid", "api_key").defer(*HEAVY)
    found = found.prefetch_related("notices").order_by("-id")
    return listed(request, asked, found, _told)


@router.get("/runs/{uid}", response=answers(RunDetailOut), summary="A run")
def get_run(request: Caller, uid: str) -> dict[str, Any]:
    found = run_of(request.user, uid)
    return _fields(found) | {"duration": clock(found.duration)}


@router.post("/runs/{uid}/abort", response=answers(RunOut), summary="End a run now")
def abort_run(request: Caller, uid: str) -> dict[str, Any]:
    """What was collected is kept and was charged. A run that has ended answers 404."""
    found = run_of(request.user, uid)
    try:
        lifecycle.abort(found, by=request.auth.signature)
    except MoveRefused as refused:
        raise NoSuch("run", ENDED) from refused
    return _told(run_of(request.user, uid))
