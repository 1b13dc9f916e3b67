"""The only writer of ``Run.status``. Each move locks the run, checks the table of moves, writes a
RunEvent and a console line, and announces itself on commit. All are safe to call at any moment.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_q.tasks import async_task

from runs import console, credits, leases, live, states
from runs.models import Lease, Run, RunEvent, RunTask
from runs.states import Level, Origin, Reason, Status, TaskReason, TaskStatus
from squids import actions, errors
from squids.crawlers.interface import ParamError
from squids.models import Crawler, Squid

log = logging.getLogger(__name__)

SYSTEM = "system"
ALONE_KILLS = 2
"""A task that ended its worker this often while alone is failed."""


# --- launch -----------------------------------------------------------------------------------


def start(squid: Squid, *, by: str, origin: Origin = Origin.USER) -> Run:
    """Launch a run of the squid as it is now. Durable once this returns.

    Raises a ``squids.errors.Refused``: inactive, unavailable, not ready, no task, no credits, or
    RunInProgress (the database decides, so of fifty at once one is accepted).
    """
    try:
        with transaction.atomic():
            squid = lock_squid(squid.pk)
            run = _create(squid, freeze(squid), by, origin)
            if not run.tasks_total:
                raise errors.NoTasksPresent
            _supersede(run)
            _record(run, "", by)
            ring()
            live.announce(run)
    except IntegrityError as error:
        raise errors.RunInProgress from error
    return run


def freeze(squid: Squid) -> dict[str, Any]:
    """The squid's settings and prices as a run keeps them. Refuses a squid that cannot launch."""
    _guard(squid)
    code = squid.crawler.code
    try:
        params = code.check_settings(squid.params)
    except ParamError as error:
        raise errors.SquidNotReady(f"This squid is not ready: {error}") from error
    return {
        "params": params,
        "concurrency": squid.concurrency,
        "slots": squid.owner.slots,
        "to_complete": squid.to_complete,
        "delay": squid.delay,
        "obey_robots": squid.obey_robots,
        "prices": credits.price_list(code, squid.functions),
        "unique_by": list(code.unique_fields(params)),
        "columns": [column.name for column in code.result_columns(params)],
    }


def _guard(squid: Squid) -> None:
    if not squid.is_active or squid.deleted_at:
        raise errors.SquidInactive
    if not squid.crawler.is_available or squid.crawler.has_problem:
        raise errors.CrawlerUnavailable
    if Run.objects.filter(squid=squid).unfinished().exists():
        raise errors.RunInProgress
    if credits.remaining(squid.owner) <= 0:
        raise errors.NoCreditsLeft


def _create(squid: Squid, settings: dict[str, Any], by: str, origin: Origin) -> Run:
    run = Run.objects.create(
        squid=squid,
        owner=squid.owner,
        crawler=squid.crawler,
        crawler_version=squid.crawler.code.version,
        settings=settings,
        origin=origin,
        started_by=by,
    )
    Lease.objects.create(run=run)
    run.tasks_total = _freeze_tasks(run)
    run.save(update_fields=["tasks_total"])
    return run


def _freeze_tasks(run: Run) -> int:
    """One INSERT … SELECT: 13 ms for 10,000 tasks, where building rows here takes half a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO runs_runtask (run_id, task_id, position, share, status, reason, message,
                                      pages, results, unique_results, suspect, kills)
            SELECT %s, id, ROW_NUMBER() OVER (ORDER BY position, id), 0, %s, '', '',
                   0, 0, 0, %s, 0
            FROM squids_task WHERE squid_id = %s AND is_active AND deleted_at IS NULL
            """,
            [run.pk, TaskStatus.PENDING, False, run.squid_id],
        )
        return int(cursor.rowcount)


def _supersede(run: Run) -> None:
    """An errored run is never resumed once a newer one exists."""
    earlier = Run.objects.filter(squid=run.squid_id, status=Status.ERROR, superseded=False)
    earlier.update(superseded=True)


# --- moves ------------------------------------------------------------------------------------


def begin(run: Run) -> None:
    """A worker took a queued run. The caller holds the run's lock; writes the first line."""
    first = run.started_at is None
    run.started_at = run.started_at or timezone.now()
    text = _first_line(run) if first else f"Going on · {run.tasks_left:,} tasks left"
    _move(run, Status.RUNNING, by=SYSTEM, text=text)


def pause(run: Run, *, by: str, reason: Reason = Reason.PAUSED_BY_HAND) -> None:
    """Stop for now; pages in flight are fetched again. Raises MoveRefused."""
    with transaction.atomic():
        run = lock(run.pk)
        _move(run, Status.PAUSED, by=by, reason=reason, text=f"Paused · {reason.label}")


def resume(run: Run, *, by: str) -> None:
    """Let a paused run go on from where it stood. Raises MoveRefused."""
    with transaction.atomic():
        run = lock(run.pk)
        _move(run, Status.PENDING, by=by, text=f"Resumed by {by}")
        ring()


def abort(run: Run, *, by: str, reason: Reason = Reason.ABORTED) -> None:
    """End it now and keep what was collected. Needs no living worker. Raises MoveRefused."""
    with transaction.atomic():
        run = lock(run.pk)
        _end_open_tasks(run)
        text = f"Aborted by {by} · {_totals(run)}"
        _move(run, Status.ABORTED, by=by, reason=reason, text=text, level=Level.WARNING)


def finish(run: Run, reason: Reason) -> None:
    """The run reached its end. The committer calls it inside the last page's transaction, with
    the run locked."""
    _end_open_tasks(run)
    run.message = _summary(run, reason)
    text = f"Done · {reason.label} · {_totals(run)}"
    _move(run, Status.DONE, by=SYSTEM, reason=reason, text=text)


def fail(run: Run, message: str, traceback: str) -> None:
    """The crawler or the platform broke. Everything committed is kept, and the run goes on from
    there once an operator marks the problem resolved. The caller holds the run's lock."""
    run.message, run.traceback = console.storable(message), console.storable(traceback)
    text = f"Error · {message}"
    _move(run, Status.ERROR, by=SYSTEM, reason=Reason.CRAWLER_ERROR, text=text, level=Level.ERROR)


def resolve(crawler: Crawler, *, by: str) -> int:
    """The crawler's problem is mended: its errored runs go on, once each, but for superseded
    ones. Answers how many."""
    actions.clear_problem(crawler)
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
            run.message = run.traceback = ""
            run.ended_at = None
            _move(run, Status.PENDING, by=by, text="Resumed · the crawler's problem was resolved")
            ring()
    except (errors.MoveRefused, IntegrityError):
        return False
    return True


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


# --- rescue -----------------------------------------------------------------------------------


def rescue_dead(now: datetime) -> int:
    """Free the leases whose holder died; answers how many. Any number may run at once."""
    taken = Lease.objects.exclude(token="")
    dead = [lease for lease in taken if leases.is_dead(lease, now)]
    return sum(_try_rescue(lease) for lease in dead)


def _try_rescue(lease: Lease) -> bool:
    """One that fails must not keep the others from being rescued."""
    try:
        return rescue(lease)
    except Exception:
        log.exception("The lease of run %s could not be freed", lease.run_id)
        return False


def wake(now: datetime) -> bool:
    """Ring when a run has something to do and nobody holds it; a ring may have been lost."""
    waiting = bool(leases.claimable(now, now))
    if waiting:
        ring()
    return waiting


def rescue(lease: Lease) -> bool:
    """Free one dead holder's lease. The tasks that were in flight go on one at a time, apart from
    other runs; a task that ends its worker alone, twice, is failed and the run goes on."""
    with transaction.atomic():
        freed = leases.release(Q(pk=lease.pk, token=lease.token))
        if not freed:
            return False
        run = lock(lease.run_id)
        if run.status in states.LIVE:
            console.write(run, _rescued(run, lease), Level.WARNING)
            _go_on(run)
    return True


def _go_on(run: Run) -> None:
    """After a rescue: back to the queue, or to its end where the last task has failed."""
    if not run.tasks_left:
        finish(run, Reason.TASKS_DONE)
    else:
        _touch(run)
        ring()


def _rescued(run: Run, lease: Lease) -> str:
    """Mark who may have killed the worker; answers the console's words for it."""
    if lease.alone_id:
        return _count_kill(run, lease.alone_id)
    open_tasks = RunTask.objects.filter(run=run, status=TaskStatus.RUNNING)
    count = open_tasks.update(suspect=True)
    return f"Rescued after a worker died · {count} tasks in flight go on one at a time"


def _count_kill(run: Run, run_task_id: int) -> str:
    RunTask.objects.filter(pk=run_task_id).update(kills=F("kills") + 1)
    task = RunTask.objects.get(pk=run_task_id)
    if task.kills < ALONE_KILLS:
        return f"Task {task.position} was alone when its worker died · it is tried once more"
    _fail_task(run, task)
    return f"Task {task.position} failed · {TaskReason.KILLED_WORKER.label}"


def _fail_task(run: Run, task: RunTask) -> None:
    task.suspect, task.status, task.reason = False, TaskStatus.FAILED, TaskReason.KILLED_WORKER
    task.message, task.ended_at = TaskReason.KILLED_WORKER.label, timezone.now()
    task.save(update_fields=["suspect", "status", "reason", "message", "ended_at"])
    run.tasks_done += 1
    run.tasks_failed += 1
    run.save(update_fields=["tasks_done", "tasks_failed"])


# --- shared -----------------------------------------------------------------------------------


def lock_squid(pk: int) -> Squid:
    """The squid as it is now, its row locked before any of its runs': so a launch cannot cross a
    delete, and nobody waits for another in a ring."""
    squids = Squid.objects.select_for_update(no_key=True, of=("self",))
    squid: Squid = squids.select_related("crawler", "owner__plan").get(pk=pk)
    return squid


def lock(pk: int) -> Run:
    """The run with its row locked until the transaction ends; leases first, as the committer."""
    list(Lease.objects.select_for_update(no_key=True).filter(run=pk).order_by("pk"))
    run: Run = Run.objects.select_for_update(no_key=True).get(pk=pk)
    return run


def ring() -> None:
    """Ask the queue for a worker; the job is written in this transaction."""
    async_task("runs.jobs.work", q_options={"save": False})


def _move(
    run: Run, target: Status, *, by: str, text: str, reason: str = "", level: Level = Level.INFO
) -> None:
    """The one place where a status changes. Raises MoveRefused for a move not in the table."""
    source = run.status
    if target not in states.MOVES[source]:
        raise errors.MoveRefused
    run.status, run.reason = target, reason
    _set_clocks(run, target)
    if target not in states.LIVE:
        leases.release(Q(run=run))
    console.write(run, text, level)
    run.save()
    _record(run, source, by)
    live.announce(run)


def _set_clocks(run: Run, target: Status) -> None:
    now = timezone.now()
    if run.active_since:
        run.active_ms += int((now - run.active_since).total_seconds() * 1000)
    run.active_since = now if target == Status.RUNNING else None
    run.ended_at = now if target in states.FINISHED else None
    run.wake_at = None
    run.updated_at = now


def _touch(run: Run) -> None:
    run.wake_at = None
    run.updated_at = timezone.now()
    run.save(update_fields=["wake_at", "updated_at"])
    live.announce(run)


def _record(run: Run, source: str, by: str) -> None:
    RunEvent.objects.create(run=run, source=source, target=run.status, reason=run.reason, by=by)


def _end_open_tasks(run: Run) -> None:
    open_tasks = RunTask.objects.filter(run=run, status__in=states.TASK_OPEN)
    open_tasks.update(
        status=TaskStatus.ABORTED,
        reason=TaskReason.RUN_ENDED,
        suspect=False,
        ended_at=timezone.now(),
    )


def _first_line(run: Run) -> str:
    slots = f"uses {run.concurrency} of {run.settings['slots']} slots"
    tasks = f"{run.tasks_total:,} task{'' if run.tasks_total == 1 else 's'}"
    return f"Run {run.short_id}… started · concurrency {run.concurrency} ({slots}) · {tasks}"


def _totals(run: Run) -> str:
    return f"{run.results:,} results, {run.unique_results:,} unique"


def _summary(run: Run, reason: Reason) -> str:
    """What the Message button says of a run that ended, where there is something to say."""
    if reason != Reason.TASKS_DONE:
        return reason.label
    if not run.tasks_failed:
        return ""
    first = RunTask.objects.filter(run=run, status=TaskStatus.FAILED).order_by("position").first()
    why = f" The first, task {first.position}: {first.reason_text}" if first else ""
    return f"{run.tasks_failed:,} of {run.tasks_total:,} tasks failed.{why}"
