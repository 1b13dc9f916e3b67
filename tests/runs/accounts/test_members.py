"""The web scraper in the shop's members' area: without an account, signed out half-way, blocked."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lobstr_site.demo.catalogue import SALE, listing
from lobstr_site.seed import MEMBERS
from runs import lifecycle
from runs.models import LedgerEntry, Result, Run
from runs.states import Reason, Status
from squids import actions
from squids.models import Account, AccountStatus, Squid, User
from tests.demo_server import DemoSite
from tests.runs.conftest import CREDIT, MakeSquid, fresh, work

pytestmark = pytest.mark.django_db(transaction=True)
TYPE = "web-session"


def inside(make_squid: MakeSquid, site: DemoSite, prefix: str = "") -> Squid:
    return make_squid(
        f"{site.url}{prefix}/members/", crawler="web-scraper", concurrency=1, recipe=MEMBERS
    )


def account(squid: Squid, session: str) -> Account:
    made = actions.add_account(squid.owner, TYPE, session, f"member={session}", "127.0.0.1")
    actions.link_accounts(squid, [made])
    return made


def launched(squid: Squid) -> Run:
    run = lifecycle.start(squid, by="owner")
    work()
    return fresh(run)


def test_without_an_account_it_is_closed_at_once(make_squid: MakeSquid, site: DemoSite) -> None:
    run = launched(inside(make_squid, site))
    assert (run.status, run.reason, run.pages) == (Status.ABORTED, Reason.NO_ACCOUNTS, 0)


def test_with_one_it_reads_what_members_see(make_squid: MakeSquid, site: DemoSite) -> None:
    squid = inside(make_squid, site)
    account(squid, "ada-101")
    run = launched(squid)
    assert run.status == Status.DONE and run.unique_results == len(listing(SALE))


def test_a_session_that_ends_half_way_pauses_until_fresh_cookies_come(
    make_squid: MakeSquid, site: DemoSite, owner: User
) -> None:
    squid = inside(make_squid, site, "/expire/2")
    ada = account(squid, "ada-201")
    run = launched(squid)
    assert (run.status, run.reason, run.wake_at) == (Status.PAUSED, Reason.COOKIES_EXPIRED, None)
    assert run.pages == 2 and run.results > 0
    ada.refresh_from_db()
    assert ada.status == AccountStatus.COOKIES_EXPIRED
    client = Client()
    client.force_login(owner)
    for session in range(202, 250):
        given = {"cookies": f"member=ada-{session}"}
        client.post(reverse("squids:refresh_account", args=[ada.uid]), given)
        assert lifecycle.wake_paused(timezone.now()) == 1
        work()
        if fresh(run).status == Status.DONE:
            break
    run = fresh(run)
    assert (run.status, run.unique_results) == (Status.DONE, len(listing(SALE)))
    assert run.results == run.unique_results == Result.objects.filter(run=run).count()
    paid = LedgerEntry.objects.filter(run=run).values_list("amount", flat=True)
    assert sum(paid) == run.credits == run.unique_results * CREDIT


def test_a_blocked_account_pauses_and_says_so(make_squid: MakeSquid, site: DemoSite) -> None:
    squid = inside(make_squid, site)
    mallory = account(squid, "mallory-1")
    run = launched(squid)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.WRONG_CREDENTIALS)
    mallory.refresh_from_db()
    assert mallory.status == AccountStatus.WRONG_CREDENTIALS
    assert "blocked" in mallory.status_note


def test_a_redirect_to_the_form_is_the_sessions_end_too(
    make_squid: MakeSquid, site: DemoSite
) -> None:
    squid = inside(make_squid, site, "/to-sign-in/expire/1")
    account(squid, "bob-301")
    run = launched(squid)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.COOKIES_EXPIRED)


def test_deleting_the_account_it_waits_for_closes_the_run(
    make_squid: MakeSquid, site: DemoSite, owner: User
) -> None:
    squid = inside(make_squid, site)
    mallory = account(squid, "mallory-2")
    run = launched(squid)
    client = Client()
    client.force_login(owner)
    client.post(reverse("squids:delete_account", args=[mallory.uid]))
    assert lifecycle.wake_paused(timezone.now()) == 1
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.ABORTED, Reason.NO_ACCOUNTS)
