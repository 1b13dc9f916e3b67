"""From listing pages to products: links, next pages, limits, and selectors that cannot work."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers.interface import ParamError, Request
from squids.crawlers.product.crawler import LIST, PRODUCT
from tests.squids.crawlers.products import SCRAPER, URL, ld, parse

LISTING = """<base href="/s/"><a class=p href="1#top">a</a><a class=p href="1">a</a>
<a class=p href="mailto:x@y.example">a</a><a class=p href="2">b</a>
<a rel=next href="?page=2">n</a>"""


def test_links_are_followed_once_each_and_the_listing_is_no_product() -> None:
    outcome = parse(ld({"@type": "Product", "name": "a"}) + LISTING, links="a.p")
    assert outcome.rows == []
    assert [(request.url, request.label) for request in outcome.follow] == [
        ("https://shop.example/s/1", PRODUCT),
        ("https://shop.example/s/2", PRODUCT),
    ]


def test_a_product_page_is_read_and_not_followed() -> None:
    html = ld({"@type": "Product", "name": "a"}) + LISTING
    outcome = parse(html, Request(URL, label=PRODUCT), links="a.p", next="[rel=next]")
    assert [row["name"] for row in outcome.rows] == ["a"]
    assert outcome.follow == []


def test_next_pages_of_a_listing_that_has_the_products_itself() -> None:
    html = ld({"@type": "Product", "name": "a"}) + LISTING
    outcome = parse(html, next="[rel=next]")
    assert len(outcome.rows) == 1
    [request] = outcome.follow
    assert request == Request("https://shop.example/s/?page=2", label=LIST, meta={"page": 2})


def test_the_limit_of_pages_is_told() -> None:
    outcome = parse(LISTING, Request(URL, label=LIST, meta={"page": 3}), next="a", max_pages=3)
    assert outcome.last_page  # no products there
    outcome = parse(
        LISTING, Request(URL, label=LIST, meta={"page": 3}), links=".p", next="a", max_pages=3
    )
    assert [request.label for request in outcome.follow] == [PRODUCT, PRODUCT]
    assert outcome.notes == [("info", "The limit of 3 listing pages is reached; the chain goes on")]


def test_a_link_to_itself_is_the_last_page() -> None:
    html = '<a class=p href="1">a</a><a class=next href="desk">n</a>'
    outcome = parse(html, Request(URL, label=LIST, meta={"page": 2}), links=".p", next=".next")
    assert outcome.last_page
    assert [request.label for request in outcome.follow] == [PRODUCT]


def test_no_link_is_told() -> None:
    assert parse("<p>x</p>", links="a.p").notes == [
        ("warning", "No products: no link matches “a.p”")
    ]


@pytest.mark.parametrize("name", ["links", "next"])
@pytest.mark.parametrize(
    ("path", "why"),
    [("a[", "cannot work"), ("//a", "must be a CSS selector"), ("a::x", "may stand")],
)
def test_a_selector_that_cannot_work_is_refused(name: str, path: str, why: str) -> None:
    with pytest.raises(ParamError, match=why) as raised:
        SCRAPER.check_settings({name: path})
    assert raised.value.param == name


@pytest.mark.parametrize("params", [{}, {"links": ""}, {"max_results": 5}])
def test_settings_may_be_left_out(params: dict[str, Any]) -> None:
    assert SCRAPER.check_settings(params)["max_pages"] == 10_000
