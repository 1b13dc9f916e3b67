"""A crawler that needs an account, and a run that has none: closed for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runs import jobs, lifecycle
from runs.models import Run
from runs.states import Reason, Status
from squids import actions
from squids.models import Account, Squid
from tests.runs.accounts.conftest import MakeAccount, MembersSquid
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

KITCHEN = "/category/kitchen/"


def closed(run: Run) -> bool:
    run = fresh(run)
    assert broken(run) == []
    return (run.status, run.reason) == (Status.ABORTED, Reason.NO_ACCOUNTS) and bool(run.ended_at)


def unlink(squid: Squid, account: Account) -> None:
    actions.link_accounts(squid, [])


def delete(squid: Squid, account: Account) -> None:
    actions.delete_account(account)


def test_none_at_launch(members: MembersSquid) -> None:
    run = lifecycle.start(members(KITCHEN, accounts=[]), by="owner")
    work()
    assert closed(run)
    assert fresh(run).pages == 0


@pytest.mark.parametrize("lose", [unlink, delete])
def test_lost_before_work(
    lose: Callable[[Squid, Account], None], members: MembersSquid, make_account: MakeAccount
) -> None:
    account = make_account("ada")
    squid = members(KITCHEN, accounts=[account])
    run = lifecycle.start(squid, by="owner")
    lose(squid, account)
    work()
    assert closed(run)


@pytest.mark.parametrize("lose", [unlink, delete])
def test_lost_while_the_run_waits_for_it(
    lose: Callable[[Squid, Account], None], members: MembersSquid, make_account: MakeAccount
) -> None:
    account = make_account("ada", "visitor=gone")
    squid = members(f"/cookie/need{KITCHEN}", accounts=[account])
    run = lifecycle.start(squid, by="owner")
    work()
    assert fresh(run).reason == Reason.COOKIES_EXPIRED
    lose(squid, account)
    jobs.tick()
    work()
    assert closed(run)


def test_one_of_two_is_deleted(members: MembersSquid, make_account: MakeAccount) -> None:
    ada, bob = make_account("ada"), make_account("bob")
    run = lifecycle.start(members(KITCHEN, accounts=[ada, bob]), by="owner")
    actions.delete_account(ada)
    work()
    assert fresh(run).status == Status.DONE
    assert broken(fresh(run)) == []


def test_an_account_linked_later_serves_the_next_run(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    squid = members(KITCHEN, accounts=[])
    run = lifecycle.start(squid, by="owner")
    actions.link_accounts(squid, [make_account("ada")])
    work()
    assert closed(run)
    run = lifecycle.start(squid, by="owner")
    work()
    assert fresh(run).status == Status.DONE


def test_a_crawler_that_can_do_without(members: MembersSquid) -> None:
    run = lifecycle.start(members(KITCHEN, accounts=[], optional=True), by="owner")
    work()
    assert fresh(run).status == Status.DONE


def test_without_an_account_a_page_for_members_fails_its_task(members: MembersSquid) -> None:
    squid = members(KITCHEN, f"/cookie/need{KITCHEN}", accounts=[], optional=True)
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 1)
    assert "Please sign in." in run.message
    assert broken(run) == []
