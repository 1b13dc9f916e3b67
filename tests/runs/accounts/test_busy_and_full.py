"""One account is at its limit for the pages that are left, the other serves another run."""

from __future__ import annotations

import pytest

from runs import jobs, leases, lifecycle
from runs.models import Run, RunEvent
from runs.states import Reason, Status
from runs.worker import claims
from squids import actions
from squids.models import Account
from tests.runs.accounts.conftest import BAD, GOOD, MakeAccount, MembersSquid, held_by, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

GARDEN, KITCHEN = "/category/garden/", "/category/kitchen/"


@pytest.fixture
def accounts(make_account: MakeAccount) -> list[Account]:
    return [make_account("ada", lists=2), make_account("bob")]


def busy(squid_run: Run, account: Account) -> None:
    held = claims.take(leases.this_process(), claims.Room(1, 10), idle=True, new_only=False)
    assert [hold.run_id for hold in held] == [squid_run.pk]
    assert held_by(account) == squid_run


def test_it_is_not_woken_for_pages_that_it_has_read(
    members: MembersSquid, accounts: list[Account]
) -> None:
    ada, bob = accounts
    other = lifecycle.start(members(GARDEN, accounts=[bob]), by="owner")
    busy(other, bob)
    run = lifecycle.start(members(KITCHEN, accounts=accounts), by="owner")
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.LIMIT_EXCEEDED)
    assert paused.wake_at == use_of(ada).day_ends_at
    assert "“ada”: 2 of 2" in paused.message and "“bob” serves another run" in paused.message
    events = RunEvent.objects.filter(run=run).count()
    for _ in range(3):
        jobs.tick()
        work()
    assert (fresh(run).status, fresh(run).last_line) == (Status.PAUSED, paused.last_line)
    assert RunEvent.objects.filter(run=run).count() == events
    assert broken(fresh(run)) == []

    lifecycle.abort(other, by="owner")
    jobs.tick()
    work()
    assert fresh(run).status == Status.DONE
    assert use_of(ada).counts["lists"] == 2 and use_of(bob).counts["lists"] > 0
    assert broken(fresh(run)) == []


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"pages": 2}, Reason.LIMIT_EXCEEDED), ({"batch": 2}, Reason.BATCH_WAIT)],
)
def test_another_one_that_is_refreshed_takes_over(
    limits: dict[str, float], reason: Reason, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada, bob = make_account("ada", **limits), make_account("bob", BAD)
    run = lifecycle.start(members(f"/cookie/need{KITCHEN}", accounts=[ada, bob]), by="owner")
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, reason)
    jobs.tick()
    assert fresh(run).last_line == paused.last_line
    actions.refresh_account(bob, GOOD, site="127.0.0.1")
    jobs.tick()
    work()
    assert fresh(run).status == Status.DONE
    assert use_of(bob).counts["pages"] > 0
    assert broken(fresh(run)) == []


def test_a_limit_that_is_raised_wakes_it(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada", pages=2)
    run = lifecycle.start(members(KITCHEN, accounts=[ada]), by="owner")
    work()
    assert fresh(run).reason == Reason.LIMIT_EXCEEDED
    actions.limit_account(ada, {"pages": None})
    jobs.tick()
    work()
    assert fresh(run).status == Status.DONE


def test_an_account_that_is_unlinked_is_waited_for_no_longer(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    run = lifecycle.start(members(KITCHEN, accounts=[make_account("ada", pages=2)]), by="owner")
    work()
    actions.link_accounts(run.squid, [])
    jobs.tick()
    work()
    assert (fresh(run).status, fresh(run).reason) == (Status.ABORTED, Reason.NO_ACCOUNTS)
