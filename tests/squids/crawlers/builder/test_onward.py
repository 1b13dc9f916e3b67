"""The link to the next page is found by what it is, and leads there by the crawler's word."""

from __future__ import annotations

import pytest

from squids.crawlers import builder
from squids.crawlers.interface import Request
from tests.squids.crawlers.builder.pages import URL, page

WP = """<span class="page-numbers current">1</span><a class="page-numbers" href="/p/2">2</a>
<a class="next page-numbers" href="/p/2">→</a>"""


@pytest.mark.parametrize(
    ("body", "selector", "leads_to"),
    [
        ('<a rel="next" href="b">more</a>', "a[rel~=next]", URL + "b"),
        ('<link rel="next" href="/c">', "link[rel~=next]", "https://shop.example/c"),
        ('<ul><li class="next"><a href="b">x</a></li></ul>', "li.next > a", URL + "b"),
        (WP, "a.next", "https://shop.example/p/2"),
        ('<a aria-label="Next page" href="b">·</a>', 'a[aria-label="Next page"]', URL + "b"),
        (
            "<a href='a'>«</a><a href='b'>Weiter »</a>",
            "//a[normalize-space()='Weiter »']",
            URL + "b",
        ),
        ("<a href='b'>次へ</a>", "//a[normalize-space()='次へ']", URL + "b"),
        (
            "<a href='?p=1'>1</a><b class='current'>2</b><a href='?p=3'>3</a>",
            "b.current + a",
            URL + "?p=3",
        ),
        (
            "<ol><li class='active'>1</li><li><a href='?p=2'>2</a></li></ol>",
            "li.active + li a",
            URL + "?p=2",
        ),
    ],
)
def test_the_way_on(body: str, selector: str, leads_to: str) -> None:
    response = page(f"<p>text</p>{body}")
    first = builder.suggest("web-scraper", response)[1][0]
    assert (first.next, first.leads_to) == (selector, leads_to)
    params = {"recipe": {"fields": {"p": "p"}, "next": first.next}}
    request = Request(response.url, label="list")
    assert builder.attempt("web-scraper", params, response, request).next == leads_to


@pytest.mark.parametrize(
    "body",
    [
        "<a href='javascript:more()'>Next</a>",
        "<a href='#'>Next</a>",
        f"<a rel='next' href='{URL}'>Next</a>",
        "<a href='/next-generation'>Our next generation of lamps is here</a>",
        "<a href='/x'>Previous</a>",
        "<b class='active'>Home</b><a href='/shop'>Shop</a>",
    ],
)
def test_what_leads_nowhere(body: str) -> None:
    assert builder.suggest("web-scraper", page(body))[1] == []
