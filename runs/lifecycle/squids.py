"""Changes of a squid that may touch its run: switching it off, deleting it, many at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction

from runs.lifecycle.locks import lock_squid
from runs.lifecycle.moves import abort
from runs.lifecycle.waking import nudge_owner
from runs.models import Run
from runs.states import SCARCE, STALE, Reason
from squids import actions, errors
from squids.models import Repeat, Schedule, Squid


def configure(squid: Squid, changes: Mapping[str, Any], *, by: str) -> Squid:
    """Make all of these changes, or none: what ``actions.update_squid`` takes, ``is_active``,
    ``cron`` (an expression, or None for no schedule) and ``time_zone``, the schedule's. Answers the
    squid as it is then. Raises Refused."""
    with transaction.atomic():
        actions.lock_owner(squid.owner)  # before the squid, as whoever counts slots does
        squid = lock_squid(squid.pk)
        if squid.deleted_at:
            raise errors.Refused("This squid was deleted.")
        if changes.get("is_active") is False:
            deactivate(squid, by=by)  # runs are locked before accounts
        actions.update_squid(squid, changes)
        if changes.get("is_active"):
            actions.activate(squid)  # with the slots that it takes by now
        _schedule(squid, changes)
    if "accounts" in changes:
        nudge_owner(squid.owner, *STALE, *SCARCE)
    return squid


def _schedule(squid: Squid, changes: Mapping[str, Any]) -> None:
    zone = changes.get("time_zone")
    if changes.get("cron"):
        zone = zone or _zone(squid)
        actions.set_schedule(squid, repeat=Repeat.CRON, cron=changes["cron"], time_zone=zone)
    elif "cron" in changes:
        actions.delete_schedule(squid)
    elif zone:
        actions.move_schedule(squid, zone)


def _zone(squid: Squid) -> str:
    """The present schedule's, else its owner's."""
    present = Schedule.objects.filter(squid=squid).values_list("time_zone", flat=True).first()
    return str(present or squid.owner.time_zone or "UTC")


def deactivate(squid: Squid, *, by: str) -> None:
    """Block launching, free the slots, and cut a live run short."""
    with transaction.atomic():
        lock_squid(squid.pk)
        actions.deactivate(squid)
        _cut(squid, by)


def delete(squid: Squid, *, by: str) -> None:
    """Hide the squid with its tasks and runs for good, and cut a live run short."""
    with transaction.atomic():
        lock_squid(squid.pk)
        _cut(squid, by)
        actions.delete(squid)


def _cut(squid: Squid, by: str) -> None:
    for run in Run.objects.filter(squid=squid).unfinished():
        with suppress(errors.MoveRefused):  # it ended by itself at this moment
            abort(run, by=by, reason=Reason.DEACTIVATED)
