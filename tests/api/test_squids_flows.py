"""The sequences of requests in which the public clients use squids."""

from __future__ import annotations

from typing import Any

import pytest

from squids import actions
from squids.models import Account, Crawler, Squid
from tests.api.conftest import Script


@pytest.fixture
def crawlers(db: None) -> dict[str, str]:
    """Their ids by slug."""
    actions.sync_crawlers()
    return dict(Crawler.objects.values_list("slug", "uid"))


def squid_params(script: Script, crawler: str) -> dict[str, Any]:
    """As a client has them to fill in: by name, the functions left aside."""
    params: dict[str, Any] = script.get(f"/crawlers/{crawler}/params")[1]["squid"]
    return {name: spec for name, spec in params.items() if name != "functions"}


@pytest.mark.parametrize("slug", ["test-shop", "test-priced", "web-scraper"])
def test_go_with_a_new_squid(script: Script, crawlers: dict[str, str], slug: str) -> None:
    """Every parameter is sent, null unless it was given, so that the squid is ready."""
    crawler = crawlers[slug]
    params: dict[str, Any] = dict.fromkeys(squid_params(script, crawler))
    assert params
    status, made = script.post("/squids", {"crawler": crawler, "name": "Once"})
    assert status == 200
    status, _ = script.post(f"/squids/{made['id']}", {"params": params | {"max_results": 5}})
    assert status == 200
    got = script.get(f"/squids/{made['id']}")[1]
    assert got["is_ready"] and got["params"]["max_results"] == 5
    tasks = [{"url": "http://shop.example/"}]
    assert script.post("/tasks", {"squid": made["id"], "tasks": tasks})[0] < 400
    assert script.post("/squid/estimate", {"squid": made["id"]})[1]["max_results"] == 5
    assert script.delete(f"/squids/{made['id']}")[1]["deleted"]


def test_go_with_a_required_parameter_and_a_function(
    script: Script, crawlers: dict[str, str]
) -> None:
    crawler = crawlers["test-places"]
    needed = {name for name, s in squid_params(script, crawler).items() if s["required"]}
    assert needed == {"token"}
    made = script.post("/squids", {"crawler": crawler})[1]
    params = dict.fromkeys(squid_params(script, crawler)) | {"token": "t"}
    body = {"params": params | {"functions": {"email": True}}, "concurrency": 2}
    assert script.post(f"/squids/{made['id']}", body)[0] == 200
    got = script.get(f"/squids/{made['id']}")[1]
    assert got["is_ready"] and got["concurrency"] == 2
    assert got["params"]["functions"] == {"email": True} and got["params"]["depth"] == 3


def test_go_with_a_squid_that_is_there(script: Script, crawlers: dict[str, str]) -> None:
    """Found by its name, emptied, its saved parameters sent back with the change."""
    made = script.post("/squids", {"crawler": crawlers["test-priced"], "name": "Kept"})[1]
    first = {"max_results": 9, "functions": {"stars": True}}
    script.post(f"/squids/{made['id']}", {"params": first})
    script.post("/squids", {"crawler": crawlers["test-shop"], "name": "Kept too"})

    found = script.get("/squids", limit=50, page=1, name="Kept")[1]["data"]
    [kept] = [s for s in found if s["name"] == "Kept" and s["crawler"] == made["crawler"]]
    assert script.post(f"/squids/{kept['id']}/empty", {"type": "url"})[1]["deleted_count"] == 0
    saved = script.get(f"/squids/{kept['id']}")[1]["params"]
    body = {"params": saved | {"max_results": 4}}
    assert script.post(f"/squids/{kept['id']}", body)[0] == 200
    params = script.get(f"/squids/{kept['id']}")[1]["params"]
    assert params["max_results"] == 4 and params["functions"] == {"stars": True}


def test_attaching_an_account_to_those_that_are_there(
    script: Script, crawlers: dict[str, str]
) -> None:
    """Read, joined, and sent as a whole."""
    made = script.post("/squids", {"crawler": crawlers["test-members"]})[1]
    for name in ("ada", "ben"):
        account = Account.objects.create(
            owner=script.user, type="test-members", name=name, secret=""
        )
        present = [a["id"] for a in script.get(f"/squids/{made['id']}")[1]["accounts"]]
        script.post(f"/squids/{made['id']}", {"accounts": [*present, account.uid]})
    linked = script.get(f"/squids/{made['id']}")[1]["accounts"]
    assert [a["status"] for a in linked] == ["synchronized", "synchronized"]


def test_what_was_told_can_be_sent_back(script: Script, crawlers: dict[str, str]) -> None:
    made = script.post("/squids", {"crawler": crawlers["web-scraper"]})[1]
    names = ("name", "concurrency", "params", "to_complete", "delay", "obey_robots", "ftp_fields")
    before = Squid.objects.values("name", "params", "functions", "delay").get()
    assert script.post(f"/squids/{made['id']}", {n: made[n] for n in names})[0] == 200
    assert Squid.objects.values("name", "params", "functions", "delay").get() == before


def test_the_oldest_client_changes_nothing_before_it_runs(
    script: Script, crawlers: dict[str, str]
) -> None:
    made = script.post("/squids", {"crawler": crawlers["test-shop"]})[1]
    assert made["is_ready"]
