"""The crawlers endpoints: what the clients read of each, and what they would stumble over."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from lobstrio.models.crawler import Crawler as SdkCrawler
from lobstrio.models.crawler import CrawlerAttribute, CrawlerParams

from runs.models import RunEvent
from runs.states import Status
from squids import actions
from squids.crawlers import registry
from squids.crawlers.interface import Column, ColumnType
from squids.models import Crawler
from tests import factories
from tests.api.conftest import Script

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rows(db: None) -> None:
    actions.sync_crawlers()


def path(slug: str, more: str = "") -> str:
    return f"/crawlers/{registry.get(slug).id}{more}"


def one(script: Script, slug: str) -> dict[str, Any]:
    status, body = script.get(path(slug))
    assert status == 200
    return dict(body)


def params(script: Script, slug: str) -> dict[str, Any]:
    status, body = script.get(path(slug, "/params"))
    assert status == 200
    return dict(body)


def test_the_list_is_the_installed_crawlers_by_name(script: Script) -> None:
    Crawler.objects.create(uid="0" * 32, slug="gone-away", name="Gone")
    status, body = script.get("/crawlers")
    assert status == 200 and body["total_results"] == len(registry.all())
    assert {item["slug"] for item in body["data"]} == set(registry.all())
    names = [item["name"] for item in body["data"]]
    assert names == sorted(names)
    assert all("-" in SdkCrawler.from_api(item).slug for item in body["data"])


def test_the_list_page_by_page(script: Script) -> None:
    first, second = (script.get("/crawlers", limit=2, page=page)[1] for page in (1, 2))
    assert len(first["data"]) == len(second["data"]) == 2
    assert first["data"] != second["data"]
    assert script.get("/crawlers", page=99)[1]["data"] == []


def test_one_crawler(script: Script) -> None:
    found = one(script, "test-places")
    assert found | {"input": []} == {
        "id": registry.get("test-places").id,
        "object": "crawler",
        "name": "Test places",
        "slug": "test-places",
        "description": "",
        "icon": f"{settings.SITE_URL}/static/crawlers/puzzle.svg",
        "is_public": True,
        "is_premium": False,
        "is_available": True,
        "has_issues": False,
        "max_concurrency": 5,
        "credits_per_row": 2.5,
        "credits_per_email": None,
        "has_email_verification": False,
        "rank": None,
        "account": None,
        "optional_account": None,
        "input": [],
        "result": ["name"],
        "default_worker_stats": None,
        "email_worker_stats": None,
    }


def test_its_input(script: Script) -> None:
    found = {item["name"]: item for item in one(script, "test-places")["input"]}
    limit = "max_unique_results_per_run"
    names = ["city", "country", "recipe", "depth", "images", "language", "token", limit, "email"]
    assert list(found) == names
    assert found["city"] == {
        "name": "city",
        "level": "task",
        "type": "string",
        "required": True,
        "default": None,
        "description": "City",
        "example": "Lisbon",
        "is_params": True,
        "is_details": False,
        "function": False,
    }
    assert (found["depth"]["level"], found["depth"]["min"], found["depth"]["max"]) == (
        "squid",
        1,
        9,
    )
    assert found["email"]["function"] and found["email"]["credits_per_function"] == 9


def test_parameters_of_every_kind(script: Script) -> None:
    found = params(script, "test-places")
    assert {name: spec["required"] for name, spec in found["task"].items()} == {
        "city": True,
        "country": False,
    }
    squid = found["squid"]
    assert squid["functions"] == {
        "email": {
            "sort": 0,
            "default": False,
            "credits_per_function": 9,
            "description": "Looks for an address.",
        }
    }
    assert squid["depth"] == {
        "type": "integer",
        "required": False,
        "default": 3,
        "attribute": "depth",
        "is_params": False,
        "description": "",
        "min": 1,
        "max": 9,
    }
    assert squid["language"]["type"] == "string" and squid["language"]["allowed"] == ["en", "fr"]
    assert (squid["recipe"]["type"], squid["images"]["default"]) == ("json", True)
    assert squid["token"]["required"] is True


def test_the_limit_of_a_run_is_one_of_the_squids_parameters(script: Script) -> None:
    limit = params(script, "web-scraper")["squid"]["max_unique_results_per_run"]
    assert (limit["type"], limit["required"], limit["default"]) == ("integer", False, None)
    assert (limit["min"], limit["max"]) == (1, 10_000_000)


def test_nothing_with_a_default_is_required(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``go`` ends where a required one is not given, though it has a default."""
    code = registry.get("test-places")
    declared = [
        type(p)(p.name, p.type, required=True, default=p.default) for p in code.squid_params
    ]
    monkeypatch.setattr(type(code), "squid_params", declared)
    squid = params(script, "test-places")["squid"]
    assert not squid["depth"]["required"] and not squid["images"]["required"]
    assert squid["language"]["required"]


@pytest.mark.parametrize("slug", sorted(registry.all()))
def test_the_clients_read_every_crawler(script: Script, slug: str) -> None:
    detail = SdkCrawler.from_api(one(script, slug))
    assert all(isinstance(name, str) for name in detail.result_fields)
    assert detail.account == bool(detail.account_type)  # or it takes it for a fault of ours
    read = CrawlerParams.from_api(params(script, slug))
    specs = [*read.task_params.values(), *read.squid_params.values(), *read.functions.values()]
    assert all(isinstance(spec, dict) for spec in specs)
    assert "functions" not in read.squid_params
    columns = script.get(path(slug, "/attributes"))[1]["data"]
    names = [CrawlerAttribute.from_api(column).name for column in columns]
    assert names == detail.result_fields


def test_an_account_that_is_needed(script: Script) -> None:
    found = one(script, "test-members")
    assert found["account"] == {
        "type": "test-members",
        "baseurl": "",
        "cookies": [],
        "icon": None,
    }
    assert found["optional_account"] is None
    club = one(script, "test-club")["account"]
    assert club["baseurl"] == "https://club.example"
    assert club["cookies"] == [
        {"name": "sid", "required": True},
        {"name": "member", "required": True},
    ]


def test_an_account_that_it_can_do_without(script: Script) -> None:
    """``go`` would not run it without one that it is told of."""
    found = one(script, "web-scraper")
    assert found["account"] is None and found["optional_account"] == "web-session"


def test_a_crawler_with_a_problem(script: Script) -> None:
    actions.report_problem(Crawler.objects.get(slug="test-shop"), "Its site changed.")
    assert one(script, "test-shop")["has_issues"]
    Crawler.objects.filter(slug="test-shop").update(problem="", is_available=False)
    found = one(script, "test-shop")
    assert not found["has_issues"] and not found["is_available"]


def test_how_its_runs_went_lately(script: Script, other: Script) -> None:
    """64 minutes each; those of others count too, as they do for a forecast and in the store."""
    now = timezone.now()
    for owner, concurrency, rows, failed in ((script, 1, 640, 0), (other, 2, 2560, 2)):
        squid = factories.squid(owner.user, tasks=2, concurrency=concurrency)
        factories.run(squid, results=rows, tasks_failed=failed, ended_at=now)
        factories.run(squid, status=Status.PENDING)
    bug = factories.run(squid, status=Status.ERROR, ended_at=now, active_ms=0)
    RunEvent.objects.create(run=bug, target=Status.ERROR)
    assert one(script, "test-shop")["default_worker_stats"] == {
        "success_ratio": 0.667,
        "min_rate_per_worker": 10.0,
        "max_rate_per_worker": 20.0,
    }


def test_columns_are_public() -> None:
    answer = Client().get("/v1" + path("test-shop", "/attributes"))
    assert answer.status_code == 200
    assert answer.json()["data"][0] == {
        "name": "sku",
        "type": "string",
        "example": None,
        "function": "Main",
        "is_main": True,
        "description": "",
    }


@pytest.mark.parametrize(
    ("kind", "declared", "told"),
    [
        ("string", "200", "200"),
        ("text", "", None),
        ("integer", "200", 200),
        ("float", "3.5", 3.5),
        ("boolean", "false", False),
        ("json", '["lamps"]', ["lamps"]),
        ("json", "", None),
        ("float", "about 3", "about 3"),
        ("float", "NaN", "NaN"),
    ],
)
def test_a_columns_example_is_of_its_type(
    monkeypatch: pytest.MonkeyPatch, kind: ColumnType, declared: str, told: Any
) -> None:
    where = path("test-shop", "/attributes")
    monkeypatch.setattr(registry.get("test-shop"), "columns", [Column("a", kind, declared)])
    assert Client().get("/v1" + where).json()["data"][0]["example"] == told


@pytest.mark.parametrize("more", ["", "/params"], ids=["detail", "params"])
def test_the_rest_is_not(more: str) -> None:
    assert Client().get("/v1" + path("test-shop", more)).status_code == 401


@pytest.mark.parametrize("more", ["", "/params", "/attributes"])
def test_an_unknown_crawler(script: Script, more: str) -> None:
    status, body = script.get(f"/crawlers/{'0' * 32}{more}")
    assert (status, body["type"]) == (404, "ModuleNotFound")


def test_one_whose_package_is_gone(script: Script) -> None:
    gone = Crawler.objects.create(uid="0" * 32, slug="gone-away", name="Gone")
    assert script.get(f"/crawlers/{gone.uid}")[0] == 404
