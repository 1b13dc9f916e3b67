"""What operators do to a crawler, and what becomes of its runs."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from runs.lifecycle.locks import lock, lock_squid
from runs.lifecycle.moves import SYSTEM, go_on, suspend, touch
from runs.lifecycle.waking import nudge
from runs.models import Run, RunQuerySet
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
    return sum(_pause(pk, by) for pk in list(live))


def _pause(pk: int, by: str) -> bool:
    """Unless the crawler is back by now: whoever put it back found the run at work."""
    with transaction.atomic(), suppress(errors.MoveRefused):
        run = lock(pk)
        if not run.crawler.is_in_service:
            suspend(
                run, Reason.MODULE_UNDER_MAINTENANCE, detail=run.crawler.problem_sentence, by=by
            )
            return True
    return False


class Resolved(NamedTuple):
    """How many runs go on: paused ones, which the dispatcher looks at next, and errored ones."""

    paused: int
    errored: int


def resolve(crawler: Crawler, *, by: str) -> Resolved:
    """The crawler's problem is mended: its paused and errored runs go on, once each, but for
    superseded ones. Durable once this returns: what is left, the dispatcher does."""
    with transaction.atomic():
        actions.clear_problem(crawler)
        errored = Run.objects.filter(crawler=crawler, status=Status.ERROR, superseded=False)
        errored.update(wake_at=timezone.now())
        paused = nudge(_back_in_service().filter(crawler=crawler), timezone.now())
    return Resolved(paused, retry_resolved(by=by, crawler=crawler))


def retry_resolved(*, by: str = SYSTEM, crawler: Crawler | None = None) -> int:
    """Put errored runs whose crawler was mended back to the queue; answers how many. Any number
    may run at once."""
    resolved = Run.objects.filter(status=Status.ERROR, wake_at__isnull=False)
    if crawler:
        resolved = resolved.filter(crawler=crawler)
    return sum(_retry(pk, squid, by) for pk, squid in list(resolved.values_list("pk", "squid_id")))


def _retry(pk: int, squid_id: int, by: str) -> bool:
    """One errored run back to the queue, unless a newer one came first or its squid is off."""
    with transaction.atomic():
        squid = lock_squid(squid_id)
        run = lock(pk)
        if run.status != Status.ERROR or run.wake_at is None:
            return False  # another was quicker
        newer = Run.objects.filter(squid=squid).unfinished().exists()
        if run.superseded or newer or not squid.is_active or squid.deleted_at:
            touch(run)
            return False
        run.traceback = ""
        go_on(run, by=by, text="Resumed · the crawler's problem was resolved")
    return True


def nudge_maintained(now: datetime) -> int:
    """Have the dispatcher look at the runs whose crawler is in service again."""
    return nudge(_back_in_service(), now)


def _back_in_service() -> RunQuerySet:
    waiting: RunQuerySet = Run.objects.filter(reason=Reason.MODULE_UNDER_MAINTENANCE, wake_at=None)
    return waiting.filter(crawler__is_available=True, crawler__problem="")
