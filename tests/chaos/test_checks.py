"""A check that cannot fail checks nothing: each kind of loss and of doubling is seen."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connections
from django.db.models import F

from runs import lifecycle
from runs.models import Balance, Lease, LedgerEntry, Line, Request, Result, Run, RunTask
from runs.sql import one_snapshot
from tests.chaos.digest import digest
from tests.chaos.snapshot import broken_at_once
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work

pytestmark = pytest.mark.django_db(transaction=True)

Harm = Callable[[Run], object]


@pytest.fixture
def run(site: DemoSite, make_squid: MakeSquid) -> Run:
    """Two tasks of 15 pages, done."""
    squid = make_squid(f"{site.url}/category/toys/", f"{site.url}/category/music/", concurrency=2)
    run = lifecycle.start(squid, by="owner")
    work()
    assert broken_at_once([run.pk]) == []
    return fresh(run)


def _last_row(run: Run) -> Result:
    return Result.objects.filter(run=run).latest("number")


def _half(run: Run) -> int:
    return run.last_line // 2


HARMS: dict[str, Harm] = {
    "a row lost": lambda run: Result.objects.filter(run=run, number=7).delete(),
    "the last row lost": lambda run: _last_row(run).delete(),
    "a row doubled": lambda run: Result.objects.filter(run=run, number=7).update(number=8_000),
    "two unique numbers alike": lambda run: Result.objects.filter(run=run, number=7).update(
        unique_number=8
    ),
    "a row of another page": lambda run: Result.objects.filter(run=run, number=7).update(
        request=_last_row(run).request_id
    ),
    "a row of another task": lambda run: Result.objects.filter(run=run, number=7).update(
        run_task=_last_row(run).run_task_id + 1
    ),
    "a row of no page": lambda run: Result.objects.filter(run=run, number=7).update(request=0),
    "a page undone": lambda run: Request.objects.filter(pk=_last_row(run).request_id).update(
        state="todo"
    ),
    "a charge lost": lambda run: LedgerEntry.objects.filter(run=run).latest("pk").delete(),
    "a charge too high": lambda run: LedgerEntry.objects.filter(run=run).update(
        amount=F("amount") + 1
    ),
    "a balance too low": lambda run: Balance.objects.update(spent=F("spent") - 1),
    "credits too high": lambda run: Run.objects.filter(pk=run.pk).update(credits=1),
    "pages too many": lambda run: Run.objects.filter(pk=run.pk).update(pages=F("pages") + 1),
    "tasks too many": lambda run: Run.objects.filter(pk=run.pk).update(tasks_done=3),
    "a task's pages": lambda run: RunTask.objects.filter(run=run).update(pages=F("position")),
    "an open task": lambda run: RunTask.objects.filter(run=run).update(status="running"),
    "a line lost": lambda run: Line.objects.filter(run=run, number=_half(run)).delete(),
    "the first line lost": lambda run: Line.objects.filter(run=run, number=1).delete(),
    "a holder left": lambda run: Lease.objects.filter(run=run).update(token="somebody's"),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_a_broken_rule_is_told(run: Run, harm: Harm) -> None:
    harm(run)
    assert broken_at_once([run.pk])


def test_a_snapshot_does_not_see_what_is_written_meanwhile(run: Run) -> None:
    def lose_the_rows() -> None:
        Result.objects.filter(run=run.pk).delete()
        connections.close_all()

    with one_snapshot():
        before = Result.objects.filter(run=run).count()
        thread = Thread(target=lose_the_rows)
        thread.start()
        thread.join()
        assert Result.objects.filter(run=run).count() == before > 0
    assert Result.objects.filter(run=run).count() == 0


def test_the_digest_of_a_run_is_the_same_in_any_order(run: Run) -> None:
    run.squid.concurrency = 1
    run.squid.save()
    again = lifecycle.start(run.squid, by="owner")
    work()
    assert digest(fresh(again)) == digest(run)


@pytest.mark.parametrize(
    ("part", "harm"),
    [
        ("rows", HARMS["a row lost"]),
        ("rows", HARMS["a row of another page"]),
        ("rows", lambda run: Result.objects.filter(run=run, number=7).update(data="{}")),
        ("ledger", HARMS["a charge lost"]),
        ("ledger", HARMS["a charge too high"]),
        ("requests", HARMS["a page undone"]),
        ("tasks", lambda run: RunTask.objects.filter(run=run).update(reason="stopped")),
        ("pages' lines", lambda run: Line.objects.filter(run=run, number=_half(run)).delete()),
        ("counters", HARMS["pages too many"]),
    ],
)
def test_another_digest_when_a_part_differs(run: Run, part: str, harm: Harm) -> None:
    before = digest(run)
    harm(run)
    assert digest(run)[part] != before[part]


def test_tries_do_not_count(run: Run) -> None:
    before = digest(run)
    Request.objects.filter(run=run).update(tries=3)
    assert digest(run) == before
