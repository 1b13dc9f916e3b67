"""How well and how quickly a crawler's runs went lately, whoever's they were.

Only counts leave this module: a crawler's success is told to every user, other users' runs are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from runs.credits import periods
from runs.models import Run, RunEvent
from runs.states import FINISHED, Status
from squids.models import Crawler

DAYS = 90
COUNTED = 5_000
"""Runs that success is counted over, the newest; the number bounds the work."""
LOOKED_AT = 60
"""Runs that are looked through for rates, likewise."""
GOOD, FAIR = 90, 50
"""Per cent of the ended runs, from which on a grade is given."""
MINUTE_MS = 60_000

Grade = Literal["good", "fair", "poor", "none"]


# --- success --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """Runs that ended, and how many of them the crawler failed on their way. A site that is away,
    credits that ran out or a task with a wrong address are not the crawler's fault."""

    ended: int = 0
    failed: int = 0

    @property
    def went_well(self) -> int:
        return self.ended - self.failed

    @property
    def percent(self) -> float:
        """Of the ended runs; 0 without any."""
        return 100 * self.went_well / self.ended if self.ended else 0.0

    @property
    def grade(self) -> Grade:
        if not self.ended:
            return "none"
        if 100 * self.went_well >= GOOD * self.ended:
            return "good"
        return "fair" if 100 * self.went_well >= FAIR * self.ended else "poor"


def by_day(crawler: Crawler, now: datetime, zone: tzinfo = UTC) -> dict[date, Tally]:
    """Each of the last DAYS days there, today last, with the runs that ended on it."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    newest = Run.objects.filter(crawler=crawler).order_by("-id").values("pk")[:COUNTED]
    bugs = RunEvent.objects.filter(run=OuterRef("pk"), target=Status.ERROR)
    ended = Run.objects.filter(
        pk__in=newest, status__in=FINISHED, ended_at__gte=periods.midnight(days[0], zone)
    )
    counted = (
        ended.annotate(day=TruncDate("ended_at", tzinfo=zone), bug=Exists(bugs))
        .values("day")
        .annotate(ended=Count("pk"), failed=Count("pk", filter=Q(bug=True)))
        .values_list("day", "ended", "failed")
        .order_by()
    )
    found = {day: Tally(runs, failed) for day, runs, failed in counted}
    return {day: found.get(day, Tally()) for day in days}


def together(tallies: Iterable[Tally]) -> Tally:
    counted = list(tallies)
    return Tally(sum(tally.ended for tally in counted), sum(tally.failed for tally in counted))


# --- rates ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """``success`` is the part of the ended runs that the crawler did not fail; ``slowest`` and
    ``quickest`` are rows per minute and instance, of runs."""

    success: float
    slowest: float
    quickest: float


def pace(crawler: Crawler) -> Pace | None:
    """None where no run of the last days tells one of the two."""
    tally = together(by_day(crawler, timezone.now()).values())
    rates = _rates(crawler)
    if not tally.ended or not rates:
        return None
    return Pace(round(tally.percent / 100, 3), min(rates), max(rates))


def _rates(crawler: Crawler) -> list[float]:
    """Of the finished ones of the newest runs that ended a task."""
    newest = Run.objects.filter(crawler=crawler).order_by("-id").values_list(
        "status", "tasks_total", "tasks_done", "results", "active_ms", "settings__concurrency",
    )[:LOOKED_AT]  # fmt: skip
    ended = [run for run in newest if run[0] in FINISHED and run[2] and run[4]]
    return [_rate(total, rows, ms, most) for _, total, _, rows, ms, most in ended]


def _rate(tasks: int, rows: int, active_ms: int, concurrency: int) -> float:
    """An instance that has no task does not work."""
    instances = max(min(concurrency, tasks), 1)
    return round(rows * MINUTE_MS / active_ms / instances, 1)
