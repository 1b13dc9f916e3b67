"""An account serves one run at a time; who waits for it goes on by itself."""

from __future__ import annotations

import pytest

from runs import jobs, lifecycle
from runs.models import Line
from runs.states import Reason, Status
from squids import actions
from tests.demo_server import DemoSite
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, held_by
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "/slow/60/category/kitchen/"


def test_the_second_waits_and_follows(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada")
    first = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    second = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    work()
    assert fresh(first).status == Status.DONE
    waiting = fresh(second)
    assert (waiting.status, waiting.reason) == (Status.PAUSED, Reason.NO_ACCOUNT_AVAILABLE)
    assert waiting.wake_at is None and waiting.pages == 0
    assert waiting.message == "Account “ada” serves another run."
    assert held_by(ada) is None
    jobs.tick()
    work()
    assert fresh(second).status == Status.DONE
    assert broken(fresh(first)) + broken(fresh(second)) == []


def test_nothing_wakes_it_while_the_account_is_busy(
    site: DemoSite, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    first = lifecycle.start(members("/slow/200/shop/", accounts=[ada]), by="owner")
    second = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    with worker(site.address):
        wait_until(lambda: fresh(first).pages >= 1 and fresh(second).is_paused)
        assert held_by(ada) == first
        lines = fresh(second).last_line
        jobs.tick()
        jobs.tick()
        assert (fresh(second).status, fresh(second).last_line) == (Status.PAUSED, lines)
        lifecycle.abort(first, by="owner")
        jobs.tick()
        wait_until(lambda: fresh(second).is_done)
    assert fresh(second).status == Status.DONE
    assert broken(fresh(first)) + broken(fresh(second)) == []


def test_each_has_one_of_two(members: MembersSquid, make_account: MakeAccount) -> None:
    """With two instances each, whoever comes first holds both; with one, one is left."""
    accounts = [make_account("ada"), make_account("bob")]
    runs = [lifecycle.start(members(SLOW, accounts=accounts), by="owner") for _ in range(2)]
    work()
    assert [fresh(run).status for run in runs] == [Status.DONE, Status.DONE]
    first = {Line.objects.get(run=run, number=1).text.rpartition(" · ")[2] for run in runs}
    assert first == {"1 account (“ada”)", "1 account (“bob”)"}


def test_the_waiting_run_is_resumed_by_hand_once_it_is_free(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    first = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    second = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    work()
    assert fresh(first).is_done and fresh(second).is_paused
    lifecycle.resume(second, by="owner")
    work()
    assert fresh(second).status == Status.DONE


def test_an_account_that_expires_while_another_run_waits_for_it(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    second = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    work()
    actions.mark_account(ada.pk, "cookies_expired", "Please sign in.")
    jobs.tick()
    assert fresh(second).reason == Reason.COOKIES_EXPIRED
    assert fresh(second).message == "Account “ada”: Please sign in."
    actions.refresh_account(ada, "visitor=demo", site="127.0.0.1")
    jobs.tick()
    work()
    assert fresh(second).status == Status.DONE
