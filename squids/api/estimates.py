"""What a launch of a squid will take, before it is launched."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema

from runs import credits, forecast
from runs.forecast import Forecast
from squids import actions, errors
from squids.access import squid_of
from squids.api.caller import Caller
from squids.api.schema import Body, answers, credits_of
from squids.models import Squid, Task

PREVIEW = 5
UNKNOWN = "unknown"
router = Router(tags=["Squids"])


class EstimateIn(Body):
    squid: str


class ServiceOut(Schema):
    name: str
    results: int
    credits: int | float


class EstimatedTasksOut(Schema):
    count: int
    preview: list[dict[str, Any]]


class EstimateOut(Schema):
    """What is likely, as far as earlier runs tell; ``based_on`` says which they are."""

    services: list[ServiceOut]
    total_credits: int | float
    estimated_time: str
    max_results: int
    tasks: EstimatedTasksOut
    recommended_upgrade_plan: None
    based_on: str


@router.post("/squid/estimate", response=answers(EstimateOut), summary="What a launch will take")
def estimate_squid(request: Caller, body: EstimateIn) -> dict[str, Any]:
    """Needs an active task and a squid that is ready."""
    squid = squid_of(request.user, body.squid)
    told = _forecast(squid)
    code = squid.crawler.code
    names = {"": "Rows"} | {function.name: function.label for function in code.functions}
    services = forecast.bill(told, credits.price_list(code, squid.functions))
    return {
        "services": [
            {"name": names[s.function], "results": s.results, "credits": credits_of(s.credits)}
            for s in services
        ],
        "total_credits": credits_of(sum(service.credits for service in services)),
        "estimated_time": told.time_text or UNKNOWN,
        "max_results": services[0].results,
        "tasks": {"count": told.tasks, "preview": _preview(squid)},
        "recommended_upgrade_plan": None,
        "based_on": told.rests_on,
    }


def _forecast(squid: Squid) -> Forecast:
    """Raises NoTasksPresent, SquidNotReady."""
    if not Task.objects.active().filter(squid=squid).exists():
        raise errors.NoTasksPresent
    if lacking := actions.unready(squid):
        raise errors.SquidNotReady(lacking)
    told = forecast.of_squid(squid)
    if told is None:  # its last task went at this moment
        raise errors.NoTasksPresent
    return told


def _preview(squid: Squid) -> list[dict[str, Any]]:
    """The first tasks, as their parameters."""
    tasks = Task.objects.active().filter(squid=squid).order_by("position", "id")
    return list(tasks.values_list("params", flat=True)[:PREVIEW])
