"""A site that goes away pauses the run, longer each time; nothing is lost when it comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lobstr_site.demo import catalogue
from runs import lifecycle
from runs.models import Line, Request, Run, RunTask
from runs.states import Reason, Status, TaskStatus
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.reasons.conftest import Shop, wake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hasty")]

STEPS = [1, 5, 15, 60, 360, 360, 360, 360]


def steps_of(run: Run) -> list[int]:
    """How many minutes each pause was to last, as the console says it."""
    lines = Line.objects.filter(run=run, text__startswith="Paused").order_by("number")
    return [round((_until(line.text) - line.at) / timedelta(minutes=1)) for line in lines]


def _until(text: str) -> datetime:
    moment = text.rpartition("Next try at ")[2].removesuffix(" UTC.")
    return datetime.strptime(moment, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def test_tasks_that_failed_are_tried_again(shop: Shop, make_squid: MakeSquid) -> None:
    urls = [f"{shop.url}/category/{name}/" for name in ("kitchen", "garden", "toys", "music")]
    squid = make_squid(*urls, concurrency=1)
    shop.down()
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.WEBSITE_INACCESSIBLE)
    assert "could not be connected to" in run.message
    assert (run.tasks_done, run.tasks_failed, run.pages, run.streak) == (0, 0, 0, [])
    assert not RunTask.objects.filter(run=run).exclude(reason="").exists()
    assert Line.objects.filter(run=run, text="2 failed tasks will be tried again").exists()
    assert broken(run) == []
    shop.up()
    run = wake(run)
    assert (run.status, run.reason, run.tasks_failed) == (Status.DONE, Reason.TASKS_DONE, 0)
    assert run.results > 0 and run.troubles == 0
    assert broken(run) == []


def test_a_chain_goes_on_where_it_broke(shop: Shop, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{shop.url}/slow/20/shop/"), by="owner")
    work(budget=0.3)
    shop.down()
    pages = fresh(run).pages
    assert pages > 0
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.WEBSITE_INACCESSIBLE)
    assert (run.pages, run.tasks_failed) == (pages, 0)
    shop.up()
    run = wake(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 0)
    assert run.results == run.unique_results == len(list(catalogue.items()))
    assert broken(run) == []


def test_after_eight_pauses_the_task_fails(shop: Shop, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{shop.url}/shop/")
    shop.down()
    run = lifecycle.start(squid, by="owner")
    work()
    for _ in STEPS:
        assert fresh(run).status == Status.PAUSED
        assert broken(fresh(run)) == []
        run = wake(run)
    assert (run.status, run.reason, run.tasks_failed) == (Status.DONE, Reason.TASKS_DONE, 1)
    assert "could not be connected to" in run.message
    assert steps_of(run) == STEPS
    assert broken(run) == []


def test_a_dead_site_closes_a_long_run(shop: Shop, make_squid: MakeSquid) -> None:
    squid = make_squid(*(f"{shop.url}/category/toys/?n={n}" for n in range(60)))
    shop.down()
    run = lifecycle.start(squid, by="owner")
    work()
    for _ in STEPS:
        run = wake(run)
    assert (run.status, run.reason) == (Status.ABORTED, Reason.WEBSITE_INACCESSIBLE)
    assert "about a day" in run.message
    assert (run.tasks_failed, run.tasks_done) == (20, 20)
    aborted = RunTask.objects.filter(run=run, status=TaskStatus.ABORTED)
    assert aborted.count() == 40
    assert broken(run) == []


def test_pages_that_never_work_do_not_stop_the_others(shop: Shop, make_squid: MakeSquid) -> None:
    """Three in a row pause the run once; then the others come first, and it ends."""
    bad = [f"{shop.url}/nothing?n={n}" for n in range(3)]
    good = [f"{shop.url}/category/toys/?n={n}" for n in range(3)]
    run = lifecycle.start(make_squid(*bad, *good, concurrency=1), by="owner")
    work()
    assert fresh(run).status == Status.PAUSED
    run = wake(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 3)
    assert steps_of(run) == [1]
    assert Request.objects.filter(run=run, state="failed").count() == 3
    assert broken(run) == []
