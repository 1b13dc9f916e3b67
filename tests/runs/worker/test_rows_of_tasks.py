"""A task knows between which numbers of its run its rows are. The invariants hold that to the row
in every test of the worker; here is what they do not see."""

from __future__ import annotations

import pytest
from django.db.models import Max, Min

from runs import lifecycle
from runs.models import Result, RunTask
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_tasks_that_take_turns(site: DemoSite, make_squid: MakeSquid) -> None:
    urls = [f"{site.url}/category/{name}/" for name in ("kitchen", "garden", "toys")]
    run = lifecycle.start(make_squid(*urls, f"{site.url}/status/404", concurrency=2), by="owner")
    work()
    assert broken(fresh(run)) == []
    for task in RunTask.objects.filter(run=run):
        found = Result.objects.filter(run_task=task).aggregate(a=Min("number"), z=Max("number"))
        assert (task.first_row, task.last_row) == (found["a"], found["z"])
    assert RunTask.objects.filter(run=run, first_row=None, last_row=None).count() == 1


def test_of_a_task_with_older_rows_the_first_stays_unknown(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    """It has rows from before the bounds were kept: a later row must not pass for its first."""
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    with worker(site.address):
        wait_until(lambda: fresh(run).pages >= 3)
        lifecycle.pause(run, by="owner")
        RunTask.objects.filter(run=run).update(first_row=None, last_row=None)
        lifecycle.resume(run, by="owner")
        wait_until(lambda: fresh(run).is_done)
    task = RunTask.objects.get(run=run)
    assert (task.first_row, task.last_row) == (None, fresh(run).results)
