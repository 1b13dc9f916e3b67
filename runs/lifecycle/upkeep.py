"""What operators do to a crawler, and what becomes of its runs."""

from __future__ import annotations

from contextlib import suppress

from django.db import IntegrityError, transaction
from django.utils import timezone

from runs.lifecycle.locks import lock, lock_squid
from runs.lifecycle.moves import go_on, suspend
from runs.lifecycle.waking import nudge
from runs.models import Run
from runs.states import Reason, Status
from squids import actions, errors
from squids.models import Crawler


def maintain(crawler: Crawler, problem: str, *, by: str) -> int:
    """Report a problem of a crawler: its runs pause until it is resolved. Answers how many did."""
    actions.report_problem(crawler, problem)
    return pause_for_maintenance(crawler, by=by)


def pause_for_maintenance(crawler: Crawler, *, by: str) -> int:
    """Pause the live runs of a crawler that has a problem or is out of service."""
    live = Run.objects.filter(crawler=crawler).live().values_list("pk", flat=True)
    return sum(_pause(pk, crawler.problem, by) for pk in list(live))


def _pause(pk: int, problem: str, by: str) -> bool:
    with transaction.atomic(), suppress(errors.MoveRefused):
        suspend(lock(pk), Reason.MODULE_UNDER_MAINTENANCE, detail=problem, by=by)
        return True
    return False


def resolve(crawler: Crawler, *, by: str) -> int:
    """The crawler's problem is mended: its errored runs go on, once each, but for superseded
    ones; paused ones follow at the next tick. Answers how many errored ones do."""
    actions.clear_problem(crawler)
    nudge_maintained(crawler)
    errored = Run.objects.filter(crawler=crawler, status=Status.ERROR, superseded=False)
    found = list(errored.values_list("pk", "squid_id"))
    return sum(_retry(pk, squid, by) for pk, squid in found)


def _retry(pk: int, squid_id: int, by: str) -> bool:
    """One errored run back to the queue, unless a newer one came first or its squid is off."""
    try:
        with transaction.atomic():
            squid = lock_squid(squid_id)
            run = lock(pk)
            if run.superseded or not squid.is_active or squid.deleted_at:
                return False
            run.traceback = ""
            go_on(run, by=by, text="Resumed · the crawler's problem was resolved")
    except (errors.MoveRefused, IntegrityError):
        return False
    return True


def nudge_maintained(crawler: Crawler) -> None:
    """Have the dispatcher look at the runs that wait for this crawler."""
    waiting = Run.objects.filter(crawler=crawler, reason=Reason.MODULE_UNDER_MAINTENANCE)
    nudge(waiting, timezone.now())
