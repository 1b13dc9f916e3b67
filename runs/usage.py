"""What a user's credits were spent on: by day or month of their zone, squid, crawler and function.

Read from the ledger's sums by the quarter of an hour, so a year of charges takes no longer than a
week of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    FloatField,
    IntegerField,
    Max,
    Min,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast

from runs import credits
from runs.credits import periods
from runs.models import Balance, Run, Spending
from squids.crawlers import registry
from squids.models import Crawler, Squid, User

DAYS = (7, 30)
MONTHS = 12
TOP = 10
"""Squids that are named; the others are one line."""
PACE_OVER = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A day or month, as it is called in full and below a bar; it ends before ``end``."""

    label: str
    short: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """What one squid, crawler or function took. ``uid`` is a squid's that is there still; a
    ``note`` says what else is to know."""

    name: str
    amount: int
    percent: float
    uid: str = ""
    note: str = ""

    @property
    def width(self) -> str:
        return f"{self.percent:.2f}%"

    @property
    def percent_text(self) -> str:
        return "< 1 %" if 0 < self.percent < 1 else f"{self.percent:.0f} %"


@dataclass(frozen=True, slots=True)
class Usage:
    """``amounts`` are those of ``spans``; ``days`` those that the average is of."""

    spans: list[Span]
    amounts: list[int]
    days: int
    squids: list[Share]
    crawlers: list[Share]
    functions: list[Share]

    @property
    def total(self) -> int:
        return sum(self.amounts)

    @property
    def average(self) -> float:
        return self.total / self.days


@dataclass(frozen=True, slots=True)
class Pace:
    """Credits a day of late, and when those left of the cycle are spent, going on like that; None
    where they last until its end."""

    a_day: float
    runs_out_at: datetime | None


# --- days and months ------------------------------------------------------------------------------


def last_days(user: User, count: int, now: datetime) -> list[Span]:
    """The last days of the user's zone, today included. One is 23 or 25 hours long where the
    clocks change."""
    today = now.astimezone(user.zone).date()
    dates = [today - back * DAY for back in range(count - 1, -1, -1)]
    return [
        Span(
            label=f"{date:%A}, {date.day} {date:%B %Y}",
            short=f"{date:%a}" if count <= 7 else f"{date.day} {date:%b}",
            start=periods.midnight(date, user.zone),
            end=periods.midnight(date + DAY, user.zone),
        )
        for date in dates
    ]


def last_months(user: User, count: int, now: datetime) -> list[Span]:
    first = now.astimezone(user.zone).date().replace(day=1)
    spans: list[Span] = []
    for _ in range(count):
        start, end = (
            periods.midnight(date, user.zone) for date in (first, (first + 32 * DAY).replace(day=1))
        )
        spans.append(Span(f"{first:%B %Y}", f"{first:%b}", start, end))
        first = (first - DAY).replace(day=1)
    return spans[::-1]


# --- what was spent -------------------------------------------------------------------------------


def usage(user: User, spans: Sequence[Span], now: datetime, squid: Squid | None = None) -> Usage:
    """What was spent in these spans, which follow one another; of one squid where it is named."""
    spent = _spent(user, spans, squid)
    by_squid, by_crawler, by_function = Counter[int](), Counter[int](), Counter[str]()
    amounts = [0] * len(spans)
    for place, squid_id, crawler_id, function, amount in spent:
        amounts[place] += amount
        by_squid[squid_id] += amount
        by_crawler[crawler_id] += amount
        by_function[function] += amount
    return Usage(
        spans=list(spans),
        amounts=amounts,
        days=_days(user, spans, amounts, now),
        squids=_squids(by_squid),
        crawlers=_crawlers(by_crawler),
        functions=_functions(by_function),
    )


def _spent(
    user: User, spans: Sequence[Span], squid: Squid | None
) -> Iterable[tuple[int, int, int, str, int]]:
    """Place of the span, squid, crawler, function, amount."""
    sums = Spending.objects.filter(owner=user, at__gte=spans[0].start, at__lt=spans[-1].end)
    if squid:
        sums = sums.filter(run__squid=squid)
    ends = [When(at__lt=span.end, then=Value(place)) for place, span in enumerate(spans)]
    placed = sums.annotate(place=Case(*ends, output_field=IntegerField()))
    grouped = placed.values_list("place", "run__squid", "run__crawler", "function")
    return grouped.annotate(spent=Sum("amount")).order_by()


def _days(user: User, spans: Sequence[Span], amounts: Sequence[int], now: datetime) -> int:
    """Days until now since the spans began, or since the user joined or first spent something."""
    used = (span.start for span, amount in zip(spans, amounts, strict=True) if amount)
    since = max(spans[0].start, min(user.date_joined, next(used, now)))
    return max((now.astimezone(user.zone).date() - since.astimezone(user.zone).date()).days + 1, 1)


def _squids(amounts: Counter[int]) -> list[Share]:
    top = amounts.most_common(TOP)
    named = Squid.objects.in_bulk([key for key, _ in top])
    total = amounts.total() or 1
    shares = []
    for key, amount in top:
        squid = named[key]
        uid, note = ("", "Deleted") if squid.deleted_at else (squid.uid, "")
        shares.append(Share(squid.name, amount, 100 * amount / total, uid, note))
    if left := len(amounts) - len(top):
        rest = amounts.total() - sum(amount for _, amount in top)
        name = "1 other squid" if left == 1 else f"{left:,} other squids"
        shares.append(Share(name, rest, 100 * rest / total))
    return shares


def _crawlers(amounts: Counter[int]) -> list[Share]:
    return _shares(amounts, dict(Crawler.objects.values_list("pk", "name")))


def _functions(amounts: Counter[str]) -> list[Share]:
    """By the names that the installed crawlers give them; base results are called Results."""
    return _shares(amounts, credits.function_labels(registry.all().values()))


def _shares(amounts: Counter[Any], names: dict[Any, str]) -> list[Share]:
    total = amounts.total() or 1
    return [
        Share(names.get(key, str(key)), amount, 100 * amount / total)
        for key, amount in amounts.most_common()
    ]


def spenders(user: User) -> QuerySet[Squid]:
    """The squids one may ask for: those there are, and deleted ones that spent something."""
    squids = Squid.objects.filter(owner=user)
    deleted = squids.exclude(deleted_at=None).filter(runs__credits__gt=0)
    found: QuerySet[Squid] = squids.visible() | squids.filter(pk__in=deleted.values("pk"))
    return found.order_by("deleted_at", "name")


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all runs of a squid; ``results`` are the unique ones."""

    runs: int
    results: int
    amount: int


def sums(squid: Squid) -> Sums:
    runs = Run.objects.filter(squid=squid)
    found = runs.aggregate(n=Count("pk"), results=Sum("unique_results"), amount=Sum("credits"))
    return Sums(found["n"], found["results"] or 0, found["amount"] or 0)


def largest(
    model: type[Squid] | type[Crawler], user: User, days: int, now: datetime
) -> QuerySet[Any]:
    """Those whose runs spent something in the last days of the user's zone, the largest first,
    each with ``spent`` and ``percent``, its part of all."""
    since = last_days(user, days, now)[0].start
    late = Spending.objects.filter(owner=user, at__gte=since)
    total = late.aggregate(spent=Sum("amount"))["spent"] or 1
    those = {"runs__spendings__owner": user, "runs__spendings__at__gte": since}
    found: QuerySet[Any] = model._default_manager.filter(**those)
    spent: QuerySet[Any] = found.annotate(spent=Sum("runs__spendings__amount"))
    part = Cast("spent", FloatField()) * (100 / total)
    parts: QuerySet[Any] = spent.annotate(percent=part)
    return parts.order_by("-spent", "pk")


# --- the present cycle ----------------------------------------------------------------------------


def pace(user: User, balance: Balance, now: datetime) -> Pace:
    """By what was spent in the last week, or since it began to be, if that is shorter."""
    late = Spending.objects.filter(owner=user, at__gt=now - PACE_OVER)
    found = late.aggregate(amount=Sum("amount"), first=Min("at"), last=Max("at"))
    if not found["amount"]:
        return Pace(0, None)
    a_day = found["amount"] / (max(now - found["first"], DAY) / DAY)
    out = now + min(balance.left / a_day, 10_000) * DAY
    return Pace(a_day, out if out < balance.ends_at else None)


def present(user: User, now: datetime) -> tuple[Balance, Pace]:
    balance = credits.balance_of(user, now)
    return balance, pace(user, balance, now)
