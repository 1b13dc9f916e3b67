"""The SDK: who one is, what is left, and what keys are refused."""

from __future__ import annotations

import httpx
import pytest
from lobstrio import AuthError, LobstrClient

from tests.clients.conftest import Maker
from tests.clients.kinds import Part
from tests.clients.place import Place

pytestmark = pytest.mark.clients


@pytest.mark.covers("me")
def test_me(api: Part) -> None:
    me = api.me()
    assert me.email == "ada@shop.example"
    assert (me.is_staff, me.plan) == (False, [{"name": "Self-hosted", "status": "active"}])


@pytest.mark.covers("balance")
def test_balance(api: Part, make: Maker) -> None:
    before = api.balance()
    make("/category/toys/", concurrency=3)
    make.ran("/category/toys/", params={"max_pages": 1})
    after = api.balance()
    assert (after.available, after.total_available_slots) == (1_000_000, 20)
    assert after.consumed - before.consumed == 20
    assert after.used_slots - before.used_slots == 4
    assert after.raw["name"] == "Self-hosted"


@pytest.mark.covers("close")
def test_close(api: Part) -> None:
    api.close()
    with pytest.raises(RuntimeError):
        api.me()


def test_as_a_context(here: Place) -> None:
    with LobstrClient(here.keys["bob"], here.base) as client:
        assert client.me().email == "bob@shop.example"


@pytest.mark.parametrize("slash", ["", "/"], ids=["bare", "slash"])
def test_the_address_with_or_without_a_slash_at_its_end(here: Place, slash: str) -> None:
    with LobstrClient(here.keys["ada"], here.base.rstrip("/") + slash) as client:
        assert client.me().email == "ada@shop.example"


@pytest.mark.parametrize("key", ["lob_nobody", "ключ".encode().hex(), "x" * 5_000])
def test_a_wrong_key(here: Place, key: str) -> None:
    with LobstrClient(key, here.base) as client, pytest.raises(AuthError) as refused:
        client.squids.list()
    assert refused.value.message == "Give a valid API key: “Authorization: Token KEY”."


def test_a_revoked_key(here: Place) -> None:
    key = here.new_key("bob", "short-lived")
    with LobstrClient(key, here.base) as client:
        assert client.me().email == "bob@shop.example"
        here.revoke("bob", "short-lived")
        with pytest.raises(AuthError) as refused:
            client.me()
    assert "revoked" in refused.value.message
    assert refused.value.body["type"] == "TokenExpired"


def test_no_site_at_all() -> None:
    with LobstrClient("lob_x", "http://127.0.0.1:9/v1/") as client:
        with pytest.raises(httpx.ConnectError):
            client.me()
