"""Runs that wait: paused ones whose time has come, and live ones that nobody works on."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from runs import console, hindrances, leases, notices, seats, states
from runs.hindrances import Hindrance
from runs.lifecycle.locks import lock, ring
from runs.lifecycle.moves import SYSTEM, go_on, touch
from runs.models import Run, RunQuerySet
from runs.states import Level, Reason, Status
from squids.models import User

log = logging.getLogger(__name__)


def wake(now: datetime) -> bool:
    """Ring when a run has something to do and nobody holds it; a ring may have been lost."""
    waiting = bool(leases.claimable(now, now))
    if waiting:
        ring()
    return waiting


def nudge(runs: RunQuerySet, now: datetime) -> int:
    """Have the dispatcher look at these paused runs at once: what they wait for may be there. It
    leaves alone those that were paused by hand."""
    paused = runs.filter(status=Status.PAUSED).exclude(reason=Reason.PAUSED_BY_HAND)
    return int(paused.update(wake_at=now))


def nudge_owner(owner: User, *reasons: Reason) -> int:
    """The same for a user's runs that are paused for one of these reasons."""
    return nudge(Run.objects.filter(owner=owner, reason__in=reasons), timezone.now())


def nudge_unseated(now: datetime) -> int:
    """Nudge the runs that wait for an account and may have one by now, or have none left at all;
    of those that want the same one, the oldest. The rows tell, whatever freed it: a ring that is
    lost leaves no run waiting."""
    waiting = list(seats.waiting(now))
    promised: set[int] = set()
    for run in seats.queued(now) if waiting else ():
        _try_offer(run, now, promised)
    changed = [run.pk for run in waiting if _try_offer(run, now, promised)]
    return nudge(Run.objects.filter(pk__in=changed), now) if changed else 0


def _try_offer(run: Run, now: datetime, promised: set[int]) -> bool:
    """One that fails must not keep the others waiting."""
    try:
        return _offer(run, now, promised)
    except Exception:
        log.exception("What run %s waits for could not be told", run.pk)
        return False


def _offer(run: Run, now: datetime, promised: set[int]) -> bool:
    """Whether the run may go on: with accounts that are promised to it from now on, or since it
    waits for something else by now."""
    ready = seats.ready(run, now)
    left = [account for account in ready if account not in promised]
    promised.update(left[: run.concurrency])
    return bool(left) or (not ready and _cause_changed(run, now))


def _cause_changed(run: Run, now: datetime) -> bool:
    if run.reason in seats.LIMITS:
        return not seats.of(run).exists()
    hindrance = hindrances.accounts(run, now)
    return hindrance is None or hindrance.reason != run.reason


def wake_paused(now: datetime) -> int:
    """Resume the paused runs whose time has come and whose cause is gone; answers how many. Any
    number may run at once."""
    due = Run.objects.filter(status=Status.PAUSED, wake_at__lte=now).order_by("wake_at")
    return sum(_try_wake(pk, now) for pk in list(due.values_list("pk", flat=True)))


def _try_wake(pk: int, now: datetime) -> bool:
    """One that fails must not keep the others waiting."""
    try:
        return _wake(pk, now)
    except Exception:
        log.exception("Run %s could not be woken", pk)
        return False


def _wake(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        run = lock(pk)
        if not run.is_paused or run.wake_at is None or run.wake_at > now:
            return False  # another dispatcher was quicker
        if run.reason == Reason.PAUSED_BY_HAND:
            return False
        hindrance = hindrances.of(run, now)
        if hindrance and hindrance.target == Status.PAUSED:
            _wait_on(run, hindrance)
            return False
        # What ends the run instead, the worker applies when it takes it.
        go_on(run, by=SYSTEM, text=_why(run))
    return True


def _why(run: Run) -> str:
    again = run.reason in states.TROUBLES
    return "Resumed · the site is tried again" if again else "Resumed · what it waited for is there"


def _wait_on(run: Run, hindrance: Hindrance) -> None:
    """Still paused, for the same cause or another."""
    if (run.reason, run.message) != (hindrance.reason, hindrance.detail):
        console.write(run, f"Still paused · {hindrance.text}", Level.WARNING)
    run.reason, run.message = hindrance.reason, hindrance.detail
    run.save(update_fields=["reason", "message"])
    notices.note(run)
    touch(run, wake_at=hindrance.wake_at)
