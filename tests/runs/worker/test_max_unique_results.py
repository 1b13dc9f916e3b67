"""The run's limit of unique results, by the real worker: exactly so many, and nothing beyond."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from django.utils import timezone

from runs import lifecycle
from runs.models import Line, Result, Run, RunTask
from runs.states import Reason, Status, TaskStatus
from squids import actions
from squids.models import Plan
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def run_with_limit(make_squid: MakeSquid, limit: int, *urls: str, **options: Any) -> Run:
    squid = make_squid(*urls, **options)
    actions.update_squid(squid, {"max_unique_results_per_run": limit})
    run = lifecycle.start(squid, by="owner")
    actions.update_squid(squid, {"max_unique_results_per_run": None})
    work()
    return fresh(run)


@pytest.mark.parametrize("limit", [1, 50, 60])
def test_it_ends_the_run_at_the_very_row(site: DemoSite, make_squid: MakeSquid, limit: int) -> None:
    run = run_with_limit(make_squid, limit, f"{site.url}/shop/")
    assert (run.status, run.reason) == (Status.DONE, Reason.MAX_UNIQUE_RESULTS_REACHED)
    assert run.results == run.unique_results == limit
    assert run.credits == 1000 * limit
    assert run.pages == -(-limit // 20)
    assert broken(run) == []


def test_it_counts_over_all_tasks_at_once(site: DemoSite, make_squid: MakeSquid) -> None:
    names = ("kitchen", "garden", "toys", "music", "sport", "office")
    urls = [f"{site.url}/category/{name}/" for name in names]
    run = run_with_limit(make_squid, 333, *urls, concurrency=6)
    assert (run.unique_results, run.reason) == (333, Reason.MAX_UNIQUE_RESULTS_REACHED)
    assert broken(run) == []


def test_duplicates_before_it_are_kept_and_free(site: DemoSite, make_squid: MakeSquid) -> None:
    paths = ("kitchen/", "kitchen/?again", "garden/")
    urls = [f"{site.url}/category/{path}" for path in paths]
    run = run_with_limit(make_squid, 305, *urls, concurrency=1)
    assert (run.results, run.unique_results) == (605, 305)
    assert run.credits == 305_000
    assert not Result.objects.filter(run=run, number__gt=605).exists()
    ended = RunTask.objects.filter(run=run).order_by("position").values_list("status", flat=True)
    assert list(ended) == [TaskStatus.COMPLETED, TaskStatus.COMPLETED, TaskStatus.ABORTED]
    assert Line.objects.filter(run=run, text__startswith="15 more results of this page").exists()
    assert broken(run) == []


def test_a_limit_that_is_never_reached_changes_nothing(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    run = run_with_limit(make_squid, 301, f"{site.url}/category/kitchen/")
    assert (run.unique_results, run.reason) == (300, Reason.TASKS_DONE)


def test_functions_are_paid_for_kept_rows_only(site: DemoSite, make_squid: MakeSquid) -> None:
    """The crawler's function finds something for each row; the page that is cut pays for its
    share."""
    run = run_with_limit(make_squid, 25, f"{site.url}/category/kitchen/", crawler="test-weighing")
    assert run.unique_results == 25
    assert run.credits == 25 * (1000 + 500)
    assert broken(run) == []


def test_killed_on_the_way_it_is_the_very_row_all_the_same(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    names = ("kitchen", "garden", "toys", "music")
    squid = make_squid(*(f"{site.url}/slow/30/category/{name}/" for name in names))
    actions.update_squid(squid, {"max_unique_results_per_run": 777})
    run = lifecycle.start(squid, by="owner")
    for pages in (8, 20):
        with worker(site.address) as process:
            wait_until(lambda pages=pages: fresh(run).pages >= pages)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert broken(fresh(run)) == []
        lifecycle.rescue_dead(timezone.now())
    work()
    run = fresh(run)
    assert (run.unique_results, run.reason) == (777, Reason.MAX_UNIQUE_RESULTS_REACHED)
    assert run.credits == 777_000
    assert broken(run) == []


def test_rows_that_waited_for_credits_count_in_it(site: DemoSite, make_squid: MakeSquid) -> None:
    """Out of credits within a page, it pauses; of what waits, no more is charged than the limit
    lets through."""
    squid = make_squid(f"{site.url}/shop/")
    actions.update_squid(squid, {"max_unique_results_per_run": 35, "to_complete": True})
    Plan.objects.update(credits=30 * 1000)
    squid.owner.refresh_from_db()
    run = lifecycle.start(squid, by="owner")
    work()
    assert (fresh(run).status, fresh(run).unique_results) == (Status.PAUSED, 30)
    lifecycle.grant(squid.owner, 100 * 1000, by="operator")
    lifecycle.wake_paused(timezone.now())
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.MAX_UNIQUE_RESULTS_REACHED)
    assert (run.unique_results, run.credits, run.pages) == (35, 35_000, 2)
    assert broken(run) == []
