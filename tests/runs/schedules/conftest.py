"""A clock that tests move, schedules that begin by it, and the table of what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from runs import dispatch, lifecycle
from runs.models import Firing, FiringOutcome, Run
from squids import schedules
from squids.models import Schedule, Squid, User
from tests import factories

PARIS = "Europe/Paris"
NEW_YORK = "America/New_York"


@pytest.fixture
def owner(transactional_db: None) -> User:
    return factories.user("owner")


def local(text: str, zone: str = PARIS) -> datetime:
    """``2026-03-28 20:00`` by the zone's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def scheduled(owner: User, begins: datetime, **fields: Any) -> Squid:
    """A squid whose schedule is set at this moment."""
    squid = factories.squid(owner, name=f"Squid {Squid.objects.count()}")
    values = {"time_zone": PARIS} | fields
    schedule = Schedule(squid=squid, starts_at=begins, **values)
    schedule.next_at = schedules.next_after(schedule, begins)
    schedule.save()
    return squid


def minutes(first: datetime, last: datetime, step: int = 1) -> Iterator[datetime]:
    """Moments of a clock, both ends among them."""
    while first <= last:
        yield first
        first += timedelta(minutes=step)


def live_through(moments: Iterator[datetime], dispatchers: int = 1) -> None:
    """So many dispatchers look at each moment, all at once; then every run ends."""
    with ThreadPoolExecutor(dispatchers) as pool:
        for now in moments:
            fire_at_once(pool, now, dispatchers)
            end_runs()


def fire_at_once(pool: ThreadPoolExecutor, now: datetime, dispatchers: int) -> int:
    barrier = Barrier(dispatchers)

    def look(_: int) -> int:
        try:
            barrier.wait()
            return dispatch.fire_due(now)
        finally:
            connections.close_all()

    return sum(pool.map(look, range(dispatchers)))


def end_runs() -> None:
    for run in Run.objects.all().unfinished():
        lifecycle.abort(run, by="test")


def table(squid: Squid, zone: str = PARIS) -> list[str]:
    """What became of each due time, in order: ``29 03:00 +0200``, and the outcome but fired."""
    rows = Firing.objects.filter(squid=squid).order_by("due_at")
    return [f"{_at(row, zone)} {row.outcome}".removesuffix(" fired") for row in rows]


def _at(row: Firing, zone: str) -> str:
    return f"{row.due_at.astimezone(ZoneInfo(zone)):%d %H:%M %z}"


def at(offset: str, *times: str, outcome: str = "") -> list[str]:
    """Rows of a table that share an offset."""
    return [f"{time} {offset} {outcome}".rstrip() for time in times]


def hours(day: str, wanted: Sequence[int], minute: str = "00") -> list[str]:
    return [f"{day} {hour:02}:{minute}" for hour in wanted]


def check_runs(squid: Squid) -> None:
    """Each fired row has its own run, started by the schedule, and there is no other."""
    fired = Firing.objects.filter(squid=squid, outcome=FiringOutcome.FIRED)
    runs = Run.objects.filter(squid=squid)
    assert sorted(fired.values_list("run", flat=True)) == sorted(runs.values_list("pk", flat=True))
    assert {(run.origin, run.started_by) for run in runs} <= {("schedule", "schedule")}
