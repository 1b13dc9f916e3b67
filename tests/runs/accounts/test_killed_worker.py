"""kill -9 while accounts work: counters are those of the pages that are there."""

from __future__ import annotations

import signal

import pytest
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import lifecycle
from runs.states import Status
from tests.demo_server import DemoSite
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, held_by, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_in_the_middle_of_a_batch(
    site: DemoSite, members: MembersSquid, make_account: MakeAccount
) -> None:
    accounts = [make_account("ada", batch=400), make_account("bob", batch=400)]
    squid = members("/slow/20/shop/", "/slow/20/category/kitchen/", accounts=accounts,
                    concurrency=2)  # fmt: skip
    run = lifecycle.start(squid, by="owner")
    for target in (10, 30):
        with worker(site.address) as process:
            wait_until(lambda target=target: fresh(run).pages >= target)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.wait()
        uses = [use_of(account) for account in accounts]
        assert sum(use.batch for use in uses) == fresh(run).pages
        assert sum(use.counts["pages"] for use in uses if use.counts) == fresh(run).pages
        assert broken(fresh(run)) == []
        assert lifecycle.rescue_dead(timezone.now()) == 1
        assert [held_by(account) for account in accounts] == [None, None]
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert run.unique_results == len(list(catalogue.items()))
    assert sum(use_of(account).counts["pages"] for account in accounts) == run.pages
    assert broken(run) == []
