"""What tests do to a user's credits: a small allowance, and the next day of it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from runs import credits, lifecycle
from runs.models import Balance, Run
from runs.states import Status
from squids.models import Interval, Plan, Squid, User

CREDIT = 1000


def allow(owner: User, amount: int, interval: Interval = Interval.DAY) -> None:
    """The user has so many thousandths a day, or a month."""
    Plan.objects.filter(pk=owner.plan_id or 0).update(credits=amount, interval=interval)


def refresh(owner: User) -> None:
    """The next day came: of the same cycle where it has more to release, else of the next one."""
    balance = credits.balance_of(owner)
    if balance.refresh_at == balance.ends_at or not balance.left:
        return end_cycle(owner)
    past = timezone.now() - timedelta(milliseconds=1)
    Balance.objects.filter(pk=balance.pk).update(refresh_at=past)
    Run.objects.filter(owner=owner, status=Status.PAUSED).update(wake_at=past)


def end_cycle(owner: User) -> None:
    """The present cycle ended a moment ago, for the balance and for who waits for it."""
    past = timezone.now() - timedelta(milliseconds=1)
    open_one = Balance.objects.filter(user=owner, closed_at=None)
    open_one.update(ends_at=past, refresh_at=past)
    Run.objects.filter(owner=owner, status=Status.PAUSED).update(wake_at=past)


def next_day(owner: User) -> int:
    """The same, with the dispatcher's look; answers how many runs it woke."""
    end_cycle(owner)
    return lifecycle.wake_paused(timezone.now())


def to_complete(squid: Squid, **functions: bool) -> Squid:
    Squid.objects.filter(pk=squid.pk).update(to_complete=True, functions=functions)
    squid.refresh_from_db()
    return squid
