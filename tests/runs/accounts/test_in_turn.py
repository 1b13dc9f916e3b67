"""Runs that wait for one account follow each other, and nothing wakes one for nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from runs import jobs, lifecycle
from runs.models import Line, Run
from runs.states import Reason, Status
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, held_by
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = "/slow/60/category/kitchen/"


def paused(runs: list[Run]) -> list[Run]:
    return [run for run in runs if fresh(run).is_paused]


def test_the_oldest_first(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada")
    runs = [lifecycle.start(members(SLOW, accounts=[ada]), by="owner") for _ in range(4)]
    work()
    for done in range(1, 4):
        assert paused(runs) == runs[done:]
        jobs.tick()
        jobs.tick()
        assert paused(runs) == runs[done + 1 :]
        work()
    for run in runs:
        assert fresh(run).status == Status.DONE
        waits = Line.objects.filter(run=run, text__startswith="Paused")
        assert waits.count() == (run != runs[0])
        assert broken(fresh(run)) == []


def test_as_many_as_there_are_accounts(members: MembersSquid, make_account: MakeAccount) -> None:
    """Two wake at once where each takes one of two; one where it takes both."""
    accounts = [make_account("ada"), make_account("bob")]
    squids = [members(SLOW, accounts=accounts, concurrency=n) for n in (2, 1, 1, 2, 1)]
    runs = [lifecycle.start(squid, by="owner") for squid in squids]
    work()
    assert paused(runs) == runs[1:]
    for left in (runs[3:], runs[4:], []):
        jobs.tick()
        assert paused(runs) == left
        work()
    assert {fresh(run).status for run in runs} == {Status.DONE}


@pytest.mark.parametrize(("seconds", "lent"), [(600, True), (60, False)])
def test_a_run_that_waits_for_long_lends_its_account(
    seconds: int, lent: bool, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    path = f"/retry-after/{seconds}/category/kitchen/"
    first = lifecycle.start(members(path, accounts=[ada]), by="owner")
    second = lifecycle.start(members(SLOW, accounts=[ada]), by="owner")
    work()
    until = fresh(first).wake_at
    assert fresh(first).status == Status.RUNNING and until and until > timezone.now()
    assert fresh(second).reason == Reason.NO_ACCOUNT_AVAILABLE
    assert held_by(ada) == (None if lent else first)
    jobs.tick()
    assert fresh(second).status == (Status.PENDING if lent else Status.PAUSED)
    assert broken(fresh(first)) == []
