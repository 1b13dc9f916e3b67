"""A site that goes away while the last tasks are read: fewer than a row of them is left to tell."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import Run, RunTask
from runs.states import Reason, Status, TaskStatus
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.reasons.conftest import Shop, wake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hasty")]


def work_until_the_last(run: Run, last: int) -> None:
    """All tasks are done but the last ones, which are in progress."""
    while fresh(run).tasks_left > last:
        work(budget=0.2)
    assert fresh(run).status == Status.RUNNING


@pytest.mark.parametrize(("first", "last"), [(1, 1), (2, 1), (4, 1), (4, 2)])
def test_they_are_tried_again(first: int, last: int, shop: Shop, make_squid: MakeSquid) -> None:
    good = [f"{shop.url}/category/toys/?n={n}" for n in range(first)]
    slow = [f"{shop.url}/slow/{40 + n}/shop/" for n in range(last)]
    run = lifecycle.start(make_squid(*good, *slow, concurrency=last), by="owner")
    work_until_the_last(run, last)
    shop.down()
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.WEBSITE_INACCESSIBLE)
    assert (run.tasks_done, run.tasks_failed) == (first, 0)
    assert broken(run) == []
    shop.up()
    run = wake(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 0)
    assert not RunTask.objects.filter(run=run).exclude(status=TaskStatus.COMPLETED).exists()
    assert broken(run) == []


def test_two_that_never_work_end_the_run_after_one_pause(shop: Shop, make_squid: MakeSquid) -> None:
    good = [f"{shop.url}/category/toys/?n={n}" for n in range(3)]
    bad = [f"{shop.url}/nothing?n={n}" for n in range(2)]
    run = lifecycle.start(make_squid(*good, *bad, concurrency=1), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.tasks_done, run.tasks_failed) == (Status.PAUSED, 3, 0)
    assert broken(run) == []
    run = wake(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    assert (run.tasks_done, run.tasks_failed) == (5, 2)
    assert broken(run) == []
