"""What is made up for after a downtime, and what is listed as missed: tables worked out by hand."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from runs import dispatch
from runs.models import Firing, Run
from squids.models import User
from tests.runs.schedules.conftest import (
    at,
    check_runs,
    hours,
    live_through,
    local,
    minutes,
    scheduled,
    table,
)

BEGIN = local("2026-06-10 11:50")
DOWN = local("2026-06-10 12:07")
"""The last look before the downtime was a minute earlier."""


def down_for(gap: timedelta, until: datetime) -> None:
    """Two dispatchers look every minute but for the downtime."""
    up = (now for now in minutes(BEGIN, until) if not DOWN <= now < DOWN + gap)
    live_through(up, dispatchers=2)


def test_an_hour(owner: User) -> None:
    squids = {
        "every 15 minutes": scheduled(owner, BEGIN, repeat="minutes", every=15),
        "at ten past": scheduled(owner, BEGIN, repeat="cron", cron="10 * * * *"),
        "before it": scheduled(owner, BEGIN, repeat="daily", at=time(12, 6)),
        "an hour late": scheduled(owner, BEGIN, repeat="daily", at=time(12, 7)),
        "59 minutes late": scheduled(owner, BEGIN, repeat="daily", at=time(12, 8)),
        "as it ends": scheduled(owner, BEGIN, repeat="daily", at=time(13, 7)),
        "after it": scheduled(owner, BEGIN, repeat="daily", at=time(13, 8)),
    }
    down_for(timedelta(hours=1), until=local("2026-06-10 13:31"))
    assert {name: table(squid) for name, squid in squids.items()} == {
        "every 15 minutes": [
            *at("+0200", "10 12:00"),
            *at("+0200", "10 12:15", "10 12:30", "10 12:45", outcome="missed"),
            *at("+0200", "10 13:00", "10 13:15", "10 13:30"),
        ],
        "at ten past": at("+0200", "10 12:10", "10 13:10"),
        "before it": at("+0200", "10 12:06"),
        "an hour late": at("+0200", "10 12:07", outcome="missed"),
        "59 minutes late": at("+0200", "10 12:08"),
        "as it ends": at("+0200", "10 13:07"),
        "after it": at("+0200", "10 13:08"),
    }
    for squid in squids.values():
        check_runs(squid)
    late = Firing.objects.get(squid=squids["59 minutes late"])
    assert late.note == "59 m 00 s late: the site was down or busy."


def test_three_days(owner: User) -> None:
    squids = {
        "hourly": scheduled(owner, BEGIN, repeat="hours", every=1),
        "every six hours": scheduled(owner, BEGIN, repeat="hours", every=6),
        "daily": scheduled(owner, BEGIN, repeat="daily", at=time(9)),
        "daily, just missed": scheduled(owner, BEGIN, repeat="daily", at=time(11, 8)),
        "Fridays": scheduled(owner, BEGIN, repeat="weekly", at=time(9), weekdays=[4]),
        "Sundays": scheduled(owner, BEGIN, repeat="weekly", at=time(9), weekdays=[6]),
    }
    down_for(timedelta(days=3), until=local("2026-06-13 13:30"))
    missed = [*hours("10", range(13, 24)), *hours("11", range(24)), *hours("12", range(24))]
    quarters = [*hours("11", [0, 6, 12, 18]), *hours("12", [0, 6, 12, 18])]
    assert {name: table(squid) for name, squid in squids.items()} == {
        "hourly": [
            *at("+0200", "10 12:00"),
            *at("+0200", *missed, *hours("13", range(12)), outcome="missed"),
            *at("+0200", "13 12:00", "13 13:00"),
        ],
        "every six hours": [
            *at("+0200", "10 12:00"),
            *at("+0200", "10 18:00", *quarters, "13 00:00", "13 06:00", outcome="missed"),
            *at("+0200", "13 12:00"),
        ],
        "daily": at("+0200", "11 09:00", "12 09:00", "13 09:00", outcome="missed"),
        "daily, just missed": [
            *at("+0200", "11 11:08", "12 11:08", outcome="missed"),
            *at("+0200", "13 11:08"),
        ],
        "Fridays": at("+0200", "12 09:00", outcome="missed"),
        "Sundays": [],
    }
    for squid in squids.values():
        check_runs(squid)


def test_a_downtime_past_all_lists_is_summed_up(owner: User) -> None:
    squid = scheduled(owner, BEGIN, repeat="minutes", every=5)
    now = BEGIN + timedelta(days=30, minutes=1)
    assert dispatch.fire_due(now) == 1
    rows = Firing.objects.filter(squid=squid).order_by("due_at")
    first, rest, latest = rows[0], rows[dispatch.LISTED], rows.reverse()[0]
    assert rows.count() == dispatch.LISTED + 1 + 12
    assert (first.due_at, first.note) == (BEGIN + timedelta(minutes=5), dispatch.MISSED)
    assert rest.due_at == BEGIN + timedelta(minutes=5 * (dispatch.LISTED + 1))
    assert rest.note == dispatch.MISSED_ALL
    assert (latest.outcome, latest.due_at) == ("fired", BEGIN + timedelta(days=30))
    assert dispatch.fire_due(now) == 0
    assert Run.objects.count() == 1


def test_a_clock_that_was_put_back_fires_nothing_twice(owner: User) -> None:
    squid = scheduled(owner, BEGIN, repeat="minutes", every=15)
    moments = [*minutes(BEGIN, BEGIN + timedelta(minutes=40))]
    live_through(iter(moments))
    before = table(squid)
    squid.schedule.next_at = BEGIN + timedelta(minutes=10)
    squid.schedule.save()
    live_through(iter(moments))
    assert table(squid) == before == at("+0200", "10 12:00", "10 12:15", "10 12:30")
    check_runs(squid)
