"""Changes of what a user may spend. Their runs that wait for credits are looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from runs import credits, live
from runs.lifecycle.waking import nudge_owner
from runs.models import Balance, Bonus, Run
from runs.states import Reason
from squids.models import Plan, User


def grant(user: User, amount: int, *, by: str, note: str = "") -> Bonus:
    """Bonus credits, in thousandths. Raises FieldRefused for an amount that is none."""
    with _looked_at(user):
        return credits.grant(user, amount, by=by, note=note)


def set_plan(user: User, plan: Plan | None) -> Balance:
    """Give a user another plan: its credits and a new cycle begin now."""
    with _looked_at(user):
        return credits.set_plan(user, plan)


def allocate(user: User, allocation: str) -> Balance:
    """Spread a monthly plan's credits over the days, or not. Raises FieldRefused."""
    with _looked_at(user):
        return credits.allocate(user, allocation)


@contextmanager
def _looked_at(owner: User) -> Iterator[None]:
    """Lock the user, then their runs before the balance, as everywhere. So none runs dry on the
    credits of before and pauses unseen while these change."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        runs = Run.objects.unfinished().filter(owner=owner).order_by("pk")
        list(runs.select_for_update(no_key=True).values_list("pk"))
        yield
        nudge_owner(owner, Reason.NO_CREDITS_LEFT)
        live.announce_account(owner.pk)
