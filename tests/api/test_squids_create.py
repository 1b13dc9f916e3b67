"""POST /squids."""

from __future__ import annotations

from typing import Any

import pytest

from squids import actions
from squids.models import Account, Crawler, Plan, Squid
from tests import factories
from tests.api.conftest import Script


@pytest.fixture
def crawlers(db: None) -> dict[str, Crawler]:
    """By slug."""
    actions.sync_crawlers()
    return {crawler.slug: crawler for crawler in Crawler.objects.all()}


def test_by_the_crawlers_id(script: Script, crawlers: dict[str, Crawler]) -> None:
    places = crawlers["test-places"]
    status, told = script.post("/squids", {"crawler": places.uid})
    assert status == 200
    assert told["name"] == "Test places (1)" and told["crawler"] == places.uid
    assert told["concurrency"] == 1 and told["is_active"] and not told["is_ready"]
    assert told["params"] == {
        "recipe": None,
        "depth": 3,
        "images": True,
        "language": None,
        "token": None,
        "max_unique_results_per_run": None,
        "functions": {"email": False},
    }
    assert told["account"] == told["accounts"] == []
    got = script.get(f"/squids/{told['id']}")[1]
    assert got == {name: value for name, value in told.items() if name != "account"}


def test_by_its_slug_with_a_name(script: Script, crawlers: dict[str, Crawler]) -> None:
    status, told = script.post("/squids", {"crawler": "test-shop", "name": " Books "})
    assert status == 200
    assert told["name"] == "Books" and told["is_ready"]


@pytest.mark.parametrize(
    ("agent", "source"),
    [
        ("lobstrio-sdk/0.7.0", "sdk"),
        ("lobstrio-cli/0.7.2", "cli"),
        ("python-requests/2.32", "api"),
        ("", "api"),
    ],
    ids=["sdk", "cli", "requests", "none"],
)
def test_keeps_what_made_it(
    script: Script, crawlers: dict[str, Crawler], agent: str, source: str
) -> None:
    told = script.post("/squids", {"crawler": "test-shop"}, **{"User-Agent": agent})[1]
    assert told["created_via"] == source
    assert Squid.objects.get().created_from == source


@pytest.mark.parametrize("crawler", ["0" * 32, "test-nothing", "", "\0", "\ud800"])
def test_of_a_crawler_that_is_not_there(
    script: Script, crawlers: dict[str, Crawler], crawler: str
) -> None:
    status, body = script.post("/squids", {"crawler": crawler})
    assert (status, body["type"]) == (404, "ModuleNotFound")


@pytest.mark.parametrize(
    ("body", "kind", "param"),
    [
        ({}, "ParamsNeeded", "crawler"),
        ({"crawler": 5}, "InvalidParamType", "crawler"),
        ({"crawler": "test-shop", "colour": 1}, "InvalidParam", "colour"),
        ({"crawler": "test-shop", "name": "Books"}, "DuplicateSquid", "name"),
        ({"crawler": "test-shop", "name": "a\0b"}, "InvalidParameterValue", "name"),
        ({"crawler": "test-shop", "name": "\ud800"}, "InvalidParameterValue", "name"),
        ({"crawler": "test-shop", "name": "x" * 301}, "InvalidParameterValue", "name"),
    ],
    ids=["nothing", "number", "unknown", "twice", "nul", "surrogate", "long"],
)
def test_refused_by_field(
    script: Script, crawlers: dict[str, Crawler], body: Any, kind: str, param: str
) -> None:
    factories.squid(script.user, name="Books")
    status, answer = script.post("/squids", body)
    assert (status, answer["type"], answer["param"]) == (400, kind, param)
    assert Squid.objects.count() == 1


def test_without_a_free_slot(script: Script, crawlers: dict[str, Crawler]) -> None:
    script.user.plan = Plan.objects.create(name="Small", credits=0, slots=1)
    script.user.save()
    assert script.post("/squids", {"crawler": "test-shop"})[0] == 200
    status, body = script.post("/squids", {"crawler": "test-shop"})
    assert (status, body["type"]) == (400, "SlotsLimitExceeded")


def test_while_the_crawler_is_out_of_service(script: Script, crawlers: dict[str, Crawler]) -> None:
    Crawler.objects.update(is_available=False)
    status, body = script.post("/squids", {"crawler": "test-shop"})
    assert (status, body["type"]) == (400, "ModuleUnavailable")


@pytest.mark.parametrize("field", ["accounts", "account"])
def test_with_accounts(script: Script, crawlers: dict[str, Crawler], field: str) -> None:
    ada = Account.objects.create(owner=script.user, type="test-members", name="ada", secret="")
    assert script.post("/squids", {"crawler": "test-members", field: []})[0] == 200
    told = script.post("/squids", {"crawler": "test-members", field: [ada.uid]})[1]
    assert told["accounts"] == [{"id": ada.uid, "status": "synchronized"}]


def test_not_with_an_account_of_another_user(
    script: Script, other: Script, crawlers: dict[str, Crawler]
) -> None:
    eve = Account.objects.create(owner=other.user, type="test-members", name="eve", secret="")
    status, body = script.post("/squids", {"crawler": "test-members", "accounts": [eve.uid]})
    assert (status, body["type"]) == (404, "AccountDoesNotExist")
    assert not Squid.objects.exists()
