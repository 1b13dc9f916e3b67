"""Out of credits in mid-run, both choices, by the real worker; nothing is shown unpaid, read twice
or lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db.models import Sum
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import credits, lifecycle
from runs.models import Balance, LedgerEntry, Line, PendingPage, Request, Result, Run, RunTask
from runs.states import Reason, Status, TaskStatus
from squids import errors
from squids.models import Interval, Plan, User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker
from tests.runs.worker.allowances import CREDIT, allow, end_cycle, next_day, to_complete

pytestmark = pytest.mark.django_db(transaction=True)

Launch = Callable[..., Run]


@pytest.fixture
def launch(site: DemoSite, make_squid: MakeSquid, owner: User) -> Launch:
    """A run on one task, of an owner with so many credits a day."""

    def start(path: str, per_day: float, **settings: object) -> Run:
        squid = to_complete(make_squid(f"{site.url}{path}", **settings))
        allow(owner, int(per_day * CREDIT))
        return lifecycle.start(type(squid).objects.get(pk=squid.pk), by="owner")

    return start


def said(run: Run, text: str) -> int:
    return Line.objects.filter(run=run, text__contains=text).count()


def skus(run: Run) -> list[str]:
    return [row.row["sku"] for row in Result.objects.filter(run=run).order_by("number")]


def category(slug: str) -> list[str]:
    return [item.sku for item in catalogue.listing(slug)]


def paused(run: Run) -> Run:
    run = fresh(run)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.NO_CREDITS_LEFT)
    assert run.wake_at == credits.balance_of(run.owner).refresh_at
    assert broken(run) == []
    return run


def test_the_run_ends_and_what_is_not_paid_is_dropped(
    site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    squid = make_squid(f"{site.url}/category/toys/", concurrency=1)
    allow(owner, 50 * CREDIT)
    run = lifecycle.start(type(squid).objects.get(pk=squid.pk), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.NO_CREDITS_LEFT)
    assert run.unique_results == 50
    assert said(run, "10 results could not be paid and were dropped") == 1
    assert not PendingPage.objects.exists()
    assert broken(run) == []


def test_the_run_pauses_and_goes_on_from_the_same_page(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 50)
    work()
    assert paused(run).unique_results == 50
    assert skus(run) == category("toys")[:50]
    pending = PendingPage.objects.get(run=run)
    assert pending.rows_waiting == 10
    assert said(run, "10 results of this page wait for credits") == 1
    assert fresh(run).pages == 3
    assert next_day(owner) == 1
    work()
    run = paused(run)
    assert said(run, "Charged what waited for credits · 10 results") == 1
    assert run.unique_results == 100
    assert run.pages == 6  # 10 had waited, then 20, 20, and a page that waits: none read again
    for _ in range(4):
        next_day(owner)
        work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    assert skus(run) == category("toys")
    assert run.pages == Request.objects.filter(run=run).count() == catalogue.page_count("toys")
    assert run.credits == 300 * CREDIT
    assert not PendingPage.objects.exists()
    assert broken(run) == []


def test_pages_that_are_paid_to_the_last_row_leave_nothing_waiting(
    launch: Launch, owner: User
) -> None:
    run = launch("/category/toys/", 40)
    work()
    assert paused(run).unique_results == 40
    assert PendingPage.objects.get(run=run).rows_waiting == 20
    while next_day(owner):
        work()
    assert fresh(run).status == Status.DONE
    assert skus(run) == category("toys")
    assert broken(fresh(run)) == []


def test_a_page_that_costs_several_days(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 3, max_results=20)
    days = 0
    work()
    while not fresh(run).is_done:
        assert paused(run).unique_results == 3 * (days + 1)
        assert next_day(owner) == 1
        work()
        days += 1
    run = fresh(run)
    assert (days, run.pages) == (6, 1)
    assert skus(run) == category("toys")[:20]
    parts = LedgerEntry.objects.filter(run=run).order_by("part").values_list("part", "hits")
    assert list(parts) == [(0, 3), (1, 3), (2, 3), (3, 3), (4, 3), (5, 3), (6, 2)]
    assert broken(run) == []


def test_duplicates_that_wait_stay_free(site: DemoSite, make_squid: MakeSquid, owner: User) -> None:
    urls = [f"{site.url}/category/toys/?again={n}" for n in range(2)]
    squid = to_complete(make_squid(*urls, concurrency=1, max_results=30))
    allow(owner, 17 * CREDIT)
    run = lifecycle.start(type(squid).objects.get(pk=squid.pk), by="owner")
    work()
    while next_day(owner):
        work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert (run.results, run.unique_results, run.credits) == (60, 30, 30 * CREDIT)
    assert broken(run) == []


def test_functions_of_duplicates_are_free_too(
    site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    urls = [f"{site.url}/category/toys/page-15.html?again={n}" for n in range(3)]
    squid = make_squid(*urls, crawler="test-priced")
    to_complete(squid, stars=True)
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.results, run.unique_results, run.credits) == (60, 20, 22 * CREDIT)
    assert broken(run) == []


def test_functions_are_paid_before_their_rows_are_shown(
    site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    """A page of 20 rows costs 12 for its six stars and 10 for its rows."""
    squid = make_squid(f"{site.url}/category/toys/", crawler="test-priced", max_results=60)
    to_complete(squid, stars=True)
    allow(owner, 7 * CREDIT)
    run = lifecycle.start(type(squid).objects.get(pk=squid.pk), by="owner")
    shown = []
    work()
    while not fresh(run).is_done:
        shown.append(paused(run).results)
        assert next_day(owner) == 1
        work()
    run = fresh(run)
    # Days of 7: three stars and 1 left for none; three stars and two rows; twice all in rows; …
    assert shown[:4] == [0, 2, 16, 20]
    assert skus(run) == category("toys")[:60]
    assert run.credits == 3 * 22 * CREDIT
    stars = LedgerEntry.objects.filter(run=run, function="stars")
    assert stars.aggregate(a=Sum("attempts"), h=Sum("hits")) == {"a": 60, "h": 18}
    assert broken(run) == []


def test_less_than_a_row_is_left(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 20.5, max_results=40)
    work()
    assert paused(run).unique_results == 20
    assert credits.remaining(owner) == 500
    next_day(owner)
    work()
    assert fresh(run).status == Status.DONE
    assert broken(fresh(run)) == []


def test_a_refresh_in_mid_run_goes_by_unseen(site: DemoSite, launch: Launch, owner: User) -> None:
    """The cycle ends while the worker is at it: the next batch is charged to the next cycle."""
    run = launch("/slow/30/category/toys/", 1000)
    with worker(site.address):
        wait_until(lambda: fresh(run).pages >= 3)
        end_cycle(owner)
        wait_until(lambda: fresh(run).is_done)
    run = fresh(run)
    assert run.reason == Reason.TASKS_DONE
    spent = list(Balance.objects.filter(user=owner).order_by("starts_at").values_list("spent"))
    assert len(spent) == 2
    assert all(part > 0 for (part,) in spent)
    assert broken(run) == []


def test_a_bonus_wakes_it(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 50, max_results=60)
    work()
    paused(run)
    assert lifecycle.wake_paused(timezone.now()) == 0
    lifecycle.grant(owner, 10 * CREDIT, by="operator", note="for patience")
    assert lifecycle.wake_paused(timezone.now()) == 1
    work()
    run = fresh(run)
    assert (run.status, run.unique_results) == (Status.DONE, 60)
    balance = credits.balance_of(owner)
    assert (balance.bonus, balance.remaining) == (10 * CREDIT, 0)
    assert broken(run) == []


def test_no_bonus_is_missed_while_runs_run_dry(site: DemoSite, launch: Launch, owner: User) -> None:
    """Given at any moment, before, while or after a run pauses; nothing else ever wakes it."""
    run = launch("/category/toys/", 5, max_results=100)
    given = 0
    with worker(site.address):
        while not fresh(run).is_done:
            before = fresh(run).unique_results
            if given < 95:
                lifecycle.grant(owner, 5 * CREDIT, by="tests")
                given += 5
            lifecycle.wake_paused(timezone.now())
            wait_until(partial(_moved, run, before))
    run = fresh(run)
    assert (run.status, run.unique_results) == (Status.DONE, 100)
    assert credits.balance_of(owner).remaining == 0
    assert broken(run) == []


def _moved(run: Run, before: int) -> bool:
    lifecycle.wake_paused(timezone.now())
    run = fresh(run)
    return run.unique_results > before or run.is_done


def test_a_larger_plan_wakes_it(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 50, max_results=60)
    work()
    large = Plan.objects.create(name="Large", credits=100 * CREDIT, interval=Interval.MONTH)
    balance = lifecycle.set_plan(owner, large)
    assert (balance.remaining, balance.spent) == (100 * CREDIT, 0)
    assert lifecycle.wake_paused(timezone.now()) == 1
    work()
    assert fresh(run).status == Status.DONE
    assert credits.balance_of(owner).spent == 10 * CREDIT
    assert broken(fresh(run)) == []


def test_resume_is_refused_while_nothing_is_left(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 50)
    work()
    with pytest.raises(errors.Hindered, match="The credits ran out"):
        lifecycle.resume(run, by="owner")
    end_cycle(owner)
    lifecycle.resume(run, by="owner")
    assert fresh(run).status == Status.PENDING


def test_abort_drops_what_waits_and_says_so(launch: Launch, owner: User) -> None:
    run = launch("/category/toys/", 50)
    work()
    lifecycle.abort(run, by="owner")
    run = fresh(run)
    assert (run.status, run.unique_results) == (Status.ABORTED, 50)
    assert said(run, "Dropped 10 results that waited for credits") == 1
    assert not PendingPage.objects.exists()
    assert broken(run) == []


def test_the_task_with_a_waiting_page_is_not_ended(launch: Launch) -> None:
    run = launch("/category/toys/page-15.html", 5)  # the last page: nothing follows it
    work()
    paused(run)
    task = RunTask.objects.get(run=run)
    assert (task.status, task.results, task.pages) == (TaskStatus.RUNNING, 5, 1)
    assert fresh(run).tasks_done == 0


def test_a_suspect_task_with_a_waiting_page(launch: Launch, owner: User) -> None:
    """Its worker died before it was charged: it goes on alone, and ends there."""
    run = launch("/category/toys/page-15.html", 15)
    work()
    RunTask.objects.filter(run=run).update(suspect=True)
    next_day(owner)
    work()
    run = fresh(run)
    assert (run.status, run.results, run.tasks_done) == (Status.DONE, 20, 1)
    assert broken(run) == []
