"""A page goes through one parser: the fast one, unless an XPath asks for the other."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers import recipe
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.prepared import prepare
from squids.crawlers.xpath import Lxml

CSS: dict[str, Any] = {
    "rows": "li",
    "fields": {"a": "b"},
    "next": "a",
    "detail": {"link": "a", "fields": {"c": "p"}},
}


@pytest.mark.parametrize(
    ("change", "listing", "detail"),
    [
        ({}, Lexbor, Lexbor),
        ({"rows": "//li"}, Lxml, Lexbor),
        ({"fields": {"a": "./b"}}, Lxml, Lexbor),
        ({"next": "//a"}, Lxml, Lexbor),
        ({"detail": {"link": "./a", "fields": {"c": "p"}}}, Lxml, Lexbor),
        ({"detail": {"link": "a", "fields": {"c": "//p"}}}, Lexbor, Lxml),
        ({"detail": {"link": "a", "fields": {"c": "//p", "d": "i"}}}, Lexbor, Lxml),
    ],
)
def test_which_parser(change: dict[str, Any], listing: type, detail: type) -> None:
    prepared = prepare(recipe.read(CSS | change))
    assert type(prepared.listing.engine) is listing
    assert prepared.detail is not None
    assert type(prepared.detail.engine) is detail
