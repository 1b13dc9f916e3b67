"""The SDK: accounts, from cookies to squids that use them."""

from __future__ import annotations

import pytest
from lobstrio import APIError, LobstrClient, NotFoundError

from tests.clients.conftest import MEMBER, MEMBERS, Maker, synced
from tests.clients.kinds import Part

pytestmark = pytest.mark.clients

NOBODY = "0" * 32


@pytest.mark.covers("accounts.types")
def test_types(api: Part) -> None:
    kinds = {kind.name: kind for kind in api.accounts.types()}
    assert {"web-session", "test-members", "test-club"} <= set(kinds)
    club = kinds["test-club"]
    assert club.domain == "club.example" and club.baseurl.endswith("club.example")
    assert {cookie["name"] for cookie in club.cookies} == {"sid", "member"}
    assert kinds["test-members"].cookies == []


@pytest.mark.covers("accounts.sync", "accounts.sync_status")
def test_sync(api: Part) -> None:
    started = api.accounts.sync(MEMBERS, MEMBER)
    assert started["object"] == "synchronize-cookies"
    assert started["status_code"] in (100, 120, 200)
    account = synced(api)
    again = synced(api, account=account)
    assert again == account, "refreshed, not made anew"
    assert account in {found.id for found in api.accounts.list()}


@pytest.mark.parametrize(
    ("name", "cookies"),
    [("no-such-type", MEMBER), ("test-club", {"sid": "1"}), (MEMBERS, {})],
    ids=["no such type", "a cookie is missing", "no cookies"],
)
def test_what_is_refused(api: Part, name: str, cookies: dict[str, str]) -> None:
    with pytest.raises(APIError) as refused:
        api.accounts.sync(name, cookies)
    assert refused.value.status_code in (400, 404) and refused.value.message
    assert api.accounts.list() == []


@pytest.mark.covers("accounts.list", "accounts.iter", "accounts.get")
def test_lists(api: Part) -> None:
    made = {synced(api) for _ in range(3)}
    assert {account.id for account in api.accounts.list()} == made
    assert len(api.accounts.list(limit=2, page=2)) == 1
    assert api.accounts.list(page=3) == []
    assert {account.id for account in api.accounts.iter(limit=1)} == made
    account = api.accounts.get(made.pop())
    assert (account.type, account.status) == ("test-members", "200")
    assert (account.squids, account.resets_in) == ([], None)
    assert account.username and account.created_at and account.last_synchronization_time
    assert "demo" not in str(vars(account)), "a cookie's value is never told"


@pytest.mark.covers("accounts.update")
def test_update(api: Part) -> None:
    account = synced(api)
    told = api.accounts.update(account, type="test-members", params={"pages": 10})
    assert told["params"]["user"]["pages"] == 10
    assert told["params"]["default"]["pages"] == 1_000
    with pytest.raises(APIError) as refused:
        api.accounts.update(account, type="test-members", params={"pages": 5_000})
    assert refused.value.status_code == 400 and "pages" in refused.value.message
    assert api.accounts.get(account).params["user"]["pages"] == 10


@pytest.mark.covers("accounts.delete")
def test_delete(api: Part, stranger: LobstrClient) -> None:
    account = synced(api)
    with pytest.raises(NotFoundError):
        stranger.accounts.delete(account)
    assert api.accounts.delete(account)["deleted"] is True
    for asks in (api.accounts.get, api.accounts.delete):
        with pytest.raises(NotFoundError) as refused:
            asks(account)
        assert refused.value.body["type"] == "AccountDoesNotExist"


@pytest.mark.covers("squids.attach_accounts")
def test_attach(api: Part, crawlers: dict[str, str]) -> None:
    first, second = synced(api), synced(api)
    squid = api.squids.create(crawlers["test-members"]).id
    told = api.squids.attach_accounts(squid, [first])
    assert [account["id"] for account in told.accounts] == [first]
    told = api.squids.attach_accounts(squid, [second, first])
    assert {account["id"] for account in told.accounts} == {first, second}
    told = api.squids.attach_accounts(squid, [second], replace=True)
    assert [account["id"] for account in told.accounts] == [second]
    assert [found["name"] for found in api.accounts.get(second).squids] == [told.name]
    assert api.accounts.get(first).squids == []
    assert api.squids.attach_accounts(squid, [], replace=True).accounts == []


def test_accounts_that_cannot_be_attached(api: Part, make: Maker, crawlers: dict[str, str]) -> None:
    squid, club = api.squids.create(crawlers["test-members"]).id, crawlers["test-club"]
    account = synced(api)
    with pytest.raises(NotFoundError):
        api.squids.attach_accounts(squid, [NOBODY])
    with pytest.raises(NotFoundError):
        api.squids.attach_accounts(api.squids.create(club).id, [account])
    with pytest.raises(APIError):
        api.squids.attach_accounts(api.squids.create(crawlers["test-shop"]).id, [account])


def test_an_account_that_a_crawler_can_do_without(api: Part, make: Maker) -> None:
    sync = api.accounts.sync("web-session@127.0.0.1", {"member": "ada-1"})["id"]
    account = api.accounts.sync_status(sync).account_hash
    squid = api.squids.attach_accounts(make(), [account])
    assert [found["id"] for found in squid.accounts] == [account]


def test_a_run_with_an_account(api: Part, make: Maker, crawlers: dict[str, str]) -> None:
    squid = api.squids.create(crawlers["test-members"]).id
    address = f"{make.here.shop}/cookie/need/category/toys/"
    api.tasks.add(squid=squid, tasks=[{"url": address}])
    without = api.runs.call(squid=squid, poll_interval=0.1, timeout=60)
    assert (without.status, without.done_reason) == ("aborted", "no_accounts")
    api.squids.update(squid, accounts=[synced(api)])
    run = api.runs.call(squid=squid, poll_interval=0.1, timeout=60)
    assert (run.status, run.total_results) == ("done", 300)
