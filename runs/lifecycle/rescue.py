"""Runs whose worker died: their lease is freed, and what may have killed it goes on alone."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from runs import console, leases, seats, states
from runs.lifecycle.locks import lock, ring
from runs.lifecycle.moves import drop_pending, finish, touch
from runs.models import Lease, Run, RunTask
from runs.states import Level, Reason, TaskReason, TaskStatus

log = logging.getLogger(__name__)

ALONE_KILLS = 2
"""A task that ended its worker this often while alone is failed."""


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


def rescue(lease: Lease) -> bool:
    """Free one dead holder's lease. The tasks that were in flight go on one at a time, apart from
    other runs; a task that ends its worker alone, twice, is failed and the run goes on."""
    with transaction.atomic():
        freed = leases.release(Q(pk=lease.pk, token=lease.token))
        if not freed:
            return False
        run = lock(lease.run_id)
        seats.free(run)
        if run.status in states.LIVE:
            console.write(run, _rescued(run, lease), Level.WARNING)
            _carry_on(run)
    return True


def _carry_on(run: Run) -> None:
    """After a rescue: back to the queue, or to its end where the last task has failed."""
    if not run.tasks_left:
        finish(run, Reason.TASKS_DONE)
    else:
        touch(run)
        ring()


def _rescued(run: Run, lease: Lease) -> str:
    """Mark who may have killed the worker; answers the console's words for it."""
    if lease.alone_id:
        return _count_kill(run, lease.alone_id)
    open_tasks = RunTask.objects.filter(run=run, status=TaskStatus.RUNNING)
    count = open_tasks.update(suspect=True)
    goes = "1 task in flight goes on alone" if count == 1 else f"{count} tasks in flight go on"
    return f"Rescued after a worker died · {goes}{'' if count == 1 else ' one at a time'}"


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
    drop_pending(run, run_task=task)  # paid later, it would end the task a second time
    run.tasks_done += 1
    run.tasks_failed += 1
    run.save(update_fields=["tasks_done", "tasks_failed"])
