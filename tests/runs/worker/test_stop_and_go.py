"""Abort, pause and resume by hand, with a worker in the middle of it and with none."""

from __future__ import annotations

from typing import Any

import pytest

from lobstr_site.demo import catalogue
from runs import lifecycle
from runs.models import Line, RunEvent, RunTask
from runs.states import Reason, Status, TaskStatus
from squids import errors
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import next_line, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_abort_needs_no_worker(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    lifecycle.abort(run, by="owner")
    run = fresh(run)
    assert (run.status, run.reason, run.results) == (Status.ABORTED, Reason.ABORTED, 0)
    assert run.ended_at
    assert work() == 0
    assert broken(fresh(run)) == []


def test_abort_cuts_a_hanging_request(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}/category/kitchen/", f"{site.url}/hang", concurrency=2)
    run = lifecycle.start(squid, by="owner")
    with worker(site.address) as process:
        wait_until(lambda: fresh(run).tasks_done == 1)
        lifecycle.abort(run, by="owner")
        assert next_line(process) == "slice\n"
    run = fresh(run)
    assert run.status == Status.ABORTED
    assert run.results > 0
    statuses = [task.status for task in RunTask.objects.filter(run=run).order_by("position")]
    assert statuses == [TaskStatus.COMPLETED, TaskStatus.ABORTED]
    assert "Aborted by owner" in Line.objects.get(run=run, number=run.last_line).text
    assert broken(run) == []


def test_pause_and_resume_lose_and_repeat_nothing(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    with worker(site.address):
        wait_until(lambda: fresh(run).pages >= 5)
        lifecycle.pause(run, by="owner")
        kept = fresh(run)
        assert (kept.status, kept.ended_at) == (Status.PAUSED, None)
        lifecycle.resume(run, by="owner")
        wait_until(lambda: fresh(run).is_done)
    run = fresh(run)
    assert run.status == Status.DONE
    assert run.results == run.unique_results == len(list(catalogue.items()))
    moves = [(e.source, e.target) for e in RunEvent.objects.filter(run=run).order_by("pk")]
    assert moves == [
        ("", "pending"),
        ("pending", "running"),
        ("running", "paused"),
        ("paused", "pending"),
        ("pending", "running"),
        ("running", "done"),
    ]
    assert broken(run) == []


def test_a_paused_run_is_left_alone(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    lifecycle.pause(run, by="owner")
    assert work() == 0
    assert fresh(run).status == Status.PAUSED


@pytest.mark.parametrize("move", [lifecycle.pause, lifecycle.resume, lifecycle.abort])
def test_a_finished_run_moves_no_more(move: Any, site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
    work()
    before = fresh(run)
    assert before.status == Status.DONE
    with pytest.raises(errors.MoveRefused):
        move(run, by="owner")
    after = fresh(run)
    assert (after.status, after.last_line) == (before.status, before.last_line)


def test_duration_leaves_pauses_out(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
    lifecycle.pause(run, by="owner")
    assert fresh(run).active_ms == 0
    lifecycle.resume(run, by="owner")
    work()
    run = fresh(run)
    assert run.started_at and run.ended_at
    assert 0 < run.active_ms <= (run.ended_at - run.started_at).total_seconds() * 1000 + 1
