"""What happens to a squid's run when the squid is switched off or deleted."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

from runs.lifecycle.locks import lock_squid
from runs.lifecycle.moves import abort
from runs.models import Run
from runs.states import Reason
from squids import actions, errors
from squids.models import Squid


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
