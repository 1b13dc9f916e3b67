"""What is suggested for a page works as it stands: each recipe is tried by the crawler."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from lobstr_site.demo import catalogue, pages
from squids.crawlers import builder
from squids.crawlers.builder import Block
from squids.crawlers.interface import Request, Response
from tests.squids.crawlers.builder.pages import page, shop

SLUG = "web-scraper"


def rows_of(response: Response, block: Block) -> list[dict[str, Any]]:
    params = {"recipe": {"rows": block.rows, "fields": block.fields}}
    return builder.attempt(SLUG, params, response, Request(response.url, label="list")).rows


def best(response: Response) -> Block:
    return builder.suggest(SLUG, response)[0][0]


def test_cards_are_found_and_the_menu_is_not() -> None:
    block = best(page(shop()))
    assert (block.rows, block.count) == ("article.card", 6)


def test_fields_have_names_types_and_values() -> None:
    response = page(shop())
    block = best(response)
    assert block.fields == {
        "title": "h3 > a::attr(title)",
        "link": {"select": ".picture::attr(href)", "type": "url"},
        "image": {"select": "img::attr(src)", "type": "url"},
        "price": {"select": ".price", "type": "number"},
        "was": {"select": ".was", "type": "number"},
        "tags": {"select": "li", "many": True},
        "date": {"select": "time::attr(datetime)", "type": "date"},
    }
    assert rows_of(response, block)[1] == {
        "title": "Lamp 2 of the long series",
        "link": "https://shop.example/lamp/2",
        "image": "https://shop.example/p/2.jpg",
        "price": 2.5,
        "was": 7.0,
        "tags": ["desk", "brass 2"],
        "date": "2026-01-02",
    }
    assert block.sample["price"] == "1.5" and block.sample["was"] == "6.0"


def test_the_demo_shop() -> None:
    response = page(pages.page("/shop/") or "", "http://shop.example/shop/")
    block, rows = best(response), rows_of(response, best(response))
    items = catalogue.page_of(1)
    assert block.rows == "article.product"
    assert [row["title"] for row in rows] == [item.title for item in items]
    assert [row["price"] for row in rows] == [float(item.price) for item in items]
    assert [row["sku"] for row in rows] == [item.sku for item in items]


TABLE = """<table id="cities"><thead><tr><th>City</th><th>People</th></tr></thead><tbody>
<tr><td><a href="/b">Berlin</a></td><td>3,700,000</td></tr>
<tr><td><a href="/p">Paris</a></td><td>2,100,000</td></tr>
<tr><td><a href="/r">Rome</a></td><td>2,800,000</td></tr></tbody></table>"""


def test_a_table_gives_its_headings() -> None:
    response = page(TABLE)
    block = best(response)
    assert block.rows == "#cities > tbody > tr"
    assert list(block.fields) == ["city", "link", "people"]
    assert [row["people"] for row in rows_of(response, block)] == [3.7e6, 2.1e6, 2.8e6]


def test_a_list_of_links() -> None:
    items = "".join(f"<li><a href='/n/{n}'>News {n}</a></li>" for n in range(5))
    block = best(page(f"<main><ul>{items}</ul></main>"))
    assert (block.rows, block.count, list(block.fields)) == ("ul > li", 5, ["name", "link"])


def test_parts_of_rows_come_after_the_rows() -> None:
    parts = "<div class='left'><b>x{n}</b><i>y{n}</i></div><div class='right'><b>z{n}</b></div>"
    items = "".join(f"<section class='entry'>{parts.format(n=n)}</section>" for n in range(4))
    assert best(page(items)).rows == "section.entry"


def test_two_lists_of_one_kind_are_told_apart_by_what_holds_them() -> None:
    items = "".join(f"<li><b>{n}</b> text {n} <i>{n}</i></li>" for n in range(9))
    other = "<nav><ul><li><ul><li>a</li></ul></li><li>b</li></ul></nav>"
    response = page(f"{other}<div class='stories'><ul>{items}</ul></div>")
    block = best(response)
    assert (block.rows, len(rows_of(response, block))) == ("div.stories > ul > li", 9)


def test_classes_made_by_machines_and_of_looks_are_passed_over() -> None:
    items = "".join(
        f"<div class='css-a{n}b{n} col-md-4 story'><b>{n}</b><p>text {n}</p></div>"
        for n in range(5)
    )
    found = builder.suggest(SLUG, page(items))[0]
    assert found[0].rows == "div.story"
    every = chain.from_iterable([block.rows, *map(str, block.fields.values())] for block in found)
    assert not [text for text in every if "css-" in text or "col-" in text]


@pytest.mark.parametrize("body", ["<p>one</p>", "<html></html>", "<ul><li>a</li><li>b</li></ul>"])
def test_a_page_without_blocks(body: str) -> None:
    assert builder.suggest(SLUG, page(body)) == ([], [])


@pytest.mark.parametrize(
    ("body", "kind"), [("", "text/html"), ("%PDF-1.7", "text/html"), ("{}", "application/json")]
)
def test_what_is_no_page(body: str, kind: str) -> None:
    with pytest.raises(builder.Unreadable):
        builder.suggest(SLUG, page(body, kind=kind))


def test_fields_of_rows_that_somebody_chose() -> None:
    found = builder.fields_of(page(shop()), "ul.tags")
    assert found == {"tags": {"select": "li", "many": True}}
    assert builder.fields_of(page(shop()), "ol") == {}
