"""Many runs want few accounts, by two workers at once: each is served in the end."""

from __future__ import annotations

import pytest

from runs import jobs, lifecycle
from runs.models import AccountUse
from runs.states import Status
from tests.demo_server import DemoSite
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, use_of
from tests.runs.conftest import fresh
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_are_served(site: DemoSite, members: MembersSquid, make_account: MakeAccount) -> None:
    accounts = [make_account("ada"), make_account("bob")]
    paths = [f"/slow/20/category/kitchen/?n={n}" for n in range(2)]
    squids = [members(*paths, accounts=accounts, concurrency=2) for _ in range(6)]
    runs = [lifecycle.start(squid, by="owner") for squid in squids]

    def served() -> bool:
        jobs.tick()
        return all(fresh(run).is_done for run in runs)

    with worker(site.address), worker(site.address):
        wait_until(served)
    assert {fresh(run).status for run in runs} == {Status.DONE}
    pages = sum(fresh(run).pages for run in runs)
    assert sum(use_of(account).counts["pages"] for account in accounts) == pages
    assert not AccountUse.objects.exclude(run=None).exists()
    assert [broken(fresh(run)) for run in runs] == [[]] * 6
