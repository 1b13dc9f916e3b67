"""What a product's row says, from each syntax, and how values are read."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers.product.crawler import ProductScraper
from tests.squids.crawlers.products import URL, ld, rows, told

LAMP: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "Product",
    "name": "Desk &amp; wall lamp",
    "image": [{"@type": "ImageObject", "url": "/a.jpg"}],
    "description": "<p>Steel.</p> <b>Black</b>",
    "sku": "LX-1",
    "gtin13": "4-006381-333931",
    "brand": {"@type": "Brand", "name": "Luxor"},
    "offers": {
        "@type": "Offer",
        "price": "1299.50",
        "priceCurrency": "EUR",
        "availability": "https://schema.org/InStock",
    },
    "aggregateRating": {"@type": "AggregateRating", "ratingValue": "4,5", "reviewCount": "12"},
}
ROW = {
    "name": "Desk & wall lamp",
    "price": 1299.5,
    "currency": "EUR",
    "availability": "InStock",
    "brand": "Luxor",
    "sku": "LX-1",
    "gtin": "4006381333931",
    "rating": 4.5,
    "review_count": 12,
    "image": "https://shop.example/a.jpg",
    "url": URL,
    "description": "Steel. Black",
}
MICRODATA = """
<div itemscope itemtype="http://schema.org/Product">
<h1 itemprop="name">Desk &amp; wall
 lamp</h1> <img itemprop="image" src="/a.jpg"> <span itemprop="sku">LX-1</span>
<p itemprop="description">Steel. <b>Black</b></p> <meta itemprop="gtin13" content="4006381333931">
<div itemprop="brand" itemscope itemtype="http://schema.org/Brand">
<i itemprop="name">Luxor</i></div>
<div itemprop="offers" itemscope itemtype="http://schema.org/Offer">
 <span itemprop="price" content="1299.50">1.299,50 €</span>
 <meta itemprop="priceCurrency" content="EUR">
 <link itemprop="availability" href="http://schema.org/InStock"></div>
<p itemprop="aggregateRating" itemscope itemtype="http://schema.org/AggregateRating">
 <data itemprop="ratingValue" value="4.5">many stars</data> <b itemprop="reviewCount">12</b></p>
</div>"""
RDFA = """
<div vocab="https://schema.org/" typeof="Product">
<h1 property="name">Desk &amp; wall lamp</h1> <img property="image" src="/a.jpg">
<span property="schema:sku">LX-1</span> <p property="description">Steel. Black</p>
<i property="gtin13">4006381333931</i>
<div property="brand" typeof="Brand"><span property="name">Luxor</span></div>
<div property="offers" typeof="schema:Offer"><span property="price">1.299,50</span>
<meta property="priceCurrency" content="EUR"><a property="availability" href="schema:InStock"></a>
</div><p property="aggregateRating" typeof="AggregateRating">
<b property="ratingValue">4.5</b> <b property="http://schema.org/reviewCount">12</b></p></div>"""
OPEN_GRAPH = """
<meta property="og:type" content="og:product">
<meta property="og:title" content="Desk &amp; wall lamp">
<meta property="og:image" content="/a.jpg"><meta property="og:url" content="/lamps/desk">
<meta property="og:description" content="Steel. Black"><meta name="product:brand" content="Luxor">
<meta property="product:price:amount" content="1,299.50">
<meta property="product:price:currency" content="EUR">
<meta property="og:availability" content="in stock">
<meta property="product:retailer_item_id" content="LX-1">
<meta property="product:ean" content="4006381333931">"""


def test_the_columns_are_the_rows_fields() -> None:
    assert {column.name for column in ProductScraper.columns} == set(rows(ld(LAMP))[0])


@pytest.mark.parametrize(
    ("source", "html"),
    [("json-ld", ld(LAMP)), ("microdata", MICRODATA), ("rdfa", RDFA)],
    ids=["json-ld", "microdata", "rdfa"],
)
def test_each_syntax_gives_the_same_row(source: str, html: str) -> None:
    assert rows(html) == [ROW | {"source": source}]


def test_open_graph_gives_what_it_has() -> None:
    expected = ROW | {"rating": None, "review_count": None, "source": "opengraph"}
    assert rows(OPEN_GRAPH) == [expected]


def test_all_of_them_together_give_one_row() -> None:
    every = OPEN_GRAPH + ld(LAMP) + MICRODATA + RDFA
    assert rows(every) == [ROW | {"source": "json-ld, microdata, rdfa, opengraph"}]


def test_what_one_does_not_tell_the_next_one_does() -> None:
    first = {"@type": "Product", "name": "Desk & wall lamp", "offers": {"price": 5}}
    cheap = OPEN_GRAPH.replace("1,299.50", "4.00")
    found = rows(cheap + ld(first))[0]
    assert (found["price"], found["currency"], found["brand"]) == (5.0, None, "Luxor")


@pytest.mark.parametrize(
    ("offers", "price", "currency", "availability"),
    [
        ({"price": 5}, 5.0, None, None),
        ({"price": "€ 1.234,50"}, 1234.5, "EUR", None),
        ({"price": "12", "priceCurrency": "usd"}, 12.0, "USD", None),
        ([{"availability": "SoldOut"}, {"price": "7", "availability": "instock"}], 7.0, None, "ok"),
        ({"@type": "AggregateOffer", "lowPrice": "3", "highPrice": "9"}, 3.0, None, None),
        (
            {"@type": "AggregateOffer", "priceCurrency": "EUR", "offers": [{"price": 4}]},
            4.0,
            None,
            None,
        ),
        ({"priceSpecification": {"price": 8, "priceCurrency": "CHF"}}, 8.0, "CHF", None),
        (
            {
                "priceSpecification": [
                    {"price": 10, "priceType": "https://schema.org/StrikethroughPrice"},
                    {"price": 8, "priceCurrency": "CHF"},
                ]
            },
            8.0,
            "CHF",
            None,
        ),
        ({"price": None}, None, None, None),
        ({"price": True}, None, None, None),
        ({"price": "call us"}, None, None, None),
        ({"price": "1e400"}, 1.0, None, None),
        ("none", None, None, None),
        ([[[]]], None, None, None),
    ],
)
def test_prices(
    offers: Any, price: float | None, currency: str | None, availability: str | None
) -> None:
    row = rows(ld({"@type": "Product", "name": "a", "offers": offers}))[0]
    assert (row["price"], row["currency"]) == (price, currency)
    assert row["availability"] == ("InStock" if availability else None)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("http://schema.org/OutOfStock", "OutOfStock"),
        ("schema:PreOrder", "PreOrder"),
        ("in_stock", "InStock"),
        ("In Stock", "InStock"),
        ("oos", "OutOfStock"),
        ("in three weeks", "in three weeks"),
    ],
)
def test_availability_in_one_word(given: str, word: str) -> None:
    found = told(ld({"@type": "Product", "name": "a", "offers": {"availability": given}}))
    assert found == [{"name": "a", "availability": word}]


@pytest.mark.parametrize(
    ("name", "value", "gtin"),
    [
        ("isbn", "978-0-306-40615-7", "9780306406157"),
        ("isbn", "0-8044-2957-X", "080442957X"),
        ("gtin", "ISBN 9780306406157", "9780306406157"),
        ("gtin12", 614141000036, "614141000036"),
        ("gtin", "does not apply", None),
    ],
)
def test_codes(name: str, value: Any, gtin: str | None) -> None:
    assert rows(ld({"@type": "Product", "name": "a", name: value}))[0]["gtin"] == gtin


def test_relative_addresses_follow_the_base() -> None:
    html = '<base href="/shop/">' + ld(LAMP | {"url": "lamp", "image": "b.jpg"})
    assert rows(html)[0]["url"] == "https://shop.example/shop/lamp"
    assert rows(html)[0]["image"] == "https://shop.example/shop/b.jpg"


def test_names_may_carry_their_vocabulary() -> None:
    item = {"@type": "http://schema.org/Product", "schema:name": "a", "https://schema.org/sku": "7"}
    assert told(ld(item)) == [{"name": "a", "sku": "7"}]
