from __future__ import annotations

import hashlib
import json

from curl_cffi import requests
from selectolax.lexbor import LexborHTMLParser

from lobstr_site.demo.catalogue import CATEGORIES, PAGE_SIZE, items, listing, page_count
from tests.demo_server import DemoSite


def read(url: str) -> LexborHTMLParser:
    return LexborHTMLParser(requests.get(url).text)


def text(page: LexborHTMLParser, selector: str) -> str:
    found = page.css_first(selector)
    assert found is not None, selector
    return found.text(strip=True)


def test_the_catalogue_is_the_same_everywhere_and_always() -> None:
    digest = hashlib.sha256(json.dumps(items(), sort_keys=True).encode()).hexdigest()
    assert digest == "ccfa8f3f25308dc76d2a41bc553479b61dea459c94bd9b9690695be330ed4cba"


def test_every_item_has_its_own_names() -> None:
    for name in ("sku", "ean", "title", "path"):
        assert len({item[name] for item in items()}) == len(items()) == 2400


def test_ean_check_digits_are_right() -> None:
    for item in items():
        digits = [int(digit) for digit in item["ean"]]
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_following_next_from_the_first_page_gives_every_item_in_order(demo_site: DemoSite) -> None:
    seen: list[str] = []
    url: str | None = f"{demo_site.url}/shop/"
    pages = 0
    while url:
        page = read(url)
        pages += 1
        seen += [
            text_of
            for row in page.css("article.product")
            if (text_of := row.attributes["data-sku"])
        ]
        onward = page.css_first("li.next a")
        url = f"{demo_site.url}/shop/{onward.attributes['href']}" if onward else None
    assert pages == page_count() == 120
    assert seen == [item["sku"] for item in items()]


def test_categories_share_the_items_out(demo_site: DemoSite) -> None:
    parts = [listing(slug) for slug in CATEGORIES]
    assert sum(map(len, parts)) == len(items())
    page = read(f"{demo_site.url}/category/toys/page-2.html")
    assert [row.attributes["data-sku"] for row in page.css("article.product")] == [
        item.sku for item in listing("toys")[PAGE_SIZE : 2 * PAGE_SIZE]
    ]


def test_a_listing_row_says_what_the_item_is(demo_site: DemoSite) -> None:
    item = items()[5]
    row = LexborHTMLParser(read(f"{demo_site.url}/shop/").css("article.product")[5].html or "")
    assert text(row, "a.title") == item["title"]
    assert text(row, ".price") == f"£{item['price']:.2f}"
    assert text(row, ".availability") == item["availability"]
    assert text(row, ".sku") == item["sku"]
    words = ("", "One", "Two", "Three", "Four", "Five")
    assert row.css_matches(f".rating.{words[item['rating']]}")


def test_a_detail_page_has_the_numbers_and_the_specs(demo_site: DemoSite) -> None:
    item = items()[77]
    page = read(demo_site.url + item["path"])
    cells = [text(page, "h1"), text(page, ".description")]
    assert cells == [item["title"], item["description"]]
    table = {row.css("th")[0].text(): row.css("td")[0].text() for row in page.css("table.specs tr")}
    assert table == {"SKU": item["sku"], "EAN": item["ean"], "Brand": item["brand"]} | dict(
        item["specs"]
    )


def test_there_is_nothing_past_the_end(demo_site: DemoSite) -> None:
    for path in (
        "/shop/page-121.html",
        "/shop/page-0.html",
        "/shop/page-x.html",
        "/item/LB-9.html",
    ):
        assert requests.get(demo_site.url + path).status_code == 404


def test_robots_are_asked_to_stay_out_of_one_corner(demo_site: DemoSite) -> None:
    answer = requests.get(f"{demo_site.url}/robots.txt")
    assert "text/plain" in str(answer.headers["content-type"])
    assert "Disallow: /forbidden/" in answer.text
