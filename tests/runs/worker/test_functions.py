"""Functions as steps of a run: tried where they are on, paid where they found something new."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from runs import credits, lifecycle
from runs.credits import audit
from runs.models import LedgerEntry, Line, Run
from runs.states import Status
from runs.worker.functions import mark, tell
from runs.worker.hold import Tally
from squids.models import Squid, User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.worker.allowances import CREDIT, allow, next_day, to_complete

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/category/toys/page-15.html"
"""The last of its listing, with 20 rows; the crawler gives each twice."""


def switch(squid: Squid, **functions: bool) -> None:
    Squid.objects.filter(pk=squid.pk).update(functions=functions)


def run_of(squid: Squid) -> Run:
    run = lifecycle.start(type(squid).objects.get(pk=squid.pk), by="owner")
    work()
    return fresh(run)


def paid(run: Run, function: str) -> tuple[int, int, int]:
    """Attempts, hits and amount."""
    sums = LedgerEntry.objects.filter(run=run, function=function).aggregate(
        attempts=Sum("attempts"), hits=Sum("hits"), amount=Sum("amount")
    )
    return sums["attempts"] or 0, sums["hits"] or 0, sums["amount"] or 0


def exact(run: Run) -> bool:
    return broken(run) == list(audit.faults()) == []


def test_what_is_found_in_duplicates_is_free(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}{PAGE}", crawler="test-picky")
    switch(squid, stars=True, weight=True)
    run = run_of(squid)
    assert (run.results, run.unique_results) == (40, 20)
    assert paid(run, "stars") == (40, 7, 14_000)  # places 0, 3, … 18 of the first twenty
    assert paid(run, "weight") == (40, 20, 10_000)
    assert run.credits == 20_000 + 14_000 + 10_000
    assert exact(run)


def test_the_page_s_line_tells_how_they_fared(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}{PAGE}", crawler="test-picky")
    switch(squid, stars=True, weight=False)
    run = run_of(squid)
    line = Line.objects.get(run=run, text__startswith="Page 1")
    assert line.text.endswith(" s · Stars: 40 tried, 14 found, 7 new")


def told(run: Run) -> list[str]:
    """What the console says of the functions as a whole."""
    lines = Line.objects.filter(run=run, text__contains=" tried, ", url="").order_by("number")
    return list(lines.values_list("text", flat=True))


def test_the_console_follows_their_progress(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}/category/toys/page-11.html", crawler="test-picky")
    switch(squid, stars=True, weight=False)
    run = run_of(squid)
    *later, last = told(run)
    tried, hits, amount = paid(run, "stars")
    assert [line.partition(":")[0] for line in later] == ["Stars so far"] * len(later)
    marks = [mark for mark in (10, 25, 50, 100, 250, 500) if mark <= tried]
    assert 3 <= len(later) <= len(marks)  # a page may pass two at once
    assert last == f"Stars in all: {tried} tried, {hits} paid · {amount // CREDIT} credits"
    end = Line.objects.get(run=run, text__startswith="Done")
    assert Line.objects.get(run=run, text=last).number < end.number


def test_progress_goes_on_where_the_last_worker_left_it(
    site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    """Paused for credits and resumed, by another hold each day: no mark is told twice."""
    squid = make_squid(f"{site.url}/category/toys/page-13.html", crawler="test-picky")
    to_complete(squid, stars=True)
    allow(owner, 30 * CREDIT)
    run = run_of(squid)
    while not run.is_done:
        assert not [line for line in told(run) if "in all" in line]
        assert next_day(owner) == 1
        work()
        run = fresh(run)
    assert len(set(told(run))) == len(told(run)) > 1
    tried, hits, amount = paid(run, "stars")
    assert told(run)[-1] == f"Stars in all: {tried} tried, {hits} paid · {amount // CREDIT} credits"


@pytest.mark.parametrize(
    ("tried", "last"),
    [
        *((0, 0), (9, 0), (10, 10), (24, 10), (25, 25), (99, 50), (100, 100), (2_499, 1_000)),
        *((2_500, 2_500), (999_999, 500_000)),
    ],
)
def test_marks(tried: int, last: int) -> None:
    assert mark(tried) == last


def test_what_is_rolled_back_is_not_told() -> None:
    before = {"stars": Tally(24, 3, 6_000)}
    tell(before, [("stars", Tally(1, 1, 2_000))], {"stars": "Stars"}, ends=False)
    again = tell(before, [("stars", Tally(1, 1, 2_000))], {"stars": "Stars"}, ends=False)
    assert [note.text for note in again.notes] == ["Stars so far: 25 tried, 4 paid · 8 credits"]
    assert before == {"stars": Tally(24, 3, 6_000)}


def test_one_that_is_off_is_neither_entered_nor_told(site: DemoSite, make_squid: MakeSquid) -> None:
    run = run_of(make_squid(f"{site.url}{PAGE}", crawler="test-picky"))
    assert run.credits == 20 * CREDIT
    assert set(LedgerEntry.objects.filter(run=run).values_list("function", flat=True)) == {"base"}
    assert not Line.objects.filter(run=run, text__contains="tried").exists()


def test_each_has_a_bar_of_its_own(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}{PAGE}", crawler="test-picky")
    switch(squid, stars=True, weight=True)
    bars = credits.costs(run_of(squid))
    assert [(bar.label, bar.hits, bar.amount) for bar in bars] == [
        ("Results", 20, 20_000),
        ("Stars", 7, 14_000),
        ("Weight", 20, 10_000),
    ]


def test_credits_that_run_out_change_nothing_of_it(
    site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    """Five credits a day: the page is paid over many days, functions first."""
    squid = make_squid(f"{site.url}{PAGE}", crawler="test-picky")
    to_complete(squid, stars=True, weight=True)
    allow(owner, 5 * CREDIT)
    run = run_of(squid)
    days = 0
    while not run.is_done:
        assert run.status == Status.PAUSED
        assert exact(run)
        assert next_day(owner) == 1
        work()
        run, days = fresh(run), days + 1
    assert days > 5
    assert (run.results, run.unique_results, run.credits) == (40, 20, 44 * CREDIT)
    assert (paid(run, "stars"), paid(run, "weight")) == ((40, 7, 14_000), (40, 20, 10_000))
    assert exact(run)


def test_rows_past_a_limit_are_not_paid_for(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}{PAGE}", crawler="test-picky", max_results=8)
    switch(squid, stars=True, weight=True)
    run = run_of(squid)
    assert (run.results, paid(run, "stars")[1], paid(run, "weight")[1]) == (8, 3, 8)
    assert exact(run)
