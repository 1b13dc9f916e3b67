"""An account that breaks the platform's own code stops its run alone: no other run, no tick."""

from __future__ import annotations

import json

import pytest

from runs import jobs, lifecycle
from runs.models import Lease
from runs.states import Reason, Status
from squids import actions, secrets
from squids.models import Account
from tests.demo_server import DemoSite
from tests.runs.accounts.conftest import BAD, MakeAccount, MembersSquid, held_by
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

GATED = "/cookie/need/category/kitchen/"
ODD_LIMIT = {"pages": None}


def spoil(account: Account, **values: object) -> None:
    Account.objects.filter(pk=account.pk).update(**values)


def cookie(**fields: object) -> str:
    return secrets.seal(json.dumps([{"name": "visitor", "value": "demo", **fields}]))


def test_its_run_ends_in_error_and_the_others_go_on(
    site: DemoSite, make_squid: MakeSquid, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    before = lifecycle.start(make_squid(site.url + "/category/toys/"), by="owner")
    faulty = lifecycle.start(members(GATED, accounts=[ada]), by="owner")
    after = lifecycle.start(make_squid(site.url + "/category/garden/"), by="owner")
    spoil(ada, limits=ODD_LIMIT)
    work()
    assert [fresh(run).status for run in (before, after)] == [Status.DONE, Status.DONE]
    ended = fresh(faulty)
    assert (ended.status, ended.reason) == (Status.ERROR, Reason.CRAWLER_ERROR)
    assert "TypeError" in ended.message and "taking the run" in ended.message
    assert not Lease.objects.filter(run=faulty).exclude(token="").exists()
    assert held_by(ada) is None
    assert broken(ended) == []


@pytest.mark.parametrize(
    "secret",
    [
        secrets.seal("[]")[:-9],
        "none of ours",
        "ä",
    ],
    ids=["cut", "foreign", "no token"],
)
def test_a_token_that_is_damaged_counts_as_expired(
    secret: str, members: MembersSquid, make_account: MakeAccount
) -> None:
    check_expired(secret, members, make_account)


@pytest.mark.parametrize("text", ['[{"nmae": "x"}]', '"visitor"', "{", "[1]", "7", ""])
def test_cookies_in_another_form_count_as_expired(
    text: str, members: MembersSquid, make_account: MakeAccount
) -> None:
    check_expired(secrets.seal(text), members, make_account)


def check_expired(secret: str, members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada")
    run = lifecycle.start(members(GATED, accounts=[ada]), by="owner")
    spoil(ada, secret=secret)
    work()
    assert (fresh(run).status, fresh(run).reason) == (Status.PAUSED, Reason.COOKIES_EXPIRED)
    actions.refresh_account(ada, "visitor=demo", site="127.0.0.1")
    jobs.tick()
    work()
    assert fresh(run).status == Status.DONE
    assert broken(fresh(run)) == []


def test_a_cookie_that_no_session_takes_ends_its_run_alone(
    site: DemoSite, make_squid: MakeSquid, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    faulty = lifecycle.start(members(GATED, accounts=[ada]), by="owner")
    other = lifecycle.start(make_squid(site.url + "/category/toys/"), by="owner")
    spoil(ada, secret=cookie(domain=["127.0.0.1"]))
    work()
    assert (fresh(faulty).status, fresh(other).status) == (Status.ERROR, Status.DONE)
    assert held_by(ada) is None


def test_a_paused_run_of_it_stops_no_tick(members: MembersSquid, make_account: MakeAccount) -> None:
    ada, bob = make_account("ada", BAD), make_account("bob", BAD)
    faulty, sound = (
        lifecycle.start(members(GATED, accounts=[account]), by="owner") for account in (ada, bob)
    )
    work()
    assert fresh(faulty).reason == fresh(sound).reason == Reason.COOKIES_EXPIRED
    for account in (ada, bob):
        actions.refresh_account(account, "visitor=demo", site="127.0.0.1")
    spoil(ada, limits=ODD_LIMIT)
    jobs.tick()
    work()
    assert (fresh(faulty).status, fresh(sound).status) == (Status.PAUSED, Status.DONE)
    spoil(ada, limits={})
    jobs.tick()
    work()
    assert fresh(faulty).status == Status.DONE
