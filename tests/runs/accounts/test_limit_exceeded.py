"""An account reads as many pages a day as its limits allow, and not one more."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import jobs, lifecycle
from runs.models import AccountUse, Run
from runs.states import Reason, Status
from squids import actions
from squids.models import User
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

SHOP, KITCHEN = "/shop/", "/category/kitchen/"
ITEMS = len(list(catalogue.items()))


def next_day() -> None:
    """The accounts' day, and the wait for it, are over."""
    past = timezone.now() - timedelta(seconds=1)
    AccountUse.objects.exclude(day_ends_at=None).update(day_ends_at=past)
    Run.objects.exclude(wake_at=None).update(wake_at=past)


def carry_on() -> None:
    next_day()
    jobs.tick()
    work()


def test_paused_until_midnight(
    owner: User, members: MembersSquid, make_account: MakeAccount
) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Asia/Tokyo")
    ada = make_account("ada", pages=3)
    run = lifecycle.start(members(KITCHEN, accounts=[ada]), by="owner")
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.LIMIT_EXCEEDED)
    assert paused.pages == 3 and paused.message == "Account “ada”: 3 of 3 pages a day."
    assert paused.wake_at == use_of(ada).day_ends_at
    assert paused.wake_at
    at_home = paused.wake_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert (at_home.hour, at_home.minute, at_home.second) == (0, 0, 0)
    assert timezone.now() < paused.wake_at <= timezone.now() + timedelta(days=1)
    assert broken(paused) == []


@pytest.mark.parametrize("concurrency", [1, 8])
def test_day_by_day_to_the_end(
    concurrency: int, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada", pages=20)
    run = lifecycle.start(
        members(SHOP, KITCHEN, accounts=[ada], concurrency=concurrency), by="owner"
    )
    before, days = 0, 0
    while not fresh(run).is_done:
        carry_on()
        days += 1
        read = fresh(run).pages - before
        before = fresh(run).pages
        assert read == use_of(ada).counts["pages"] <= 20
        assert read == 20 or fresh(run).is_done
        assert broken(fresh(run)) == []
    run = fresh(run)
    assert run.status == Status.DONE and days == -(-run.pages // 20)
    assert run.unique_results == ITEMS


def test_instances_at_once_do_not_overshoot(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada", pages=5)
    paths = [f"/slow/50{KITCHEN}?n={n}" for n in range(12)]
    run = lifecycle.start(members(*paths, accounts=[ada], concurrency=12), by="owner")
    work()
    assert fresh(run).reason == Reason.LIMIT_EXCEEDED
    assert fresh(run).pages == use_of(ada).counts["pages"] == 5
    assert broken(fresh(run)) == []


def test_redirects_and_retries_are_one_page(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada", pages=2)
    paths = ["/status/404", "/flaky/1/redirect/2/"]
    run = lifecycle.start(members(*paths, accounts=[ada]), by="owner")
    work()
    assert fresh(run).status == Status.DONE
    assert fresh(run).pages == use_of(ada).counts["pages"] == 2


def test_a_limit_on_one_kind_of_page(members: MembersSquid, make_account: MakeAccount) -> None:
    """First pages go on after the further ones are used up; then the run waits."""
    ada = make_account("ada", lists=2)
    run = lifecycle.start(
        members(KITCHEN, "/category/garden/", accounts=[ada], concurrency=2), by="owner"
    )
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.LIMIT_EXCEEDED)
    assert use_of(ada).counts == {"pages": 4, "lists": 2}
    assert paused.wake_at == use_of(ada).day_ends_at
    carry_on()
    assert use_of(ada).counts["lists"] == 2
    while not fresh(run).is_done:
        carry_on()
    assert fresh(run).status == Status.DONE
    assert broken(fresh(run)) == []


def test_the_next_run_of_the_day_has_what_is_left(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada", pages=7)
    first = lifecycle.start(members(KITCHEN, accounts=[ada]), by="owner")
    work()
    if fresh(first).is_paused:
        lifecycle.abort(first, by="owner")
    second = lifecycle.start(members("/category/garden/", accounts=[ada]), by="owner")
    work()
    assert fresh(first).pages + fresh(second).pages == 7 == use_of(ada).counts["pages"]
    assert fresh(second).reason == Reason.LIMIT_EXCEEDED


def test_a_limit_that_is_lowered_below_what_was_read(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada", pages=3)
    run = lifecycle.start(members(KITCHEN, accounts=[ada]), by="owner")
    work()
    actions.limit_account(ada, {"pages": 1})
    lifecycle.abort(run, by="owner")
    again = lifecycle.start(run.squid, by="owner")
    work()
    assert fresh(again).reason == Reason.LIMIT_EXCEEDED
    assert fresh(again).pages == 0 and fresh(again).message == (
        "Account “ada”: 3 of 1 pages a day."
    )
