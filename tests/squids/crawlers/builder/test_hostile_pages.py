"""Pages made to keep whoever builds a recipe busy, and bytes that are no page at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers import builder
from squids.crawlers.builder import page as pages
from squids.crawlers.interface import Response
from tests.squids.crawlers.builder.pages import URL, page

MANY = 15_000
BAITS: dict[str, Callable[[int], str]] = {
    "next links": lambda n: f"<a href='/n{n}'>Next</a>",
    "named next links": lambda n: f"<li class='next'><a href='/n{n}'>x</a></li>",
    "current pages": lambda n: f"<b class='current'>{n}</b>",
    "classes": lambda n: f"<p class='c{chr(97 + n % 26)}-{'x' * (n % 40)}'>x</p>",
    "leaves": lambda n: f"<b class='q'>{n}</b>",
    "labels": lambda n: f"<a href='/n{n}' aria-label='Next {n}'>n</a>",
}
WORKS: dict[str, Callable[[Response], object]] = {
    "suggest": lambda r: builder.suggest("web-scraper", r),
    "marks": lambda r: builder.marks(r, {"rows": "li", "fields": {"a": "a"}, "next": "a"}),
    "point": lambda r: builder.point(r, "li", 20),
    "copy": lambda r: builder.copy(r, {}),
    "sheets": builder.sheets,
}


@pytest.mark.parametrize("bait", BAITS.values(), ids=BAITS)
def test_few_selectors_are_looked_up(
    bait: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much a page seems to offer, it is searched a bounded number of times."""
    searched: list[str] = []
    find = pages.Page.find

    def counted(self: pages.Page, selector: object, within: object = None) -> list[int]:
        searched.append(str(selector))
        return find(self, selector, within)  # type: ignore[arg-type]

    monkeypatch.setattr(pages.Page, "find", counted)
    response = page("".join(map(bait, range(MANY))))
    blocks, links = builder.suggest("web-scraper", response)
    builder.point(response, "", 500)
    assert len(searched) < 400
    assert len(blocks) <= 5 and len(links) <= 5


def test_a_list_longer_than_what_is_looked_at_is_found_whole() -> None:
    card = "<div class='lamp'><h2>t {0}</h2><a href='/x{0}'>l</a><p>£{0}</p></div>"
    response = page("".join(card.format(n) for n in range(9_000)))
    block = builder.suggest("web-scraper", response)[0][0]
    assert (block.rows, block.count) == ("div.lamp", 9_000)


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<div>" * 50_000, id="deep"),
        pytest.param("<p>" * (pages.MOST_ELEMENTS + 1), id="elements"),
        pytest.param("x" * (pages.MOST_CHARACTERS + 1), id="characters"),
        pytest.param("", id="empty"),
        pytest.param("\x00\x01\x02" * 100, id="binary"),
    ],
)
def test_what_is_too_much_is_told(work: Callable[[Response], object], body: str) -> None:
    with pytest.raises(builder.Unreadable):
        work(page(body))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["text/html", "", "text/html; charset=utf-16"]))
def test_any_bytes_are_worked_on_or_told_unreadable(body: bytes, kind: str) -> None:
    response = Response(URL, 200, {"content-type": kind}, body)
    for work in WORKS.values():
        try:
            work(response)
        except builder.Unreadable:  # told; anything else fails the test
            continue


_tags = st.sampled_from(
    [
        "<ul>",
        "<li>",
        "</ul>",
        "<p>",
        "<a/href=x>",
        "<b>",
        "text",
        "</b>",
        "<table>",
        "<tr>",
        "<td>",
        "<i>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_tags, max_size=60), st.text(max_size=30))
def test_whatever_is_suggested_finds_what_it_says(tags: list[str], rows: str) -> None:
    response = page("<p>a</p>" + " ".join(tags))
    for block in builder.suggest("web-scraper", response)[0]:
        assert len(builder.marks(response, {"rows": block.rows, "fields": {}}).rows) == block.count
    builder.point(response, rows, 4)
