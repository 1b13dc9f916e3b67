"""A task whose page waits for credits and that ends its worker: failed once, counted once."""

from __future__ import annotations

import pytest

from runs import leases, lifecycle
from runs.models import Lease, Line, PendingPage, Run, RunTask
from runs.states import Status, TaskReason
from runs.worker import claims
from squids.models import Squid, User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.worker.allowances import CREDIT, allow, next_day, to_complete

pytestmark = pytest.mark.django_db(transaction=True)


def _killed(run: Run) -> None:
    """A worker takes the run and dies before it has written anything."""
    assert claims.take(leases.this_process(), claims.Room(1, 10), idle=True, new_only=False)
    assert lifecycle.rescue(Lease.objects.get(run=run))


def test_what_waited_is_dropped_with_its_task(
    site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    urls = [f"{site.url}/category/{name}/" for name in ("kitchen", "toys", "garden")]
    squid = to_complete(make_squid(*urls, concurrency=1))
    allow(owner, 5 * CREDIT)
    run = lifecycle.start(Squid.objects.get(pk=squid.pk), by="owner")
    work()
    waiting = PendingPage.objects.get(run=run)
    allow(owner, 100_000 * CREDIT)
    assert next_day(owner) == 1
    for _ in range(3):  # once among others, then alone and alone again
        _killed(run)
    task = RunTask.objects.get(pk=waiting.run_task_id)
    assert task.reason == TaskReason.KILLED_WORKER
    assert not PendingPage.objects.filter(run=run).exists()
    dropped = f"Dropped {waiting.rows_waiting} results that waited for credits"
    assert Line.objects.filter(run=run, text=dropped).count() == 1
    work()
    run = fresh(run)
    assert (run.status, run.tasks_done, run.tasks_failed) == (Status.DONE, 3, 1)
    assert broken(run) == []
