"""What operators give and users choose. Call these by ``runs.lifecycle``, which wakes the runs that
wait for credits in the same transaction."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from runs.credits.cycles import allow, lock_open, present, restart
from runs.models import Balance, Bonus
from squids.errors import FieldRefused
from squids.models import Interval, Plan, User

LARGEST = 10**15
"""More than anybody grants, and far from what the database's integers hold."""


def grant(user: User, amount: int, *, by: str, note: str = "") -> Bonus:
    """Credits on top of the plan, there at once; what is left of them goes on into the next cycle.

    Raises FieldRefused for an amount that is none.
    """
    if not 0 < amount <= LARGEST:
        raise FieldRefused("amount", "Give an amount above zero, up to a thousand billion credits.")
    with transaction.atomic():
        balance = _locked(user)
        raised = F("bonus") + amount, F("allowance") + amount
        Balance.objects.filter(pk=balance.pk).update(bonus=raised[0], allowance=raised[1])
        return Bonus.objects.create(balance=balance, amount=amount, by=by, note=note)


def set_plan(user: User, plan: Plan | None) -> Balance:
    """End the present cycle and open one with the new plan's credits now."""
    with transaction.atomic():
        user.plan = plan
        User.objects.filter(pk=user.pk).update(plan=plan)
        return restart(user.pk)


def allocate(user: User, allocation: str) -> Balance:
    """Spread a monthly plan's credits over its days, or not, from now on. Raises FieldRefused."""
    if allocation not in Interval.values:
        raise FieldRefused("allocation", "Choose monthly or daily.")
    with transaction.atomic():
        user.allocation = allocation
        User.objects.filter(pk=user.pk).update(allocation=allocation)
        balance = _locked(user)
        allow(balance, user, timezone.now())
        balance.save(update_fields=["allowance", "refresh_at"])
        return balance


def _locked(user: User) -> Balance:
    """The present balance, locked."""
    balance = None
    while balance is None:  # a cycle may end between the two
        present(user.pk)
        balance = lock_open(user.pk)
    return balance
