"""Cycles: a balance is one day or month of a user. It is opened and renewed when it is asked for,
by any number of processes at once; nothing has to run at midnight.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from runs.credits import periods
from runs.models import Balance
from squids.models import Interval, User

TICK = timedelta(microseconds=1)
SHORTEST = {Interval.MONTH: timedelta(days=2), Interval.DAY: timedelta(hours=12)}
"""A cycle that a change of the user's zone would leave shorter runs on for one period more."""


def balance_of(user: User, now: datetime | None = None) -> Balance:
    """The user's balance of the present cycle. Safe in any transaction: it locks nothing that is
    locked after it."""
    return present(user.pk, now)


def present(user_id: int, now: datetime | None = None) -> Balance:
    """The same by the user's key: one query, but where a cycle or a day begins. There it locks the
    balance, so who locks accounts in a transaction asks before it begins."""
    while (balance := current(user_id, now)) is None:
        with transaction.atomic():
            _renew(user_id, now)
    return balance


def current(user_id: int, now: datetime | None = None) -> Balance | None:
    """The present balance where nothing of it is due; it locks nothing."""
    balance = _open_one(user_id)
    at = now or timezone.now()
    return balance if balance and at < balance.refresh_at else None


def restart(user_id: int, now: datetime | None = None) -> Balance:
    """End the present cycle and open one by the plan that the user has now."""
    opened = None
    while opened is None:
        with transaction.atomic():
            user, previous = _locked(user_id)
            at = now or timezone.now()
            if previous and previous.closed_at is None:
                previous.ends_at = max(at, previous.starts_at)
            opened = _succeed(user, previous, at)
    return opened


def allow(balance: Balance, user: User, at: datetime) -> None:
    """Set what may be spent by now, and when more may. Plan credits are spent before bonuses, and
    only they are spread."""
    balance.allowance, balance.refresh_at = balance.granted, balance.ends_at
    if balance.interval == Interval.MONTH and user.allocation == Interval.DAY:
        withheld = max(balance.base - balance.spent, 0)
        today = withheld // periods.days_left(at, balance.ends_at, user.zone)
        balance.allowance -= withheld - today
        balance.refresh_at = min(periods.next_midnight(at, user.zone), balance.ends_at)


def lock_open(user_id: int) -> Balance | None:
    """The open balance, its row locked until the transaction ends."""
    open_ones = Balance.objects.select_for_update(no_key=True).filter(closed_at=None)
    return open_ones.filter(user=user_id).first()


def _open_one(user_id: int) -> Balance | None:
    """In SQL, since every batch of pages asks."""
    query = "SELECT * FROM runs_balance WHERE user_id = %s AND closed_at IS NULL"
    return next(iter(Balance.objects.raw(query, [user_id])), None)


def _locked(user_id: int) -> tuple[User, Balance | None]:
    """The latest balance first, so that the user's plan and zone are not older than it."""
    closed = Balance.objects.filter(user=user_id).exclude(closed_at=None)
    balance = lock_open(user_id) or closed.order_by("-starts_at").first()
    return User.objects.select_related("plan").get(pk=user_id), balance


def _renew(user_id: int, now: datetime | None) -> None:
    """Carry the balance on to now, in a transaction, unless another process was quicker."""
    user, balance = _locked(user_id)
    at = now or timezone.now()
    if balance is None or balance.closed_at or balance.ends_at <= at:
        _succeed(user, balance, at)
    elif balance.refresh_at <= at:
        allow(balance, user, at)
        balance.save(update_fields=["allowance", "refresh_at"])


def _succeed(user: User, previous: Balance | None, at: datetime) -> Balance | None:
    """Close the cycle before and open the next; None where another process did."""
    opened = _opened(user, previous, at)
    try:
        with transaction.atomic():
            if previous and previous.closed_at is None:
                previous.closed_at = max(at, previous.starts_at)
                previous.save(update_fields=["closed_at", "ends_at"])
            opened.save()
    except IntegrityError:
        return None
    return opened


def _opened(user: User, previous: Balance | None, at: datetime) -> Balance:
    plan = user.plan
    interval = Interval(plan.interval) if plan else Interval.MONTH
    start, end = _bounds(previous, at, interval, user.zone)
    balance = Balance(
        user=user,
        starts_at=start,
        ends_at=end,
        interval=interval,
        base=plan.credits if plan else 0,
        carried=left_of_bonuses(previous) if previous else 0,
    )
    allow(balance, user, at)
    return balance


def _bounds(
    previous: Balance | None, at: datetime, interval: Interval, zone: tzinfo
) -> tuple[datetime, datetime]:
    """From the end of the cycle before, if that is in the present period, to the next boundary.
    Always after the beginning of that one, though a clock may have been put back."""
    if previous:
        at = max(at, previous.starts_at + TICK)
    first, end = periods.period(at, interval, zone)
    if previous is None:
        return first, end
    start = max(first, previous.ends_at)
    if start <= previous.starts_at:
        start = at
    if start < at and end - start < SHORTEST[interval]:
        end = periods.period(end, interval, zone)[1]
    return start, end


def left_of_bonuses(balance: Balance) -> int:
    """What goes on into the next cycle: plan credits lapse, and they are spent first."""
    return min(balance.carried + balance.bonus, balance.left)
