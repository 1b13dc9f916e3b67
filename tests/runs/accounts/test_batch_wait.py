"""After a batch of pages an account rests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import jobs, lifecycle
from runs.models import AccountUse, Run
from runs.states import Reason, Status
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def rested() -> None:
    past = timezone.now() - timedelta(seconds=1)
    AccountUse.objects.exclude(batch_ends_at=None).update(batch_ends_at=past)
    Run.objects.exclude(wake_at=None).update(wake_at=past)


def test_batch_after_batch(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada", batch=20, batch_hours=5)  # declared: 2
    run = lifecycle.start(members("/shop/", accounts=[ada]), by="owner")
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.BATCH_WAIT)
    assert paused.pages == use_of(ada).batch == 20
    assert paused.wake_at == use_of(ada).batch_ends_at
    assert paused.wake_at and paused.wake_at > timezone.now() + timedelta(hours=4)
    assert paused.message == "Account “ada” rests after 20 pages."
    assert broken(paused) == []
    while not fresh(run).is_done:
        before = fresh(run).pages
        rested()
        jobs.tick()
        work()
        assert fresh(run).pages - before == use_of(ada).batch <= 20
    run = fresh(run)
    assert run.status == Status.DONE
    assert run.unique_results == len(list(catalogue.items()))
    assert use_of(ada).counts["pages"] == run.pages
    assert broken(run) == []


def test_the_later_of_two_waits_counts(members: MembersSquid, make_account: MakeAccount) -> None:
    """Both the batch and the day are used up: the day decides, or the rest past midnight."""
    ada = make_account("ada", batch=3, pages=3)
    run = lifecycle.start(members("/shop/", accounts=[ada]), by="owner")
    work()
    use = use_of(ada)
    assert use.day_ends_at and use.batch_ends_at
    assert fresh(run).wake_at == max(use.day_ends_at, use.batch_ends_at)


def test_the_one_that_is_ready_first_decides(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    """Two accounts, one at its daily limit, one resting for two hours."""
    ada, bob = make_account("ada", pages=2), make_account("bob", batch=2)
    run = lifecycle.start(members("/shop/", accounts=[ada, bob]), by="owner")
    work()
    day, rest = use_of(ada).day_ends_at, use_of(bob).batch_ends_at
    assert day and rest
    assert fresh(run).pages == 4
    assert fresh(run).wake_at == min(day, rest)
    assert fresh(run).reason == (Reason.BATCH_WAIT if rest < day else Reason.LIMIT_EXCEEDED)
    assert "“ada”" in fresh(run).message and "“bob”" in fresh(run).message
