"""A balance is a month or a day of the user's zone; what is left of bonuses goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from runs import credits
from runs.models import Balance, Bonus
from squids.models import Interval, Plan, User
from tests.runs.credits.conftest import CREDIT
from tests.runs.credits.moments import paris, utc

MAY = paris("2026-05-10T12:00")


def give(balance: Balance, amount: int) -> None:
    """A bonus at the time of the test's story."""
    Bonus.objects.create(balance=balance, amount=amount, by="tests", at=balance.starts_at)
    balance.bonus += amount
    balance.allowance += amount
    balance.save()


def spend(balance: Balance, amount: int) -> None:
    balance.spent += amount
    balance.save()


def daily(user: User, amount: int) -> User:
    Plan.objects.filter(name="Paris").update(interval=Interval.DAY, credits=amount)
    return User.objects.get(pk=user.pk)


def test_the_first_one_is_the_month_of_the_zone(user: User) -> None:
    balance = credits.balance_of(user, paris("2026-06-01T00:30"))  # still May in UTC
    assert (balance.starts_at, balance.ends_at) == (paris("2026-06-01"), paris("2026-07-01"))
    assert balance.allowance == balance.base == balance.granted == 310 * CREDIT
    assert balance.refresh_at == balance.ends_at


def test_it_stays_until_its_end_and_not_a_moment_longer(user: User) -> None:
    first = credits.balance_of(user, MAY)
    assert credits.balance_of(user, paris("2026-05-31T23:59:59")) == first
    second = credits.balance_of(user, paris("2026-06-01T00:00"))
    first.refresh_from_db()
    assert first.closed_at == second.starts_at == first.ends_at
    assert second.ends_at == paris("2026-07-01")


def test_plan_credits_lapse_and_what_is_left_of_bonuses_goes_on(user: User) -> None:
    balance = credits.balance_of(user, MAY)
    give(balance, 100 * CREDIT)
    spend(balance, 340 * CREDIT)  # the plan's 310 first
    june = credits.balance_of(user, paris("2026-06-02T09:00"))
    assert (june.base, june.carried, june.bonus) == (310 * CREDIT, 70 * CREDIT, 0)
    assert june.remaining == 380 * CREDIT
    spend(june, 300 * CREDIT)  # none of them bonuses
    assert credits.balance_of(user, paris("2026-07-02T09:00")).carried == 70 * CREDIT


def test_after_a_long_absence_bonuses_are_still_there(user: User) -> None:
    give(credits.balance_of(user, MAY), 100 * CREDIT)
    autumn = credits.balance_of(user, paris("2026-10-15T09:00"))
    assert (autumn.starts_at, autumn.carried) == (paris("2026-10-01"), 100 * CREDIT)
    assert Balance.objects.filter(user=user).count() == 2


def test_a_changed_plan_reaches_its_users_with_the_next_cycle(user: User) -> None:
    credits.balance_of(user, MAY)
    Plan.objects.filter(name="Paris").update(credits=5 * CREDIT)
    assert credits.balance_of(user, MAY).base == 310 * CREDIT
    assert credits.balance_of(user, paris("2026-06-02")).base == 5 * CREDIT


@pytest.mark.parametrize(
    ("now", "starts", "ends", "hours"),
    [
        ("2026-03-28T12:00", "2026-03-27T23:00", "2026-03-28T23:00", 24),
        ("2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00", 23),  # one hour is skipped
        ("2026-03-30T00:30", "2026-03-29T22:00", "2026-03-30T22:00", 24),
        ("2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00", 25),  # one comes twice
        ("2026-10-26T00:30", "2026-10-25T23:00", "2026-10-26T23:00", 24),
    ],
)
def test_days_begin_at_local_midnight(
    user: User, now: str, starts: str, ends: str, hours: int
) -> None:
    """The expected moments are in UTC, worked out by hand."""
    balance = credits.balance_of(daily(user, 10 * CREDIT), paris(now))
    assert (balance.starts_at, balance.ends_at) == (utc(starts), utc(ends))
    assert (balance.ends_at - balance.starts_at).total_seconds() == hours * 3600
    assert (balance.interval, balance.allowance) == (Interval.DAY, 10 * CREDIT)


def test_days_over_both_clock_changes_leave_no_gap(user: User) -> None:
    user = daily(user, 10 * CREDIT)
    balance = credits.balance_of(user, paris("2026-03-27T08:00"))
    for _ in range(220):
        following = credits.balance_of(user, balance.ends_at)
        assert following.starts_at == balance.ends_at
        balance = following
    assert balance.starts_at == paris("2026-11-02")


def test_a_zone_told_later_gives_no_short_cycle(user: User) -> None:
    """A cycle of UTC ends in New York at eight in the evening of the month's last day."""
    User.objects.filter(pk=user.pk).update(time_zone="")
    credits.balance_of(user, utc("2026-05-10T12:00"))
    User.objects.filter(pk=user.pk).update(time_zone="America/New_York")
    june = credits.balance_of(user, utc("2026-06-01T00:05"))
    assert june.starts_at == utc("2026-06-01T00:00")
    assert june.ends_at == utc("2026-07-01T04:00")


def test_a_user_without_a_plan_has_nothing(user: User) -> None:
    User.objects.filter(pk=user.pk).update(plan=None)
    balance = credits.balance_of(user, MAY)
    assert (balance.granted, balance.remaining) == (0, 0)
    assert balance.ends_at == paris("2026-06-01")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("opened", [None, MAY])
def test_many_at_once_open_one_cycle(user: User, opened: datetime | None) -> None:
    if opened:
        give(credits.balance_of(user, opened), 7 * CREDIT)
    together = Barrier(8)

    def look(_: int) -> int:
        try:
            together.wait()
            return credits.balance_of(user, paris("2026-06-02")).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(look, range(8)))) == 1
    assert Balance.objects.filter(user=user, closed_at=None).count() == 1
    assert Balance.objects.filter(user=user).count() == (2 if opened else 1)
    assert credits.balance_of(user, paris("2026-06-02")).carried == (7 * CREDIT if opened else 0)


def test_a_closed_balance_takes_no_charge(user: User) -> None:
    balance = credits.balance_of(user)
    assert credits.charge(balance, 5)
    Balance.objects.filter(pk=balance.pk).update(closed_at=timezone.now())
    assert not credits.charge(balance, 5)
    balance.refresh_from_db()
    assert balance.spent == 5


def test_no_more_than_the_allowance_is_taken(user: User) -> None:
    balance = credits.balance_of(user)
    assert not credits.charge(balance, balance.allowance + 1)
    assert credits.charge(balance, balance.allowance)
    assert not credits.charge(balance, 1)


def test_who_ran_dry_hears_of_more_credits(user: User) -> None:
    balance = credits.balance_of(user)
    assert credits.charge(balance, 0, ran_dry=True)
    credits.grant(user, CREDIT, by="tests")
    assert not credits.charge(balance, 0, ran_dry=True)
