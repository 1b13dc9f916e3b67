"""A monthly plan's credits at once, or what is left of them spread over the days."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from runs import credits, lifecycle
from runs.credits import periods
from runs.models import Balance
from squids import zones
from squids.errors import FieldRefused
from squids.models import Interval, Plan, User
from tests.runs.credits.conftest import CREDIT
from tests.runs.credits.moments import paris, utc
from tests.runs.credits.test_cycles import give, spend


@pytest.fixture
def user(user: User) -> User:
    """Who spends 310 credits over the days of a month."""
    User.objects.filter(pk=user.pk).update(allocation=Interval.DAY)
    return User.objects.get(pk=user.pk)


def look(user: User, now: datetime) -> Balance:
    return credits.balance_of(User.objects.get(pk=user.pk), now)


def test_each_day_releases_its_part_of_what_is_left(user: User) -> None:
    first = look(user, paris("2026-05-01T08:00"))  # 31 days
    assert (first.allowance, first.granted) == (10 * CREDIT, 310 * CREDIT)
    assert first.refresh_at == paris("2026-05-02")
    spend(first, 4 * CREDIT)
    second = look(user, paris("2026-05-02T00:00"))
    assert second.allowance == 4 * CREDIT + 306 * CREDIT // 30
    assert second.refresh_at == paris("2026-05-03")


def test_days_that_nobody_looked_are_made_up_for(user: User) -> None:
    look(user, paris("2026-05-01T08:00"))
    late = look(user, paris("2026-05-29T23:00"))  # three days left
    assert late.allowance == 310 * CREDIT // 3
    last = look(user, paris("2026-05-31T00:00"))
    assert last.allowance == 310 * CREDIT
    assert last.refresh_at == last.ends_at == paris("2026-06-01")


@pytest.mark.parametrize(
    ("now", "left", "refresh"),
    [
        ("2026-03-28T23:59", 4, "2026-03-28T23:00"),
        ("2026-03-29T00:01", 3, "2026-03-29T22:00"),  # the day of 23 hours
        ("2026-03-30T00:01", 2, "2026-03-30T22:00"),
        ("2026-10-24T00:01", 8, "2026-10-24T22:00"),
        ("2026-10-25T23:59", 7, "2026-10-25T23:00"),  # the day of 25 hours
        ("2026-10-26T00:01", 6, "2026-10-26T23:00"),
    ],
)
def test_over_a_change_of_the_clocks(user: User, now: str, left: int, refresh: str) -> None:
    balance = look(user, paris(now))
    assert balance.allowance == 310 * CREDIT // left
    assert balance.refresh_at == utc(refresh)


def test_the_month_is_paid_out_to_the_last_thousandth(user: User) -> None:
    """Whoever spends each day's part has spent all of it on the last day."""
    balance = look(user, paris("2026-03-01"))
    while balance.refresh_at < balance.ends_at:
        spend(balance, balance.remaining)
        balance = look(user, balance.refresh_at)
        assert balance.spent < balance.allowance <= balance.granted
    assert balance.allowance == balance.granted


def test_bonuses_are_there_at_once_and_stay(user: User) -> None:
    balance = look(user, paris("2026-05-01T08:00"))
    give(balance, 60 * CREDIT)
    assert balance.remaining == 70 * CREDIT
    second = look(user, paris("2026-05-02"))
    assert second.remaining == 310 * CREDIT // 30 + 60 * CREDIT
    june = look(user, paris("2026-06-01"))
    assert june.remaining == 310 * CREDIT // 30 + 60 * CREDIT


def test_switching_takes_effect_at_once_and_changes_no_credits(user: User) -> None:
    now = timezone.now()
    balance = credits.balance_of(user)
    spend(balance, 5)
    before = (balance.granted, balance.spent, balance.left)
    days = periods.days_left(now, balance.ends_at, user.zone)
    at_once = lifecycle.allocate(user, Interval.MONTH)
    assert (at_once.allowance, at_once.refresh_at) == (310 * CREDIT, at_once.ends_at)
    spread = lifecycle.allocate(user, Interval.DAY)
    assert spread.allowance == 5 + (310 * CREDIT - 5) // days
    assert (spread.granted, spread.spent, spread.left) == before
    assert User.objects.get(pk=user.pk).allocation == Interval.DAY


def test_a_daily_plan_is_one_day_whatever_is_chosen(user: User) -> None:
    Plan.objects.update(interval=Interval.DAY)
    balance = look(user, paris("2026-05-01T08:00"))
    assert (balance.allowance, balance.refresh_at) == (310 * CREDIT, paris("2026-05-02"))
    assert credits.standing(user).remaining == 310 * CREDIT


def test_only_the_two_can_be_chosen(user: User) -> None:
    with pytest.raises(FieldRefused) as refusal:
        lifecycle.allocate(user, "weekly")
    assert refusal.value.field == "allocation"
    assert User.objects.get(pk=user.pk).allocation == Interval.DAY


def test_a_midnight_that_the_clocks_skip() -> None:
    """In Beirut the day of the change begins at one in the morning."""
    beirut = periods.period(utc("2026-03-29T10:00"), Interval.DAY, zones.named("Asia/Beirut"))
    assert beirut == (utc("2026-03-28T22:00"), utc("2026-03-29T21:00"))
    assert beirut[1] - beirut[0] == timedelta(hours=23)
