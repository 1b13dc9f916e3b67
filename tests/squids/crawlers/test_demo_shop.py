"""The web scraper on the demo shop: every item, by CSS and by XPath, from listing and detail."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest

from lobstr_site.demo.catalogue import listing, page_count
from lobstr_site.demo.pages import page
from squids.crawlers.interface import Row
from tests.squids.crawlers.crawling import crawl

SHOP = "https://demo.example"
CSS: dict[str, Any] = {
    "rows": "article.product",
    "fields": {
        "sku": ".sku",
        "title": "a.title",
        "url": {"select": "a.title::attr(href)", "type": "url"},
        "price": {"select": ".price", "type": "number"},
        "rating": {"select": ".rating::attr(title)", "type": "integer"},
        "availability": ".availability",
    },
    "next": "a[rel=next]::attr(href)",
    "unique_by": ["sku"],
}
XPATH: dict[str, Any] = {
    "rows": "//article[@class='product']",
    "fields": {
        "sku": "./@data-sku",
        "title": ".//a[@class='title']",
        "url": {"select": ".//a[@class='title']/@href", "type": "url"},
        "price": {"select": ".//p[@class='price']", "type": "number"},
        "rating": {"select": ".//p[starts-with(@class, 'rating')]/@title", "type": "integer"},
        "availability": ".//p[starts-with(@class, 'availability')]",
    },
    "next": "//a[@rel='next']/@href",
}


def site(url: str) -> str | None:
    assert url.startswith(SHOP)
    return page(urlsplit(url).path)


@cache
def expected() -> list[Row]:
    return [
        {
            "sku": item.sku,
            "title": item.title,
            "url": f"{SHOP}/item/{item.sku}.html",
            "price": float(item.price),
            "rating": item.rating,
            "availability": item.availability,
        }
        for item in listing()
    ]


@pytest.mark.parametrize("recipe", [CSS, XPATH], ids=["css", "xpath"])
def test_every_item_of_the_shop(recipe: dict[str, Any]) -> None:
    found, made = crawl({"recipe": recipe}, f"{SHOP}/shop/", site)
    assert len(made) == page_count()
    assert found == expected()


def test_every_item_of_a_category_with_its_detail_page() -> None:
    specs = {"ean": "//th[.='EAN']/../td", "material": "//th[.='Material']/../td"}
    recipe = CSS | {"detail": {"link": "a.title", "fields": specs | {"text": "p.description"}}}
    found, made = crawl({"recipe": recipe}, f"{SHOP}/category/toys/", site)
    items = listing("toys")
    assert len(made) == page_count("toys") + len(items)
    assert [(row["sku"], row["ean"], row["material"], row["text"]) for row in found] == [
        (item.sku, item.ean, dict(item.specs)["Material"], item.description) for item in items
    ]
