"""What a recipe's fields give: selectors, types, what is missing. On both parsers."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers.interface import BadPage
from tests.squids.crawlers.crawling import URL, page, parse, rows, value

CARD = """<div class=card data-id=7 data-empty="">
 <h2> Big <b>red</b>\n\u00a0 thing </h2><p class=price>£1,234.50</p><p class=stock>0</p>
 <a name=anchor>nowhere</a><a class=more href="../item/7.html"> More </a>
 <time datetime="2024-01-05T10:00:00Z">yesterday</time>
 <ul><li class=tag>one</li><li class=tag>two</li><li class="tag last">three</li></ul></div>"""

# The same question in CSS (read by one parser) and in XPath (by the other).
SAME = [
    ("h2", "//h2", "Big red thing"),
    ("h2::text", "(//h2/text())[1]", None),
    (".card::attr(data-id)", "//div/@data-id", "7"),
    (".card::attr(data-empty)", "//div/@data-empty", ""),
    (".card::attr(nothing)", "//div/@nothing", None),
    ("a::attr(href)", "//a/@href", "../item/7.html"),
    ("A.MORE, a.more", "//a[@class='more']", "More"),
    (".missing", "//missing", None),
    ({"select": ".price", "type": "number"}, {"select": "//p", "type": "number"}, 1234.5),
    ({"select": ".stock", "type": "integer"}, {"select": "//p[2]", "type": "integer"}, 0),
    ({"select": ".stock", "type": "boolean"}, {"select": "//p[2]", "type": "boolean"}, False),
    ({"select": "h2", "type": "number"}, {"select": "//h2", "type": "number"}, None),
    (
        {"select": "time::attr(datetime)", "type": "date"},
        {"select": "//time/@datetime", "type": "date"},
        "2024-01-05T10:00:00+00:00",
    ),
    (
        {"select": ".more::attr(href)", "type": "url"},
        {"select": "//a/@href", "type": "url"},
        "https://shop.example/item/7.html",
    ),
    (
        {"select": "a", "type": "url"},
        {"select": "//a", "type": "url"},
        "https://shop.example/item/7.html",
    ),
    (
        {"select": ".price", "type": "html"},
        {"select": "//p[1]", "type": "html"},
        '<p class="price">£1,234.50</p>',
    ),
    (
        {"select": ".tag", "many": True},
        {"select": "//li", "many": True},
        ["one", "two", "three"],
    ),
    (
        {"select": ".tag, .last", "many": True},
        {"select": "//li|//li[3]", "many": True},
        ["one", "two", "three"],
    ),
    (
        {"select": "a::attr(href)", "many": True, "type": "url"},
        {"select": "//a/@href", "many": True, "type": "url"},
        ["https://shop.example/item/7.html"],
    ),
    ({"select": ".missing", "many": True}, {"select": "//missing", "many": True}, []),
    ({"select": ".tag", "many": True, "type": "number"}, {"select": "//b/@x", "many": True}, []),
]


@pytest.mark.parametrize(("css", "xpath", "expected"), SAME)
def test_css_and_xpath_say_the_same(css: Any, xpath: Any, expected: Any) -> None:
    if css == "h2::text":
        assert value(css, CARD) == "Big thing"
        assert value(xpath, CARD) == "Big"
        return
    assert value(css, CARD) == expected
    assert value(xpath, CARD) == expected


@pytest.mark.parametrize(("css", "xpath", "expected"), SAME)
def test_css_beside_an_xpath_reads_alike(css: Any, xpath: Any, expected: Any) -> None:
    recipe = {"fields": {"it": css, "other": "//h2"}}
    alone = value(css, CARD)
    assert rows(recipe, CARD) == [{"it": alone, "other": "Big red thing"}]


def test_an_xpath_may_compute() -> None:
    assert value({"select": "(count(//li))", "type": "integer"}, CARD) == 3
    assert value("(count(//li))", CARD) == "3"
    assert value({"select": "(boolean(//table))", "type": "boolean"}, CARD) is False
    assert value("(number(//h2))", CARD) is None
    assert value("(substring-after(//p, '£'))", CARD) == "1,234.50"


def test_rows_are_read_each_by_itself() -> None:
    html = "<h1>All</h1>" + "".join(
        f"<li><a href='/{n}'>{n}</a>{'<i>new</i>' if n % 2 else ''}</li>" for n in range(5)
    )
    expected = [{"name": str(n), "mark": "new" if n % 2 else None} for n in range(5)]
    assert rows({"rows": "li", "fields": {"name": "a", "mark": "i"}}, html) == expected
    xpath = {"rows": "//li", "fields": {"name": "./a", "mark": ".//i"}}
    assert rows({**xpath, "fields": {"name": "./a", "mark": "./i"}}, html) == expected


def test_a_pseudo_alone_is_about_the_row_itself() -> None:
    html = "<a class=x href=/1>one <b>1</b></a><a class=x href=/2>two</a>"
    fields = {"url": {"select": "::attr(href)", "type": "url"}, "name": "::text"}
    expected = [
        {"url": "https://shop.example/1", "name": "one"},
        {"url": "https://shop.example/2", "name": "two"},
    ]
    assert rows({"rows": "a.x", "fields": fields}, html) == expected
    assert rows({"rows": "//a[@class='x']", "fields": fields}, html) == expected


def test_no_rows_says_so() -> None:
    outcome = parse({"rows": ".product", "fields": {"a": "h1"}}, page("<h1>Nothing here"))
    assert outcome.rows == []
    assert outcome.notes == [("warning", "No rows: nothing matches “.product”")]


def test_a_row_without_a_required_field_is_dropped_and_counted() -> None:
    html = "<li><b>1</b></li><li>no number</li><li><b>none</b></li><li><b>0</b></li>"
    fields = {"n": {"select": "b", "type": "number", "required": True}}
    outcome = parse({"rows": "li", "fields": fields}, page(html))
    assert outcome.rows == [{"n": 1.0}, {"n": 0.0}]
    assert outcome.notes == [("warning", "2 of 4 rows dropped: no “n”, which is required")]


def test_a_required_list_needs_a_member() -> None:
    fields = {"n": {"select": "b", "many": True, "required": True}}
    html = "<li><b>1</b></li><li>none</li>"
    assert rows({"rows": "li", "fields": fields}, html) == [{"n": ["1"]}]


def test_base_href_moves_relative_links() -> None:
    html = '<base href="//cdn.example/x/"><a href="y.html">y</a>'
    for field in ("a::attr(href)", "//a/@href"):
        assert value({"select": field, "type": "url"}, html) == "https://cdn.example/x/y.html"


def test_a_base_that_is_no_address_is_ignored() -> None:
    html = '<base href="data:text/html,x"><a href="y.html">y</a>'
    assert value({"select": "a", "type": "url"}, html) == URL + "y.html"


@pytest.mark.parametrize("selector", ["p", "//p"])
def test_values_can_be_stored_whatever_the_page_holds(selector: str) -> None:
    html = "<p title='\0'>a\0b&#0;c&#xD800;d</p>" + "<i>plain words</i>" * 20
    for kind in ("text", "html"):
        text = value({"select": selector, "type": kind}, html)
        assert "\0" not in text
        assert text.encode("utf-8").decode() == text


def test_rows_that_are_no_elements_fail_the_page_with_their_reason() -> None:
    recipe = {"rows": "//li/text()", "fields": {"a": "./b"}}
    with pytest.raises(BadPage, match="must find elements"):
        parse(recipe, page("<li>x</li>"))
