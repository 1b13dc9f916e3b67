"""Another plan begins a cycle of its own at once; bonuses are appended and raise the balance."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.db.models import F, Sum

from runs import credits, lifecycle
from runs.models import Balance, Bonus
from squids.errors import FieldRefused
from squids.models import Interval, Plan, User
from tests.runs.credits.conftest import CREDIT


@pytest.fixture
def large(db: None) -> Plan:
    return Plan.objects.create(name="Large", credits=900 * CREDIT, interval=Interval.DAY)


def test_the_old_cycle_ends_where_the_new_one_begins(user: User, large: Plan) -> None:
    before = credits.balance_of(user)
    Balance.objects.filter(pk=before.pk).update(spent=F("base"))
    after = lifecycle.set_plan(user, large)
    before.refresh_from_db()
    assert before.closed_at == before.ends_at == after.starts_at
    assert (after.base, after.spent, after.interval) == (900 * CREDIT, 0, Interval.DAY)
    assert User.objects.get(pk=user.pk).plan == large
    assert credits.balance_of(user) == after


def test_bonuses_go_along_and_plan_credits_do_not(user: User, large: Plan) -> None:
    lifecycle.grant(user, 50 * CREDIT, by="operator")
    after = lifecycle.set_plan(user, large)
    assert (after.carried, after.bonus, after.remaining) == (50 * CREDIT, 0, 950 * CREDIT)


def test_a_first_plan_and_none(user: User, large: Plan) -> None:
    User.objects.filter(pk=user.pk).update(plan=None)
    assert lifecycle.set_plan(user, large).base == 900 * CREDIT
    assert Balance.objects.filter(user=user).count() == 1
    assert lifecycle.set_plan(user, None).remaining == 0


def test_a_bonus_raises_the_balance_and_is_noted(user: User) -> None:
    before = credits.balance_of(user)
    bonus = lifecycle.grant(user, 1, by="operator", note="One")
    after = credits.balance_of(user)
    assert (bonus.balance, bonus.by, bonus.note) == (before, "operator", "One")
    assert (after.bonus, after.remaining) == (1, before.remaining + 1)


@pytest.mark.parametrize("amount", [0, -5, 10**15 + 1])
def test_no_bonus_of_nothing_or_too_much(user: User, amount: int) -> None:
    with pytest.raises(FieldRefused) as refusal:
        lifecycle.grant(user, amount, by="operator")
    assert refusal.value.field == "amount"
    assert not Bonus.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bonuses_plans_and_charges_at_once_lose_nothing(user: User, large: Plan) -> None:
    paris = user.plan

    def act(number: int) -> None:
        try:
            one = User.objects.get(pk=user.pk)
            if number % 4 == 0:
                lifecycle.set_plan(one, large if number % 8 else paris)
            elif number % 4 == 1:
                lifecycle.allocate(one, Interval.DAY if number % 8 == 1 else Interval.MONTH)
            elif number % 4 == 2:
                lifecycle.grant(one, 10, by="tests")
            else:
                while not credits.charge(credits.balance_of(one), 1):
                    pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(48)))
    balances = Balance.objects.filter(user=user)
    assert balances.filter(closed_at=None).count() == 1
    assert balances.aggregate(n=Sum("spent"))["n"] == 12
    assert Bonus.objects.aggregate(n=Sum("amount"))["n"] == 120
    assert credits.balance_of(user).carried + credits.balance_of(user).bonus == 120
    assert not balances.filter(allowance__gt=F("base") + F("carried") + F("bonus")).exists()
