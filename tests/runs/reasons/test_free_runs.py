"""A run that costs nothing has nothing to wait for when its owner's credits are spent."""

from __future__ import annotations

import pytest
from django.db.models import F

from runs import credits, lifecycle
from runs.models import Balance, Run
from runs.states import Reason, Status
from squids.models import User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("row", "reason"), [(0, Reason.TASKS_DONE), (1000, Reason.NO_CREDITS_LEFT)]
)
def test_only_who_costs_something_ends(
    row: int, reason: Reason, site: DemoSite, make_squid: MakeSquid, owner: User
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
    settings = run.settings | {"prices": {"row": row, "functions": {}}}
    Run.objects.filter(pk=run.pk).update(settings=settings)
    Balance.objects.filter(pk=credits.balance_of(owner).pk).update(allowance=F("spent"))
    work()
    run = fresh(run)
    assert (run.status, run.reason, run.credits) == (Status.DONE, reason, 0)
    assert (run.results > 0) == (row == 0)
    assert broken(run) == []
