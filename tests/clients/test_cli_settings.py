"""The command line: the key and aliases it keeps, who one is, and what goes wrong at the door."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Maker
from tests.clients.place import Place
from tests.clients.terminal import Lobstr

pytestmark = pytest.mark.clients


@pytest.mark.covers("lobstr whoami")
def test_whoami(lobstr: Lobstr) -> None:
    said = lobstr("whoami").out
    assert "ada@shop.example" in said and "Self-hosted" in said and "active" in said
    told = lobstr("--json", "whoami").json
    assert told["email"] == "ada@shop.example"
    assert told["balance"]["available"] == 1_000_000


@pytest.mark.covers("lobstr config set-token", "lobstr config show")
def test_a_key_that_is_kept(lobstr: Lobstr, here: Place) -> None:
    del lobstr.settings["LOBSTR_TOKEN"]
    refused = lobstr.fails("whoami")
    assert "No API token" in refused.err
    lobstr("config", "set-token", here.keys["bob"])
    assert lobstr("--json", "whoami").json["email"] == "bob@shop.example"
    shown = lobstr("config", "show").out
    assert here.keys["bob"][:8] in shown and here.keys["bob"] not in shown


@pytest.mark.covers("lobstr config set-alias")
def test_an_alias(lobstr: Lobstr, make: Maker) -> None:
    squid = make(name="By its alias")
    lobstr("config", "set-alias", "mine", squid)
    assert lobstr("--json", "squid", "show", "@mine").json["name"] == "By its alias"


def test_a_wrong_key(lobstr: Lobstr) -> None:
    refused = lobstr.fails("--token", "lob_nobody", "squid", "ls")
    assert "[401] Give a valid API key" in refused.err
    told = lobstr.fails("--json", "--token", "lob_nobody", "squid", "ls")
    assert told.json["error"].startswith("[401] Give a valid API key")


def test_what_it_asks_is_seen(lobstr: Lobstr) -> None:
    said = lobstr("--verbose", "whoami").err
    assert "/v1/me -> 200" in said and "/v1/user/balance -> 200" in said
