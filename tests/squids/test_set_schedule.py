"""Setting a schedule, switching it, and what is kept when it is set again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

import pytest
from django.utils import timezone

from runs import lifecycle
from squids import actions, errors, schedules
from squids.models import Schedule, Squid

NINE: dict[str, Any] = {"repeat": "daily", "at": time(9), "time_zone": "Europe/Paris"}


def refused(squid: Squid, **values: Any) -> str:
    with pytest.raises(errors.FieldRefused) as refusal:
        actions.set_schedule(squid, **({"time_zone": "UTC"} | values))
    assert not Schedule.objects.exists()
    return refusal.value.field


def test_each_field_is_refused_by_its_name(squid: Squid) -> None:
    assert refused(squid, repeat="yearly") == "repeat"
    assert refused(squid, repeat="daily", at=time(9), time_zone="") == "time_zone"
    assert refused(squid, repeat="daily", at=time(9), time_zone="../UTC") == "time_zone"
    assert refused(squid, repeat="minutes", every=4) == "every"
    assert refused(squid, repeat="hours", every=0) == "every"
    assert refused(squid, repeat="hours") == "every"
    assert refused(squid, repeat="daily") == "at"
    assert refused(squid, repeat="weekly", at=time(9)) == "weekdays"
    assert refused(squid, repeat="weekly", at=time(9), weekdays=[7]) == "weekdays"
    assert refused(squid, repeat="monthly", at=time(9), day=0) == "day"
    assert refused(squid, repeat="cron", cron="0 9 * *") == "cron"
    assert refused(squid, repeat="cron", cron="*/2 * * * *") == "cron"


def test_there_is_one_and_it_keeps_what_counts_alone(squid: Squid) -> None:
    actions.set_schedule(squid, **NINE, weekdays=[3], day=4, every=5, cron="rubbish")
    schedule = Schedule.objects.get(squid=squid)
    assert (schedule.weekdays, schedule.day, schedule.every, schedule.cron) == ([], None, None, "")
    actions.set_schedule(
        squid, repeat="weekly", at=time(9, 30, 59), weekdays=[4, 0, 4], time_zone="UTC"
    )
    schedule = Schedule.objects.get(squid=squid)
    assert (schedule.weekdays, schedule.at) == ([0, 4], time(9, 30))


def test_saving_the_same_again_keeps_its_beginning(squid: Squid) -> None:
    begun = timezone.now() - timedelta(days=100)
    every_seven: dict[str, Any] = {"repeat": "hours", "every": 7, "time_zone": "Europe/Paris"}
    actions.set_schedule(squid, **every_seven)
    Schedule.objects.update(starts_at=begun)
    actions.set_schedule(squid, **every_seven)
    assert Schedule.objects.get().starts_at == begun
    actions.set_schedule(squid, **every_seven | {"every": 9})
    assert Schedule.objects.get().starts_at > begun


def test_saving_switches_it_on(squid: Squid) -> None:
    actions.set_schedule(squid, **NINE)
    actions.switch_schedule(squid, False)
    assert Schedule.objects.get().next_at is None
    actions.set_schedule(squid, **NINE)
    schedule = Schedule.objects.get()
    assert schedule.is_active and schedule.next_at is not None


def test_a_deactivated_squids_schedule_rests(squid: Squid) -> None:
    lifecycle.deactivate(squid, by="owner")
    actions.set_schedule(squid, **NINE)
    assert Schedule.objects.get().next_at is None
    actions.switch_schedule(squid, True)
    assert Schedule.objects.get().next_at is None
    actions.activate(squid)
    assert Schedule.objects.get().next_at is not None
    lifecycle.deactivate(squid, by="owner")
    assert Schedule.objects.get().next_at is None


def test_activating_mends_nothing_that_was_put_aside(squid: Squid) -> None:
    actions.set_schedule(squid, **NINE)
    lifecycle.deactivate(squid, by="owner")
    Schedule.objects.update(time_zone="Nowhere")
    actions.activate(squid)
    schedule = Schedule.objects.get()
    assert schedule.next_at is None and "Nowhere" in schedule.problem


def test_a_deleted_squid_gets_none(squid: Squid) -> None:
    actions.set_schedule(squid, **NINE)
    lifecycle.delete(squid, by="owner")
    with pytest.raises(errors.Refused):
        actions.set_schedule(squid, **NINE)
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"repeat": "minutes", "every": 15}, "*/15 * * * *"),
        ({"repeat": "minutes", "every": 60}, "0 * * * *"),
        ({"repeat": "minutes", "every": 45}, ""),
        ({"repeat": "hours", "every": 1}, "0 * * * *"),
        ({"repeat": "hours", "every": 6}, "0 */6 * * *"),
        ({"repeat": "hours", "every": 24}, "0 0 * * *"),
        ({"repeat": "hours", "every": 5}, ""),
        ({"repeat": "daily", "at": time(9, 5)}, "5 9 * * *"),
        ({"repeat": "weekly", "at": time(9), "weekdays": [0, 6]}, "0 9 * * 0,1"),
        ({"repeat": "monthly", "at": time(9), "day": 15}, "0 9 15 * *"),
        ({"repeat": "monthly", "at": time(9), "day": 31}, "0 9 L * *"),
        ({"repeat": "monthly", "at": time(9), "day": 30}, ""),
        ({"repeat": "cron", "cron": "0 9  * * MON"}, "0 9 * * mon"),
    ],
)
def test_its_cron_expression_fires_alike(squid: Squid, values: dict[str, Any], text: str) -> None:
    schedule = actions.set_schedule(squid, **{"time_zone": "Europe/Paris"} | values)
    assert schedules.cron_of(schedule) == text
    if not text:
        return
    alike = actions.draft_schedule(squid, repeat="cron", cron=text, time_zone="Europe/Paris")
    start = datetime(2026, 11, 24, tzinfo=UTC)  # the clock does not change until March
    schedule.starts_at = start
    firings = [list(islice(schedules.each_after(s, start), 3)) for s in (schedule, alike)]
    assert firings[0] == firings[1]
