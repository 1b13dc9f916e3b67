"""Firings that are refused are listed with the refusal; what cannot be worked out is put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from runs import dispatch, lifecycle
from runs.credits import balance_of
from runs.models import Balance, Firing, Run
from runs.states import Origin
from squids import actions, errors
from squids.models import Crawler, Schedule, Squid, User
from tests.runs.schedules.conftest import end_runs, local, scheduled

BEGIN = local("2026-06-10 11:50")
DUE = local("2026-06-10 12:00")
NEXT = local("2026-06-10 13:00")


@pytest.fixture
def squid(owner: User) -> Squid:
    return scheduled(owner, BEGIN, repeat="hours", every=1)


def spend_all(squid: Squid) -> None:
    balance = balance_of(squid.owner)
    Balance.objects.filter(pk=balance.pk).update(spent=balance.allowance)


def break_crawler(squid: Squid) -> None:
    actions.report_problem(squid.crawler, "The site has changed.")


def uninstall(squid: Squid) -> None:
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone")


def suspend_owner(squid: Squid) -> None:
    User.objects.filter(pk=squid.owner_id).update(is_active=False)


@pytest.mark.parametrize(
    ("hinder", "note"),
    [
        (lambda squid: lifecycle.start(squid, by="owner"), errors.RunInProgress.message),
        (actions.empty, errors.NoTasksPresent.message),
        (spend_all, "No credits are left."),
        (break_crawler, errors.CrawlerUnavailable.message),
        (uninstall, "No crawler “gone” is installed."),
        (suspend_owner, dispatch.NO_OWNER),
    ],
)
def test_a_refused_launch(squid: Squid, hinder: Callable[[Squid], Any], note: str) -> None:
    hinder(squid)
    assert dispatch.fire_due(DUE) == 0
    firing = Firing.objects.get()
    assert (firing.due_at, firing.outcome) == (DUE, "skipped")
    assert note in firing.note
    assert firing.run is None
    assert not Run.objects.filter(origin=Origin.SCHEDULE).exists()
    schedule = Schedule.objects.get()
    assert (schedule.next_at, schedule.problem) == (NEXT, "")


def test_it_goes_on_once_nothing_is_in_the_way(squid: Squid) -> None:
    lifecycle.start(squid, by="owner")
    dispatch.fire_due(DUE)
    end_runs()
    assert dispatch.fire_due(NEXT) == 1
    assert list(Firing.objects.order_by("due_at").values_list("outcome", flat=True)) == [
        "skipped",
        "fired",
    ]


def switch_off_and_on(squid: Squid) -> Iterator[None]:
    actions.switch_schedule(squid, False)
    yield
    actions.switch_schedule(squid, True)


def deactivate_and_activate(squid: Squid) -> Iterator[None]:
    lifecycle.deactivate(squid, by="owner")
    yield
    actions.activate(squid)


@pytest.mark.parametrize("rest", [switch_off_and_on, deactivate_and_activate])
def test_while_it_rests_nothing_is_due_and_nothing_is_missed(
    squid: Squid, rest: Callable[[Squid], Iterator[None]]
) -> None:
    resting = rest(squid)
    next(resting)
    assert Schedule.objects.get().next_at is None
    dispatch.fire_due(DUE)
    next(resting, None)
    dispatch.fire_due(DUE)
    following = Schedule.objects.get().next_at
    assert following is not None and following > DUE
    assert not Firing.objects.exists()


def test_a_deleted_squid_fires_no_more(squid: Squid) -> None:
    lifecycle.delete(squid, by="owner")
    assert not Schedule.objects.exists()
    assert dispatch.fire_due(DUE) == 0


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"repeat": "cron", "cron": "61 * * * *"}, "Minute: 61 is not from 0 to 59."),
    ({"repeat": "cron", "cron": "0 0 30 2 *"}, "never fires"),
    ({"repeat": "cron", "cron": ""}, "five fields"),
    ({"time_zone": "Europe/Lyon"}, "no time zone “Europe/Lyon”"),
    ({"time_zone": "../etc/passwd"}, "no time zone"),
    ({"every": 0}, "cannot be worked out"),
    ({"every": None}, "cannot be worked out"),
    ({"repeat": "daily"}, "cannot be worked out"),
    ({"repeat": "weekly", "at": "09:00", "weekdays": [9]}, "cannot be worked out"),
    ({"repeat": "weekly", "at": "09:00", "weekdays": None}, "cannot be worked out"),
    ({"repeat": "yearly"}, "cannot be worked out"),
]


def test_broken_ones_are_put_aside_and_stop_no_other(owner: User) -> None:
    broken = []
    for n, (fields, problem) in enumerate(BROKEN):
        squid = scheduled(owner, BEGIN, repeat="hours", every=1)
        early = DUE - timedelta(minutes=1) + timedelta(seconds=n)
        fields = {"weekdays": []} | fields | {"next_at": early}
        fields["weekdays"] = fields["weekdays"] if fields["weekdays"] is not None else "Monday"
        Schedule.objects.filter(squid=squid).update(**fields)
        broken.append((squid, problem))
    failing = scheduled(owner, BEGIN, repeat="hours", every=1)
    Squid.objects.filter(pk=failing.pk).update(params=5)
    whole = scheduled(owner, BEGIN, repeat="hours", every=1)

    assert dispatch.fire_due(DUE) == 1
    assert Run.objects.get().squid == whole
    for squid, problem in [*broken, (failing, dispatch.BROKEN)]:
        schedule = Schedule.objects.get(squid=squid)
        assert problem in schedule.problem
        assert schedule.next_at is None
        assert schedule.problem == Firing.objects.get(squid=squid, outcome="skipped").note
    assert dispatch.fire_due(NEXT) == 0  # the whole one is running still
    assert Firing.objects.count() == len(BROKEN) + 3


def test_one_put_aside_goes_on_when_it_is_switched_on(squid: Squid) -> None:
    Schedule.objects.update(time_zone="Europe/Lyon")
    dispatch.fire_due(DUE)
    with pytest.raises(errors.Refused, match="Europe/Lyon"):
        actions.switch_schedule(squid, True)
    Schedule.objects.update(time_zone="Europe/Paris")
    actions.switch_schedule(squid, True)
    schedule = Schedule.objects.get()
    assert schedule.problem == "" and schedule.next_at is not None


def test_a_database_in_trouble_puts_nothing_aside(
    squid: Squid, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(pk: int) -> Squid:
        raise OperationalError("database is locked")

    with monkeypatch.context() as trouble:
        trouble.setattr(lifecycle, "lock_squid", locked)
        assert dispatch.fire_due(DUE) == 0
    assert Schedule.objects.get().next_at == DUE
    assert dispatch.fire_due(DUE) == 1
