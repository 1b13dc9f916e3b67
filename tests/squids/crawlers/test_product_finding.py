"""Which products of a page become rows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.squids.crawlers.products import ld, parse, rows, told


def names(html: str) -> list[Any]:
    return [row["name"] for row in rows(html)]


def product(name: str, **more: Any) -> dict[str, Any]:
    return {"@type": "Product", "name": name} | more


def test_nothing_is_told_of_no_product() -> None:
    outcome = parse("<h1>A book</h1><p>£51.77</p>" + ld({"@type": "WebPage", "name": "x"}))
    assert outcome.rows == []
    assert outcome.notes == [
        ("warning", "No products: the page has no schema.org or OpenGraph data about one")
    ]


@pytest.mark.parametrize("kind", ["Product", ["Thing", "Product"], "schema:Vehicle"])
def test_types(kind: Any) -> None:
    assert names(ld({"@type": kind, "name": "a"})) == ["a"]


def test_a_book_is_a_product_where_it_is_sold() -> None:
    book = {"@type": "Book", "name": "a"}
    assert names(ld(book)) == []
    assert names(ld(book | {"offers": {"price": 3}})) == ["a"]


def test_a_graph_with_references() -> None:
    graph = [
        {"@type": "WebPage", "mainEntity": {"@id": "#p"}},
        {"@type": "Product", "@id": "#p", "name": "a", "offers": {"@id": "#o"}},
        {"@type": "Offer", "@id": "#o", "price": 3, "itemOffered": {"@id": "#p"}},
        {"@type": "Product", "@id": "#p"},
    ]
    assert told(ld({"@context": "https://schema.org", "@graph": graph})) == [
        {"name": "a", "price": 3.0}
    ]


def test_products_within_lists_of_other_things() -> None:
    entries = [{"@type": "ListItem", "item": product(name)} for name in "ab"]
    assert names(ld({"@type": "ItemList", "itemListElement": entries})) == ["a", "b"]


def test_products_beside_the_one_of_the_page_are_left_out() -> None:
    lamp = product("a", isRelatedTo=[product("b")], isSimilarTo=product("c"))
    assert names(ld(lamp)) == ["a"]


def test_variants_take_from_their_group_what_they_lack() -> None:
    group = {
        "@type": "ProductGroup",
        "name": "Shirt",
        "brand": "B",
        "hasVariant": [
            product("Shirt, red", sku="1", offers={"price": 5}),
            {"@type": "Product", "sku": "2", "offers": {"price": 6}},
            {"@type": "Product", "url": "https://shop.example/other"},
        ],
    }
    assert told(ld(group)) == [
        {"name": "Shirt, red", "brand": "B", "sku": "1", "price": 5.0},
        {"name": "Shirt", "brand": "B", "sku": "2", "price": 6.0},
    ]


def test_variants_that_name_their_group() -> None:
    items = [
        {"@type": "ProductGroup", "@id": "#g", "name": "Shirt"},
        {"@type": "Product", "sku": "1", "isVariantOf": {"@id": "#g"}},
    ]
    assert told(ld(items)) == [{"name": "Shirt", "sku": "1"}]


def test_a_group_whose_variants_have_pages_of_their_own() -> None:
    group = {"@type": "ProductGroup", "name": "Shirt", "hasVariant": [{"@type": "Product"}]}
    assert names(ld(group)) == ["Shirt"]


def test_the_same_thing_twice_is_one_row_and_variants_are_not() -> None:
    assert names(ld(product("a", sku="1"), product("a", sku="1"))) == ["a"]
    assert names(ld(product("a", sku="1"), product("a", sku="2"))) == ["a", "a"]
    offers = [product("a", offers={"price": price}) for price in (1, 2)]
    assert names(ld(*offers)) == ["a", "a"]


def test_a_page_of_open_graph_beside_a_list_of_others() -> None:
    cards = "".join(
        f"<li itemscope itemtype='https://schema.org/Product'><b itemprop=name>{name}</b></li>"
        for name in ("x", "y")
    )
    head = '<meta property="og:type" content="product"><meta property="og:title" content="a">'
    assert names(head + cards) == ["x", "y", "a"]


def test_the_title_of_open_graph_may_say_more() -> None:
    head = (
        '<meta property="og:type" content="product"><meta property="og:title" content="A | Shop">'
    )
    found = rows(head + ld(product("A")))
    assert [(row["name"], row["source"]) for row in found] == [("A", "json-ld, opengraph")]


def test_an_article_is_no_product() -> None:
    assert (
        names('<meta property="og:type" content="article"><meta property="og:title" content="a">')
        == []
    )


# --- microdata ------------------------------------------------------------------------------------


def test_properties_by_reference() -> None:
    html = """<div itemscope itemtype="https://schema.org/Product" itemref="a b none"></div>
    <p id="a">So: <b itemprop="name">Lamp</b></p> <i id="b" itemprop="sku">7</i>"""
    assert told(html) == [{"name": "Lamp", "sku": "7"}]


def test_scripts_and_styles_are_no_text() -> None:
    html = """<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Lamp
    <style>b {color: red}</style><script>track()</script></b></div>"""
    assert told(html) == [{"name": "Lamp"}]


def test_references_in_a_circle() -> None:
    html = """<div id="a" itemscope itemtype="https://schema.org/Product" itemref="a b">
    <b itemprop="name">Lamp</b><div id="b" itemprop="isVariantOf" itemscope itemref="a b"
    itemtype="https://schema.org/Product"></div></div>"""
    assert isinstance(rows(html), list)


def test_what_stands_in_an_inner_item_is_not_the_outer_ones() -> None:
    html = """<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Lamp</b>
    <div itemprop="review" itemscope itemtype="https://schema.org/Review">
    <b itemprop="name">Good</b><i itemprop="sku">9</i></div></div>"""
    assert told(html) == [{"name": "Lamp"}]
