"""The only writer of ``Run.status``. Each move is of a run whose row is locked: it checks the table
of moves, writes a RunEvent and a console line, and announces itself on commit.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from runs import console, hindrances, leases, live, notices, seats, states
from runs.hindrances import Hindrance
from runs.lifecycle.locks import lock, ring
from runs.models import PendingPage, Run, RunEvent, RunTask
from runs.states import Level, Reason, Status, TaskReason, TaskStatus
from squids import errors

SYSTEM = "system"


def begin(run: Run) -> None:
    """A worker took a queued run. The caller holds the run's lock; writes the first line."""
    first = run.started_at is None
    run.started_at = run.started_at or timezone.now()
    text = _first_line(run) if first else f"Going on · {_tasks(run.tasks_left)} left"
    text = " · ".join(filter(None, [text, seats.words(run)]))
    move(run, Status.RUNNING, by=SYSTEM, text=text)


def pause(run: Run, *, by: str) -> None:
    """Stop for now, by hand; pages in flight are fetched again. Raises MoveRefused."""
    with transaction.atomic():
        suspend(lock(run.pk), Reason.PAUSED_BY_HAND, by=by)


def suspend(
    run: Run,
    reason: Reason,
    *,
    wake_at: datetime | None = None,
    detail: str = "",
    by: str = SYSTEM,
) -> None:
    """Pause, until ``wake_at`` where that is known. ``detail`` says more than the reason's text.
    The caller holds the run's lock. Raises MoveRefused."""
    run.message = console.storable(detail)
    text = " ".join(filter(None, ["Paused ·", reason.label, detail, _next_try(run, wake_at)]))
    level = Level.WARNING
    if reason == Reason.PAUSED_BY_HAND:
        text, level = f"Paused by {by}", Level.INFO
    move(run, Status.PAUSED, by=by, reason=reason, text=text, level=level, wake_at=wake_at)


def _next_try(run: Run, wake_at: datetime | None) -> str:
    """By the owner's clock, as the times beside it are shown."""
    if not wake_at:
        return ""
    return f"Next try at {wake_at.astimezone(run.owner.zone):%Y-%m-%d %H:%M:%S %Z}."


def resume(run: Run, *, by: str) -> None:
    """Let a paused run go on from where it stood. Raises MoveRefused, and Hindered while its cause
    lasts."""
    with transaction.atomic():
        run = lock(run.pk)
        if not run.is_paused:
            raise errors.MoveRefused
        hindrance = hindrances.of(run, timezone.now())
        if hindrance and hindrance.target == Status.PAUSED:
            raise errors.Hindered(hindrance.text)
        go_on(run, by=by, text=f"Resumed by {by}")


def go_on(run: Run, *, by: str, text: str) -> None:
    """Back to the queue. The caller holds the run's lock. Raises MoveRefused."""
    run.message = ""
    move(run, Status.PENDING, by=by, text=text)
    ring()


def yield_to(run: Run, hindrance: Hindrance) -> None:
    """Pause, close or finish for what keeps the run from going on. The caller holds the lock."""
    if hindrance.target == Status.PAUSED:
        suspend(run, hindrance.reason, wake_at=hindrance.wake_at, detail=hindrance.detail)
    elif hindrance.target == Status.DONE:
        finish(run, hindrance.reason)
    else:
        close(run, hindrance.reason, detail=hindrance.detail)


def abort(run: Run, *, by: str, reason: Reason = Reason.ABORTED) -> None:
    """End it now and keep what was collected. Needs no living worker. Raises MoveRefused."""
    with transaction.atomic():
        run = lock(run.pk)
        _end_open_work(run)
        text = f"Aborted by {by} · {_totals(run)}"
        move(run, Status.ABORTED, by=by, reason=reason, text=text, level=Level.WARNING)


def close(run: Run, reason: Reason, *, detail: str = "") -> None:
    """End a run that cannot go on, whatever one waits for. The caller holds the run's lock."""
    _end_open_work(run)
    run.message = console.storable(detail or reason.label)
    text = f"Closed · {reason.label} · {_totals(run)}"
    move(run, Status.ABORTED, by=SYSTEM, reason=reason, text=text, level=Level.WARNING)


def finish(run: Run, reason: Reason) -> None:
    """The run reached its end. The committer calls it inside the last page's transaction, with
    the run locked."""
    _end_open_work(run)
    run.message = _summary(run, reason)
    text = f"Done · {reason.label} · {_totals(run)}"
    move(run, Status.DONE, by=SYSTEM, reason=reason, text=text)


def complete(run: Run) -> None:
    """The run's last task ended. The caller as for ``finish``."""
    finish(run, _how_tasks_ended(run))


_ALL_ENDED_SO = {
    TaskReason.LAST_PAGE: Reason.LAST_PAGE_REACHED,
    TaskReason.MAX_RESULTS: Reason.MAX_RESULTS_REACHED,
}


def _how_tasks_ended(run: Run) -> Reason:
    """What ended every task, where one thing did and none failed."""
    tasks = RunTask.objects.filter(run=run)
    reasons = {TaskReason(reason) for reason in tasks.values_list("reason", flat=True).distinct()}
    if run.tasks_failed or len(reasons) > 1:
        return Reason.TASKS_DONE
    return _ALL_ENDED_SO.get(reasons.pop(), Reason.TASKS_DONE)


def fail(run: Run, message: str, traceback: str) -> None:
    """The crawler or the platform broke. Everything committed is kept, and the run goes on from
    there once an operator marks the problem resolved. The caller holds the run's lock."""
    run.message, run.traceback = console.storable(message), console.storable(traceback)
    text = f"Error · {message}"
    move(run, Status.ERROR, by=SYSTEM, reason=Reason.CRAWLER_ERROR, text=text, level=Level.ERROR)


# --- shared -----------------------------------------------------------------------------------


def move(
    run: Run,
    target: Status,
    *,
    by: str,
    text: str,
    reason: str = "",
    level: Level = Level.INFO,
    wake_at: datetime | None = None,
) -> None:
    """The one place where a status changes. Raises MoveRefused for a move not in the table."""
    source = run.status
    if target not in states.MOVES[source]:
        raise errors.MoveRefused
    run.status, run.reason = target, reason
    _set_clocks(run, target)
    run.wake_at = wake_at
    if target not in states.LIVE:
        leases.release(Q(run=run))
        seats.free(run)
    console.write(run, text, level)
    run.save()
    record(run, source, by)
    notices.note(run)
    live.announce(run)


def _set_clocks(run: Run, target: Status) -> None:
    now = timezone.now()
    if run.active_since:
        run.active_ms += int((now - run.active_since).total_seconds() * 1000)
    run.active_since = now if target == Status.RUNNING else None
    run.ended_at = now if target in states.FINISHED else None
    run.updated_at = now


def touch(run: Run, wake_at: datetime | None = None) -> None:
    """Note that something of the run changed but its status. The caller holds the lock."""
    run.wake_at = wake_at
    run.updated_at = timezone.now()
    run.save(update_fields=["wake_at", "updated_at"])
    live.announce(run)


def record(run: Run, source: str, by: str) -> None:
    RunEvent.objects.create(run=run, source=source, target=run.status, reason=run.reason, by=by)


def _end_open_work(run: Run) -> None:
    drop_pending(run)
    open_tasks = RunTask.objects.filter(run=run, status__in=states.TASK_OPEN)
    open_tasks.update(
        status=TaskStatus.ABORTED,
        reason=TaskReason.RUN_ENDED,
        suspect=False,
        ended_at=timezone.now(),
    )


def drop_pending(run: Run, **of: RunTask) -> None:
    """What waits for credits, of the whole run or of one ``run_task``, is never paid now. The
    caller holds the run's lock."""
    pending = PendingPage.objects.filter(run=run, **of)
    if found := list(pending):
        rows = sum(page.rows_waiting for page in found)
        results = f"{rows:,} result{'' if rows == 1 else 's'}"
        console.write(run, f"Dropped {results} that waited for credits", Level.WARNING)
        pending.delete()


def _first_line(run: Run) -> str:
    slots = f"uses {run.concurrency} of {run.settings['slots']} slots"
    work = f"concurrency {run.concurrency} ({slots}) · {_tasks(run.tasks_total)}"
    first = f"Run {run.short_id}… started · {work}"
    return f"{first} · {_retried(run, run.retry_of)}" if run.retry_of else first


def _tasks(count: int) -> str:
    return f"{count:,} task{'' if count == 1 else 's'}"


def _retried(run: Run, earlier: Run) -> str:
    text = f"retry of run {earlier.short_id}…"
    left_out = earlier.tasks_failed - run.tasks_total
    if left_out <= 0:
        return text
    return f"{text}, {left_out:,} of its {earlier.tasks_failed:,} failed tasks deleted or excluded"


def _totals(run: Run) -> str:
    results = f"{run.results:,} result{'' if run.results == 1 else 's'}"
    return f"{results}, {run.unique_results:,} unique"


def _summary(run: Run, reason: Reason) -> str:
    """What the Message button says of a run that ended, where there is something to say."""
    if reason == Reason.LAST_PAGE_REACHED:
        return ""
    if reason != Reason.TASKS_DONE:
        return reason.label
    if not run.tasks_failed:
        return ""
    first = RunTask.objects.filter(run=run, status=TaskStatus.FAILED).order_by("position").first()
    why = f" The first, task {first.position}: {first.reason_text}" if first else ""
    return f"{run.tasks_failed:,} of {_tasks(run.tasks_total)} failed.{why}"
