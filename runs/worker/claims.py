"""Taking runs and giving them back: the database's side of a slice."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from runs import console, credits, hindrances, leases, lifecycle, seats, states
from runs.engine.loop import Plan
from runs.engine.work import FenceBroken
from runs.leases import Holder
from runs.models import Lease, Run, RunTask
from runs.seats import Seat
from runs.states import Level, Status
from runs.worker import committer, functions, seating
from runs.worker.hold import Hold

log = logging.getLogger(__name__)

YIELD = timedelta(milliseconds=150)
"""How long a slice that is busy leaves a new run to one that is idle."""
LONG = timedelta(minutes=3)
"""A run that waits for longer keeps no account meanwhile."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a slice can take: so many runs, and no further one once these instances are used."""

    runs: int
    instances: int

    def is_full(self, holds: Sequence[Hold]) -> bool:
        used = sum(hold.plan.concurrency for hold in holds)
        return len(holds) >= self.runs or used >= self.instances


def take(holder: Holder, room: Room, *, idle: bool, new_only: bool) -> list[Hold]:
    """Hold free runs that have something to do.

    A run with a suspect task is taken by an idle slice only, before any other, and then nothing
    else is: so its suspects follow each other, and a run does not wait behind busy ones for each.
    """
    now = timezone.now()
    found = leases.claimable(now if idle else now - YIELD, now)
    suspects = {lease.pk: _suspect(lease.run_id) for lease in found}
    holds: list[Hold] = []
    for lease in sorted(found, key=lambda lease: not suspects[lease.pk]):
        suspect = suspects[lease.pk]
        if room.is_full(holds):
            break
        if (new_only and lease.run.started_at) or (suspect and (holds or not idle)):
            continue
        hold = _try_take(lease, holder, suspect, held=bool(holds))
        if hold:
            holds.append(hold)
        if hold and suspect:
            break
    return holds


def _try_take(lease: Lease, holder: Holder, alone: int | None, *, held: bool) -> Hold | None:
    """A database that fails now must not lose the runs that were taken just before, and a run that
    cannot be taken must not keep the others waiting."""
    try:
        return _take(lease, holder, alone)
    except DatabaseError:
        if not held:
            raise
        log.exception("run %s could not be taken", lease.run_id)
    except Exception as error:
        log.exception("run %s could not be taken", lease.run_id)
        message = f"{type(error).__name__}: {error} (taking the run)"
        fail(lease.pk, "", lease.run_id, message, traceback.format_exc())
    return None


def _suspect(run_id: int) -> int | None:
    suspects = RunTask.objects.filter(run=run_id, suspect=True).order_by("position")
    return suspects.values_list("pk", flat=True).first()


def _take(lease: Lease, holder: Holder, alone: int | None) -> Hold | None:
    credits.present(lease.run.owner_id)  # a new cycle begins before accounts are locked
    with transaction.atomic():
        token = leases.take(lease.pk, holder)
        if token is None:
            return None
        Lease.objects.filter(pk=lease.pk).update(alone=alone)
        run = lifecycle.lock(lease.run_id)
        # While we waited for the lock, another slice may have held the run and given it back, its
        # suspect cleared or even ended: taken alone once more, that task would end twice.
        if run.status not in states.LIVE or _suspect(run.pk) != alone:
            leases.release(Q(pk=lease.pk))
            return None
        # Before the question what hinders it, so that no other run takes an account in between.
        now = timezone.now()
        seated = seating.take(run, now)
        if hindrance := hindrances.of(run, now):
            lifecycle.yield_to(run, hindrance)
            return None
        if not seated and seats.wanted(run):
            # An account was refreshed or linked in between: the next one to look finds it.
            leases.release(Q(pk=lease.pk))
            lifecycle.ring()
            return None
        if run.status == Status.PENDING:
            lifecycle.begin(run)
        _note_version(run)
    return _prepare(run, lease.pk, token, alone, seated)


def _note_version(run: Run) -> None:
    """A run keeps the version it was launched with; which one goes on with it is said once."""
    now = run.crawler.code.version
    before = run.version_at_work or run.crawler_version
    if now != before:
        text = f"The crawler is version {now} now; it was {before} so far"
        console.write(run, text, Level.WARNING)
        run.version_at_work = now
        run.save(update_fields=["version_at_work"])


def _prepare(
    run: Run, lease_id: int, token: str, alone: int | None, seated: Sequence[Seat]
) -> Hold | None:
    """The hold with its plan; a crawler that cannot even prepare puts the run in Error."""
    try:
        return _hold(run, lease_id, token, alone, seated)
    except Exception as error:  # a crawler's code, or a crawler that is gone
        message = f"{type(error).__name__}: {error} (preparing the crawler)"
        fail(lease_id, token, run.pk, message, traceback.format_exc())
        return None


def _hold(run: Run, lease_id: int, token: str, alone: int | None, seated: Sequence[Seat]) -> Hold:
    return Hold(
        run_id=run.pk,
        squid_id=run.squid_id,
        owner_id=run.owner_id,
        lease_id=lease_id,
        token=token,
        plan=_plan(run, alone),
        prices=run.settings["prices"],
        max_results=run.settings["params"].get("max_results"),
        max_unique=run.settings.get("max_unique_results"),
        to_complete=run.settings["to_complete"],
        delay=run.settings["delay"],
        obey_robots=run.settings["obey_robots"],
        alone=alone,
        seats=seated,
        tallies=functions.tallies(run) if run.settings["prices"]["functions"] else {},
    )


def _plan(run: Run, alone: int | None) -> Plan:
    code = run.crawler.code
    return Plan(
        crawler=code,
        settings=code.prepare(run.settings["params"], run.settings["prices"]["functions"].keys()),
        unique_by=run.settings["unique_by"],
        concurrency=1 if alone else run.concurrency,
    )


def fail(lease_id: int, token: str, run_id: int, message: str, trace: str) -> None:
    """Put a run in Error, if it is still ours, or still free where ``token`` is empty."""
    with transaction.atomic():
        run = lifecycle.lock(run_id)
        lease = Lease.objects.filter(pk=lease_id, token=token)
        ours = lease.filter(expires_at__gte=timezone.now()) if token else lease
        if ours.exists() and run.status in states.LIVE:
            lifecycle.fail(run, message, trace)


def give_back(hold: Hold, wake_at: float | None = None) -> None:
    """Free the lease; a run that waits says until when (seconds since the epoch), any other is
    rung for, in the same transaction. One that waits for long lends its accounts to others."""
    with transaction.atomic():
        try:
            run = committer.fence(hold)
        except FenceBroken:
            return
        leases.release(Q(pk=hold.lease_id))
        run.wake_at = datetime.fromtimestamp(wake_at, UTC) if wake_at else None
        run.updated_at = timezone.now()
        run.save(update_fields=["wake_at", "updated_at"])
        if run.wake_at is None:
            lifecycle.ring()
        elif run.wake_at - run.updated_at > LONG:
            seats.free(run)


def rest(hold: Hold, labels: seats.Labels) -> None:
    """No account the run holds has room for pages of these labels: go on with others, or pause."""
    with transaction.atomic():
        try:
            run = committer.fence(hold)
        except FenceBroken:
            return
        now = timezone.now()
        seating.take(run, now, labels)
        if hindrance := hindrances.accounts(run, now, labels):
            lifecycle.yield_to(run, hindrance)
        else:
            give_back(hold)


def next_wake() -> datetime | None:
    """When the next waiting run may go on."""
    waiting = Run.objects.live().filter(wake_at__isnull=False, leases__token="")
    first: Run | None = waiting.order_by("wake_at").first()
    return first.wake_at if first else None
