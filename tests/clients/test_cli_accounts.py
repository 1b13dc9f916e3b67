"""The command line: accounts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lobstrio import LobstrClient

from tests.clients.conftest import MEMBERS, synced
from tests.clients.terminal import Lobstr

pytestmark = pytest.mark.clients


@pytest.mark.covers("lobstr accounts types")
def test_types(lobstr: Lobstr) -> None:
    said = lobstr("accounts", "types").out
    assert "test-club" in said and "sid" in said and "all session cookies" in said
    told = lobstr("--json", "accounts", "types").json
    assert "web-session" in {kind["name"] for kind in told}


@pytest.mark.covers("lobstr accounts sync", "lobstr accounts sync-status")
def test_sync(lobstr: Lobstr, client: LobstrClient, tmp_path: Path) -> None:
    said = lobstr("accounts", "sync", MEMBERS, "--cookie", "visitor=demo")
    assert "Sync started: " in said.err
    account = client.accounts.list()[0].id
    (tmp_path / "cookies.json").write_text(json.dumps({"visitor": "demo"}))
    words = ("accounts", "sync", MEMBERS, "--account", account)
    sync = lobstr("--json", *words, "--cookies-file", "cookies.json").json["id"]
    told = lobstr("--json", "accounts", "sync-status", sync).json
    assert (told["status_text"], told["account_hash"]) == ("synchronized", account)
    assert "synchronized" in lobstr("accounts", "sync-status", sync).out
    refused = lobstr.fails("accounts", "sync", "test-club", "--cookies-json", '{"sid": "1"}')
    assert "member" in refused.err
    assert len(client.accounts.list()) == 1


@pytest.mark.covers(
    "lobstr accounts ls", "lobstr accounts show", "lobstr accounts update", "lobstr accounts rm"
)
def test_one(lobstr: Lobstr, client: LobstrClient, crawlers: dict[str, str]) -> None:
    account = synced(client)
    squid = client.squids.create(crawlers["test-members"], name="Of members").id
    lobstr("squid", "update", squid, "--account", account)
    said = lobstr("accounts", "ls").out
    assert account[:12] in said and "test-members" in said
    shown = lobstr("accounts", "show", account[:12]).out
    assert account in shown and "Of members" in shown
    assert lobstr("--json", "accounts", "show", account).json["status"] == "200"
    words = ("accounts", "update", account, "--type", "test-members", "--param", "pages=10")
    lobstr(*words)
    assert client.accounts.get(account).params["user"]["pages"] == 10
    detached = lobstr("squid", "update", squid, "--replace-accounts")
    assert "Detaching 1 account(s)" in detached.err
    assert client.squids.get(squid).accounts == []
    lobstr.fails("accounts", "rm", account, typed="n\n")
    assert "Deleted account" in lobstr("accounts", "rm", account, "-f").err
    assert lobstr("--json", "accounts", "ls").json == []
