"""A run from launch to done, by the real worker on the demo shop."""

from __future__ import annotations

import pytest

from lobstr_site.demo import catalogue
from runs import lifecycle
from runs.models import Line, Result, Run, RunTask
from runs.states import Reason, Status, TaskReason, TaskStatus
from squids.models import Plan
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_item_of_the_shop_once(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    skus = {row.row["sku"] for row in Result.objects.filter(run=run)}
    assert skus == {item["sku"] for item in catalogue.items()}
    assert run.results == run.unique_results == len(skus)
    assert run.credits == 1000 * len(skus)
    assert broken(run) == []


def test_duplicates_are_kept_and_free(site: DemoSite, make_squid: MakeSquid) -> None:
    urls = [f"{site.url}/category/kitchen/?again={n}" for n in range(3)]
    run = lifecycle.start(make_squid(*urls), by="owner")
    work()
    run = fresh(run)
    assert run.results == 3 * run.unique_results > 0
    assert run.credits == 1000 * run.unique_results
    assert broken(run) == []


def test_first_line_says_how_many_instances(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/", concurrency=3), by="owner")
    work()
    first = Line.objects.get(run=run, number=1)
    assert first.text == (
        f"Run {run.uid[:8]}… started · concurrency 3 (uses 3 of 100 slots) · 1 task"
    )


def test_max_results_cuts_each_task(site: DemoSite, make_squid: MakeSquid) -> None:
    urls = [f"{site.url}/category/{name}/" for name in ("kitchen", "garden")]
    run = lifecycle.start(make_squid(*urls, max_results=30), by="owner")
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    tasks = RunTask.objects.filter(run=run)
    assert [task.results for task in tasks] == [30, 30]
    assert {task.reason for task in tasks} == {TaskReason.MAX_RESULTS}
    assert broken(run) == []


def test_a_failed_task_keeps_the_run_going(site: DemoSite, make_squid: MakeSquid) -> None:
    urls = [
        f"{site.url}/category/kitchen/",
        f"{site.url}/status/404",
        f"{site.url}/refuse",
        f"{site.url}/garbage",
    ]
    run = lifecycle.start(make_squid(*urls), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    tasks = list(RunTask.objects.filter(run=run).order_by("position"))
    assert [task.status for task in tasks] == [TaskStatus.COMPLETED, *[TaskStatus.FAILED] * 3]
    assert tasks[1].message == "HTTP status 404"
    assert tasks[2].reason == TaskReason.BAD_INPUT
    assert run.tasks_failed == 3
    assert "3 of 4 tasks failed" in run.message
    assert broken(run) == []


def test_a_site_that_fails_at_times_costs_nothing(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}/flaky/1/category/kitchen/", max_results=60)
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert run.unique_results == 60
    assert Line.objects.filter(run=run, level="warning", text__contains="trying again").exists()
    assert broken(run) == []


def test_credits_that_run_out_end_the_run(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}/shop/")
    Plan.objects.update(credits=50 * 1000)
    squid.owner.refresh_from_db()
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.NO_CREDITS_LEFT)
    assert run.unique_results == 50
    assert run.credits == 50 * 1000
    assert Line.objects.filter(run=run, text__contains="10 results could not be paid").exists()
    assert broken(run) == []
    assert Run.objects.unfinished().count() == 0
