"""Pages that are broken, huge or made to hurt: a row, a note or a named error, and soon."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from squids.crawlers.interface import BadPage, Outcome, Request, Response
from squids.crawlers.product.crawler import LIST, ProductScraper
from squids.crawlers.product.finding import MOST
from squids.crawlers.structured import json_ld
from tests.squids.crawlers.products import SCRAPER, URL, ld, page, parse, told

NAMED = '{"@type": "Product", "name": "a"'
"""An object that is not closed yet."""
WHOLE = NAMED + "}"


@pytest.mark.parametrize(
    "text",
    [
        NAMED + ",}",
        NAMED + ",, }",
        "[" + WHOLE + ",\n]",
        '/* made by shop, " */ ' + WHOLE,
        WHOLE + " // so",
        f"<!-- {WHOLE} -->",
        f"//<![CDATA[\n{WHOLE}\n//]]>",
        WHOLE + ";",
        NAMED + ', "description": "two\nlines\t"}',
        NAMED + ', "x": "a /* b */ // c ,}"}',
        NAMED + ', "x": NaN}',
        "\ufeff" + WHOLE,
    ],
    ids=[
        "comma",
        "commas",
        "list",
        "comment",
        "line",
        "html",
        "cdata",
        "semicolon",
        "break",
        "string",
        "nan",
        "mark",
    ],
)
def test_what_shops_get_wrong_is_mended(text: str) -> None:
    assert [row["name"] for row in told(ld(text))] == ["a"]


def test_what_is_in_a_string_is_kept() -> None:
    text = NAMED + ', "sku": "a /* b */ // c ,}",}'
    assert told(ld(text)) == [{"name": "a", "sku": "a /* b */ // c ,}"}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": }', "no JSON: Expecting value at line 1, column 10"),
        ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested too deeply"),
        ("7", "neither an object nor a list"),
        ("{" + "x" * json_ld.LONGEST_MENDED, "too long to mend"),
        ("9" * 5_000 + ",", "neither"),
        ('"' + '\\"' * 200_000, "no JSON"),
        ("/*" * 200_000, "no JSON"),
        (", " * 200_000, "no JSON"),
        ('{"a"' + "," * 200_000, "no JSON"),
    ],
    ids=[
        "value",
        "lists",
        "objects",
        "number",
        "long",
        "digits",
        "string",
        "comment",
        "commas",
        "end",
    ],
)
def test_what_cannot_be_mended_is_told_and_the_rest_read(text: str, why: str) -> None:
    outcome = parse(ld(text, WHOLE))
    assert [row["name"] for row in outcome.rows] == ["a"]
    [(level, note)] = outcome.notes
    assert level == "warning"
    assert why in note or "number" in note or "digits" in note


def test_a_hundred_thousand_products() -> None:
    products = [{"@type": "Product", "name": "a", "sku": str(n)} for n in range(100_001)]
    outcome = parse(ld(products))
    assert len(outcome.rows) == MOST
    assert len(outcome.notes) == 2


def test_the_same_name_a_thousand_times_is_compared_with_few() -> None:
    products = [{"@type": "Product", "name": "a", "url": "/a", "sku": str(n)} for n in range(MOST)]
    assert len(parse(ld(products)).rows) == MOST


DEEP = 2_400
PRODUCT = 'itemscope itemtype="https://schema.org/Product"'


@pytest.mark.parametrize(
    "html",
    [
        f"<div {PRODUCT}>" + "<div itemprop=name>" * DEEP + "x" * 9_000 + "</div>" * DEEP,
        f"<div itemprop=description {PRODUCT}>" * DEEP + "x" * 9_000 + "</div>" * DEEP,
        f"<div itemprop=offers {PRODUCT}><b itemprop=name><p itemprop=price>" * 1_000 + "x" * 9_000,
        f"<div {PRODUCT}>" + "<b itemprop=name> </b>" * 20_000,
        f"<div {PRODUCT}><b itemprop=name>a</b></div>" * 10_000,
        f'<div {PRODUCT} itemref="{" ".join(f"i{n}" for n in range(3_000))}"></div>' * 20
        + "".join(f"<p id=i{n} itemprop=name>t" for n in range(3_000)),
        f"<div {PRODUCT}>" + "<b itemprop=name>" * 60_000,
        '<div vocab="https://schema.org/">' + '<p typeof="Product" property="offers">' * 4_000,
        '<meta property="og:title" content="x">' * 100_000,
        '<meta property="og:title" content="x">' * 1_000_000,
        ld("{}") * 60_000,
        ld('{"@type":"Product","name":"a","offers":{"@id":"#a"}}') * 2_000,
        "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><p>&b;",
        "<div>" * 6_000,
    ],
    ids=[
        "names",
        "descriptions",
        "offers",
        "empty",
        "products",
        "references",
        "many",
        "rdfa",
        "metas",
        "million",
        "blocks",
        "circles",
        "entities",
        "deep",
    ],
)
def test_markup_made_to_hurt(html: str) -> None:
    try:
        outcome = parse(html)
    except BadPage:
        return
    assert len(outcome.rows) <= MOST


def test_a_page_of_too_many_tags_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(BadPage, match="600,000 tags; at most 500,000 are read"):
        parse("<p>x" * 600_000)


def test_a_page_that_is_too_large_is_refused_before_it_is_parsed() -> None:
    html = ld(WHOLE) + "<p class='a'>words and more words</p>" * 550_000
    with pytest.raises(BadPage, match="20,350,077 characters; at most 10,000,000 are read"):
        parse(html)


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (Response(URL, 200, {"content-type": "image/png"}, b"x"), "an image"),
        (Response(URL, 200, {"content-type": "application/json"}, b"{}"), "JSON"),
        (page(b""), "empty"),
        (page(bytes(range(32)) * 500), "binary data"),
    ],
)
def test_what_is_no_page(response: Response, why: str) -> None:
    with pytest.raises(BadPage, match=why):
        SCRAPER.parse(response, Request(URL, label=LIST), SCRAPER.prepare({}))


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "idna", "shift_jis"])
def test_a_page_in_another_encoding_than_it_says(encoding: str) -> None:
    body = ld('{"@type": "Product", "name": "Lämpchen"}').encode("latin-1")
    response = Response(URL, 200, {"content-type": "text/html"}, body, encoding)
    outcome = SCRAPER.parse(response, Request(URL, label=LIST), SCRAPER.prepare({}))
    assert isinstance(outcome, Outcome)


# --- whatever the bytes ---------------------------------------------------------------------------

_TEXTS = st.text(max_size=8)
_NAMES = "@type @id @graph @value @list name offers price hasVariant isVariantOf brand gtin"
_NAMES += " aggregateRating ratingValue image url priceSpecification"
_KEYS = st.sampled_from(_NAMES.split())
_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
    | st.sampled_from(["Product", "ProductGroup", "#a", "#b", "12,50 €"])
)  # fmt: skip
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=12,
)
_PARTS = """<div itemscope itemtype=https://schema.org/Product>|<b itemprop=name>|</b>|</div>|12,5
|<p itemprop=offers itemscope itemref='a b' id=a>|<i id=b itemprop=price>|<base href='//['>|\0
|<script type=application/ld+json>|</script>|{"@type":"Product",|<img itemprop=image src='//[x'>
|<meta property=og:type content=product>|<x typeof=schema:Product property=name>|\xff
|<meta property=og:price:amount content=""".encode("latin-1").split(b"|")


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(_VALUES)
def test_any_json_gives_an_outcome(value: Any) -> None:
    outcome = parse(ld(value))
    for row in outcome.rows:
        assert set(row) == {column.name for column in ProductScraper.columns}
        assert row["price"] is None or isinstance(row["price"], float)
        assert row["url"].startswith("http")


@settings(max_examples=80)
@given(st.lists(st.sampled_from(_PARTS) | st.binary(max_size=12), max_size=25).map(b"".join))
@example(b"<meta property=og:type content=product><meta property=og:title content=a>")
def test_any_bytes_give_an_outcome_or_the_named_error(body: bytes) -> None:
    try:
        outcome = parse(body)
    except BadPage:
        return
    again = parse(body)
    assert (outcome.rows, outcome.notes) == (again.rows, again.notes)
