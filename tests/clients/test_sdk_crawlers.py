"""The SDK: crawlers, their parameters and columns."""

from __future__ import annotations

import pytest
from lobstrio import NotFoundError

from tests.clients.kinds import Part

pytestmark = pytest.mark.clients

NOBODY = "0" * 32


@pytest.mark.covers("crawlers.list", "crawlers.iter")
def test_all_crawlers(api: Part) -> None:
    listed, walked = api.crawlers.list(), api.crawlers.iter()
    assert [crawler.id for crawler in listed] == [crawler.id for crawler in walked]
    found = {crawler.slug: crawler for crawler in listed}
    scraper = found["web-scraper"]
    assert (scraper.name, scraper.credits_per_row) == ("Web scraper", 1.0)
    assert (scraper.max_concurrency, scraper.is_available, scraper.account) == (64, True, False)
    assert found["test-members"].account_type == "test-members"
    assert found["test-places"].credits_per_row == 2.5
    assert all("-" in crawler.slug and len(crawler.id) == 32 for crawler in listed)


@pytest.mark.covers("crawlers.get")
def test_one_crawler(api: Part, crawlers: dict[str, str]) -> None:
    scraper = api.crawlers.get(crawlers["web-scraper"])
    assert (scraper.slug, scraper.account_type) == ("web-scraper", None)
    inputs = {item["name"]: item for item in scraper.input_params}
    assert (inputs["url"]["level"], inputs["url"]["required"]) == ("task", True)
    assert (inputs["max_pages"]["level"], inputs["max_pages"]["default"]) == ("squid", 10_000)
    assert "title" in scraper.result_fields
    assert all(isinstance(name, str) for name in scraper.result_fields)


@pytest.mark.covers("crawlers.params")
def test_parameters(api: Part, crawlers: dict[str, str]) -> None:
    places = api.crawlers.params(crawlers["test-places"])
    assert set(places.task_params) == {"city", "country"}
    assert places.task_params["city"]["required"] is True
    assert places.squid_params["language"]["allowed"] == ["en", "fr"]
    assert places.squid_params["token"]["required"] is True
    assert places.functions["email"]["credits_per_function"] == 9
    scraper = api.crawlers.params(crawlers["web-scraper"])
    assert not any(spec["required"] for spec in scraper.squid_params.values())


@pytest.mark.covers("crawlers.attributes")
def test_columns(api: Part, crawlers: dict[str, str]) -> None:
    columns = api.crawlers.attributes(crawlers["test-shop"])
    assert [column.name for column in columns] == ["sku", "title", "price"]
    assert {column.type for column in columns} == {"string"}


@pytest.mark.parametrize("method", ["get", "params", "attributes"])
def test_a_crawler_that_is_not_there(api: Part, method: str) -> None:
    with pytest.raises(NotFoundError) as refused:
        getattr(api.crawlers, method)(NOBODY)
    assert refused.value.body["type"] == "ModuleNotFound"
