"""kill -9 at any moment: what was committed stays, what was not is done again, nothing twice."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import lifecycle
from runs.models import Lease, Line, Run, RunTask
from runs.states import Status, TaskReason, TaskStatus
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import next_line, stopped_outside_a_transaction, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def _has_pages(run: Run, count: int) -> bool:
    return fresh(run).pages >= count


def test_killed_in_the_middle_and_gone_on_with(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    for target in (10, 40):
        with worker(site.address) as process:
            wait_until(partial(_has_pages, run, target))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert broken(fresh(run)) == []
        assert not fresh(run).is_done
        lifecycle.rescue_dead(timezone.now())
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert run.results == run.unique_results == len(list(catalogue.items()))
    assert broken(run) == []
    assert Line.objects.filter(run=run, text__contains="Rescued").count() == 2


def test_poison_page_fails_alone(site: DemoSite, make_squid: MakeSquid) -> None:
    good = [f"{site.url}/category/kitchen/?n={n}" for n in range(7)]
    squid = make_squid(*good[:3], f"{site.url}/category/garden/?poison", *good[3:],
                       crawler="test-poison")  # fmt: skip
    run = lifecycle.start(squid, by="owner")
    for _ in range(12):
        with worker(site.address) as process:
            wait_until(lambda p=process: p.poll() is not None or fresh(run).is_done)  # type: ignore[misc]
        lifecycle.rescue_dead(timezone.now())
        if fresh(run).is_done:
            break
    run = fresh(run)
    assert run.status == Status.DONE
    tasks = RunTask.objects.filter(run=run)
    assert tasks.filter(status=TaskStatus.COMPLETED).count() == 7
    poisoned = tasks.get(status=TaskStatus.FAILED)
    assert (poisoned.position, poisoned.reason) == (4, TaskReason.KILLED_WORKER)
    assert broken(run) == []


def test_stopped_past_its_lease_and_woken_writes_nothing(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    with worker(site.address) as process:
        wait_until(partial(_has_pages, run, 5))
        wait_until(lambda: stopped_outside_a_transaction(process.pid))
        Lease.objects.filter(run=run).update(expires_at=timezone.now() - timedelta(seconds=6))
        assert lifecycle.rescue_dead(timezone.now()) == 1
        work()
        ended, before = fresh(run), Run.objects.filter(pk=run.pk).values().get()
        assert ended.status == Status.DONE
        os.kill(process.pid, signal.SIGCONT)
        assert next_line(process) == "slice\n"
        assert Run.objects.filter(pk=run.pk).values().get() == before
    assert ended.results == ended.unique_results == len(list(catalogue.items()))
    assert broken(fresh(run)) == []
