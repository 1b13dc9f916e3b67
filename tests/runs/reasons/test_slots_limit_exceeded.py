"""A plan that shrinks between Launch and the first page closes the run, and says why."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import Lease
from runs.states import Reason, Status
from squids.models import Plan
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_closed_before_its_first_page(
    site: DemoSite, make_squid: MakeSquid, plan: Plan
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/", concurrency=8), by="owner")
    Plan.objects.filter(pk=plan.pk).update(slots=4)
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.ABORTED, Reason.SLOTS_LIMIT_EXCEEDED)
    assert run.message == "It works on 8 tasks at once; the plan has 4 slots."
    assert (run.pages, run.started_at) == (0, None)
    assert not Lease.objects.exclude(token="").exists()
    assert broken(run) == []


def test_a_run_that_works_goes_on_after_it(
    site: DemoSite, make_squid: MakeSquid, plan: Plan
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/", concurrency=8), by="owner")
    work(budget=0.3)
    Plan.objects.filter(pk=plan.pk).update(slots=4)
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert run.results == run.unique_results > 0
