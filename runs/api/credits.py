"""What credits were spent on: by one run, one squid, and of late by squids and by crawlers."""

from __future__ import annotations

from typing import Any, Literal

from django.utils.timezone import now
from ninja import Field, Query, Router, Schema

from runs import credits, usage
from runs.access import run_of
from runs.credits import Cost
from runs.models import LedgerEntry, Run
from squids.access import squid_of
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, listed
from squids.api.schema import answers, credits_of
from squids.models import Crawler, Squid

router = Router(tags=["Credits"])

Credits = int | float
COLOURS = ("#5b4fd0", "#1f9aa6", "#d9862b", "#b24a8c", "#6a9a3a", "#7f8494")
"""Those of the site's charts, the last one for all that follow."""
MOST_DAYS = 366


class FunctionCost(Schema):
    """``base`` is the rows themselves. ``attempts`` is on how many rows it was tried, ``hits`` how
    many were charged; ``percent`` its part of all."""

    function: str
    label: str
    credits: Credits
    attempts: int
    hits: int
    percent: float


class Colours(Schema):
    bg_color: str
    txt_color: str


class FilterCost(Schema):
    name: str
    display: str
    rate: Credits
    credits: Credits


class RunCredits(Schema):
    run_id: str
    total_credits: Credits
    total_results: int = Field(description="Unique rows: those that are charged.")
    breakdown: list[FunctionCost]
    rates: dict[str, Credits] = Field(
        description="Credits per row, and per hit of each function by its name."
    )
    function_colors: dict[str, Colours]
    base_function_label: str | None
    filter_breakdown: list[FilterCost] = Field(description="Empty: filters cost nothing.")


class SpentOn(Schema):
    function: str
    label: str
    credits: Credits
    hits: int
    percent: float


class SquidCredits(Schema):
    squid_id: str
    total_runs: int
    total_results: int = Field(description="Unique rows of all its runs.")
    total_credits: Credits
    breakdown: list[SpentOn]


class DaysAsked(Paging):
    days: int = Field(
        30, ge=1, le=MOST_DAYS, description="The last days of the user's zone, today included."
    )


class SquidSpent(Schema):
    id: str
    object: Literal["squid"] = "squid"
    name: str
    is_deleted: bool
    credits: Credits
    percent: float


class CrawlerSpent(Schema):
    id: str
    object: Literal["crawler"] = "crawler"
    name: str
    slug: str
    credits: Credits
    percent: float


# --- a run, a squid ---------------------------------------------------------------------------


@router.get("/runs/{uid}/credits", response=answers(RunCredits), summary="What a run cost")
def credits_of_run(request: Caller, uid: str) -> dict[str, Any]:
    run = run_of(request.user, uid)
    found = credits.costs(run)
    return {
        "run_id": run.uid,
        "total_credits": credits_of(run.credits),
        "total_results": run.unique_results,
        "breakdown": [_cost(cost) for cost in found],
        "rates": _rates(run),
        "function_colors": {cost.function: _colours(n) for n, cost in enumerate(found)},
        "base_function_label": next((c.label for c in found if c.function == BASE), None),
        "filter_breakdown": [],
    }


BASE = LedgerEntry.BASE


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "function": cost.function,
        "label": cost.label,
        "credits": credits_of(cost.amount),
        "attempts": cost.attempts,
        "hits": cost.hits,
        "percent": round(cost.percent, 2),
    }


def _rates(run: Run) -> dict[str, Credits]:
    """As they were at its launch."""
    prices = run.settings["prices"]
    functions = {name: credits_of(rate) for name, rate in prices["functions"].items()}
    return {"credits_per_row": credits_of(prices["row"])} | functions


def _colours(number: int) -> dict[str, str]:
    return {"bg_color": COLOURS[min(number, len(COLOURS) - 1)], "txt_color": "#ffffff"}


@router.get(
    "/squids/{uid}/credits", response=answers(SquidCredits), summary="What all runs of a squid cost"
)
def credits_of_squid(request: Caller, uid: str) -> dict[str, Any]:
    squid = squid_of(request.user, uid)
    sums = usage.sums(squid)
    return {
        "squid_id": squid.uid,
        "total_runs": sums.runs,
        "total_results": sums.results,
        "total_credits": credits_of(sums.amount),
        "breakdown": [_spent_on(cost) for cost in credits.costs_of_squid(squid)],
    }


def _spent_on(cost: Cost) -> dict[str, Any]:
    told = _cost(cost)
    del told["attempts"]
    return told


# --- of late ----------------------------------------------------------------------------------


@router.get(
    "/credits/squids", response=answers(Page[SquidSpent]), summary="Spent of late, by squid"
)
def credits_by_squid(request: Caller, asked: Query[DaysAsked]) -> dict[str, Any]:
    """The largest first; deleted squids too, since what they spent is spent."""

    def tell(squid: Any) -> dict[str, Any]:
        told = {"id": squid.uid, "name": squid.name, "is_deleted": squid.deleted_at is not None}
        return told | _spent(squid)

    return listed(request, asked, usage.largest(Squid, request.user, asked.days, now()), tell)


@router.get(
    "/credits/modules", response=answers(Page[CrawlerSpent]), summary="Spent of late, by crawler"
)
def credits_by_crawler(request: Caller, asked: Query[DaysAsked]) -> dict[str, Any]:
    """The largest first."""

    def tell(crawler: Any) -> dict[str, Any]:
        return {"id": crawler.uid, "name": crawler.name, "slug": crawler.slug} | _spent(crawler)

    return listed(request, asked, usage.largest(Crawler, request.user, asked.days, now()), tell)


def _spent(spender: Any) -> dict[str, Any]:
    return {"credits": credits_of(spender.spent), "percent": round(spender.percent, 2)}
