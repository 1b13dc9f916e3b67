"""Every task was worked on to its end, whatever came of it."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.states import Reason, Status
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def test_failed_tasks_are_counted_and_named(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{site.url}/category/toys/", f"{site.url}/status/404/shop/")
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    assert (run.tasks_done, run.tasks_failed) == (2, 1)
    assert run.message.startswith("1 of 2 tasks failed. The first, task 2: HTTP status 404")
    assert broken(run) == []
