"""The site ends an account's session while a run works with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import jobs, lifecycle
from runs.models import Line, Request, Result, Run
from runs.states import Reason, RequestState, Status
from squids import actions
from squids.models import Account, AccountStatus
from tests.runs.accounts.conftest import BAD, GOOD, MakeAccount, MembersSquid, held_by, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

FREE, GATED = "/category/kitchen/", "/cookie/need/category/garden/"


def skus(run: Run) -> list[str]:
    return sorted(row.row["sku"] for row in Result.objects.filter(run=run))


def of_categories(*names: str) -> list[str]:
    return sorted(item["sku"] for item in catalogue.items() if item["category"] in names)


def out_lines(run: Run) -> list[str]:
    lines = Line.objects.filter(run=run, text__contains="is out").order_by("number")
    return [line.text for line in lines]


def test_it_goes_on_after_a_refresh(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada", BAD)
    run = lifecycle.start(members(FREE, GATED, accounts=[ada]), by="owner")
    work()
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.COOKIES_EXPIRED)
    assert paused.wake_at is None and held_by(ada) is None
    assert paused.message == "Account “ada”: Please sign in."
    assert (paused.tasks_done, paused.tasks_failed) == (1, 0)
    assert skus(run) == of_categories("kitchen")
    ada.refresh_from_db()
    assert ada.status == AccountStatus.COOKIES_EXPIRED
    assert len(out_lines(run)) == 1 and "“ada”" in out_lines(run)[0]
    assert broken(paused) == []

    jobs.tick()
    assert work() == 0
    assert fresh(run).last_line == paused.last_line

    actions.refresh_account(ada, GOOD, site="127.0.0.1")
    jobs.tick()
    work()
    run = fresh(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 0)
    assert skus(run) == of_categories("kitchen", "garden")
    assert run.results == run.unique_results
    assert sum(use_of(ada).counts.values()) >= run.pages
    assert broken(run) == []


def test_many_pages_in_flight_say_it_once(members: MembersSquid, make_account: MakeAccount) -> None:
    urls = [f"/slow/100{GATED}?n={n}" for n in range(6)]
    run = lifecycle.start(
        members(*urls, accounts=[make_account("ada", BAD)], concurrency=6), by="owner"
    )
    work()
    assert fresh(run).reason == Reason.COOKIES_EXPIRED
    assert len(out_lines(run)) == 1
    assert not Request.objects.filter(run=run, state=RequestState.FAILED).exists()
    assert broken(fresh(run)) == []


@pytest.mark.parametrize("concurrency", [1, 4])
def test_another_account_takes_over(
    concurrency: int, members: MembersSquid, make_account: MakeAccount
) -> None:
    bad, good = make_account("bad", BAD), make_account("good", GOOD)
    squid = members(
        *(f"{GATED}?n={n}" for n in range(4)), accounts=[bad, good], concurrency=concurrency
    )
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 0)
    assert run.unique_results == len(of_categories("garden"))
    assert use_of(good).counts["pages"] == run.pages
    assert "pages" not in use_of(bad).counts
    assert len(out_lines(run)) == 1
    assert Line.objects.filter(run=run, text__contains="Going on with").exists()
    assert broken(run) == []


def test_cookies_that_were_refreshed_meanwhile_are_not_blamed(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    """The worker's verdict is on the old ones; the run goes on with the new ones at once."""
    ada = make_account("ada", BAD)
    run = lifecycle.start(members(GATED, accounts=[ada]), by="owner")
    assert not actions.mark_account(
        ada.pk, AccountStatus.COOKIES_EXPIRED, seen=timezone.now() - timedelta(days=1)
    )
    actions.refresh_account(ada, GOOD, site="127.0.0.1")
    work()
    assert fresh(run).status == Status.DONE
    assert Account.objects.get(pk=ada.pk).status == AccountStatus.SYNCHRONIZED


def test_a_key_that_is_lost_is_as_good_as_expired(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    ada, bob = make_account("ada"), make_account("bob")
    Account.objects.filter(pk=ada.pk).update(secret="none of ours")
    run = lifecycle.start(members(FREE, accounts=[ada, bob]), by="owner")
    work()
    assert fresh(run).status == Status.DONE
    Account.objects.filter(pk=bob.pk).update(secret="none of ours")
    run = lifecycle.start(run.squid, by="owner")
    work()
    assert (fresh(run).status, fresh(run).reason) == (Status.PAUSED, Reason.COOKIES_EXPIRED)
