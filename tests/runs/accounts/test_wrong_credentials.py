"""The site refuses the account itself."""

from __future__ import annotations

import pytest

from runs import jobs, lifecycle
from runs.states import Reason, Status
from squids import actions
from squids.models import AccountStatus
from tests.runs.accounts.conftest import BAD, GOOD, MakeAccount, MembersSquid
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

GATED = "/cookie/need/category/kitchen/"


def test_paused_until_it_is_mended(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada", BAD)
    run = lifecycle.start(members(GATED, accounts=[ada], blocked=True), by="owner")
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.WRONG_CREDENTIALS)
    assert (paused.wake_at, paused.pages) == (None, 0)
    ada.refresh_from_db()
    assert ada.status == AccountStatus.WRONG_CREDENTIALS
    actions.refresh_account(ada, GOOD, site="127.0.0.1")
    jobs.tick()
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert run.results == run.unique_results > 0
    assert broken(run) == []


def test_a_refused_one_waits_for_no_one_where_another_is_busy(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    """Of two causes the one that clears by itself is told, with both accounts named."""
    ada, bob = make_account("ada"), make_account("bob")
    first = lifecycle.start(members("/slow/60/category/garden/", accounts=[ada]), by="owner")
    actions.mark_account(bob.pk, AccountStatus.WRONG_CREDENTIALS, "Blocked by the site.")
    second = lifecycle.start(members(GATED, accounts=[ada, bob]), by="owner")
    work()
    assert fresh(first).status == Status.DONE
    assert fresh(second).reason == Reason.NO_ACCOUNT_AVAILABLE
    assert fresh(second).message == (
        "Account “ada” serves another run. Account “bob”: Blocked by the site."
    )
