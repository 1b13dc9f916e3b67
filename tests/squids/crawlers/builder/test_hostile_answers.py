"""JSON answers made to keep whoever builds a recipe busy, and bytes that are no answer at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers import builder
from squids.crawlers.builder import json_lists
from squids.crawlers.interface import CrawlerError, ParamError, Request, Response

SLUG = "json-api-scraper"
URL = "https://api.example.com/v1/things?page=1&limit=20"
MANY = 20_000

BAITS: dict[str, Any] = {
    "cursors": {f"x{n}": {"cursor": f"c{n}", f"u{n}": 1} for n in range(MANY)},
    "next pages": {f"x{n}": {"next": f"/p/{n}", f"u{n}": 1} for n in range(MANY)},
    "links that lead nowhere": {f"x{n}": {"next": URL, f"u{n}": 1} for n in range(MANY)},
    "lists": {f"k{n}": [{"a": n}] for n in range(MANY)},
    "members of one row": [{f"k{n}": n for n in range(MANY)}],
    "members of each row": [{f"k{row}_{n}": n for n in range(400)} for row in range(50)],
    "groups in a row": [{f"d{n}": {"x": n} for n in range(MANY)}],
    "one name in every group": [{f"d{n}": {"x": {"x": n}} for n in range(MANY)}],
}


def answer(body: bytes, url: str = URL, **headers: str) -> Response:
    return Response(url, 200, headers, body)


class Charset(str):
    """The name of an encoding that counts how often an answer in it is read."""

    reads = 0

    def lower(self) -> str:
        self.reads += 1
        return super().lower()


@pytest.mark.parametrize("bait", BAITS.values(), ids=BAITS)
def test_the_answer_is_read_a_few_times_only(bait: Any) -> None:
    """However many ways on an answer seems to have, few are tried."""
    charset = Charset("utf-8")
    blocks, links = builder.suggest(
        SLUG, Response(URL, 200, {}, json.dumps(bait).encode(), charset)
    )
    assert 1 <= charset.reads <= 1 + json_lists.TRIED
    assert len(blocks) <= 5
    assert len(links) <= 5
    assert all(len(block.fields) <= json_lists.MOST_FIELDS for block in blocks)


def test_bait_does_not_hide_the_number_in_the_address() -> None:
    bait = BAITS["links that lead nowhere"] | {"items": [{"a": n} for n in range(20)]}
    _, links = builder.suggest(SLUG, answer(json.dumps(bait).encode()))
    assert [link.next["by"] for link in links] == ["page"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="lists"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="objects"),
        pytest.param(b"[" * 100_000, id="never closed"),
    ],
)
@pytest.mark.parametrize("read", [lambda r: builder.suggest(SLUG, r), builder.tree])
def test_nesting_past_any_use_is_told(body: bytes, read: Callable[[Response], object]) -> None:
    with pytest.raises(builder.Unreadable):
        read(answer(body))


@pytest.mark.parametrize("opening", [b'{"a":', b"["])
def test_nesting_that_can_be_read_gives_a_bounded_tree(opening: bytes) -> None:
    closing = b"}" if opening.startswith(b"{") else b"]"
    nodes = builder.tree(answer(opening * 900 + b"1" + closing * 900))
    assert max(node.depth for node in nodes) == 12


_bytes = st.binary(max_size=200) | st.text(max_size=80).map(lambda text: json.dumps(text).encode())
_expressions = st.text(max_size=40) | st.text("abc[]{}.*@|&()'\"`0123456789:-,! ", max_size=40)


@settings(max_examples=200, deadline=None)
@given(_bytes, st.dictionaries(st.sampled_from(["link", "content-type"]), st.text(max_size=60)))
def test_any_bytes_are_read_or_told_unreadable(body: bytes, headers: dict[str, str]) -> None:
    response = answer(body, **headers)
    try:
        _, links = builder.suggest(SLUG, response)
    except builder.Unreadable:
        with pytest.raises(builder.Unreadable):
            builder.tree(response)
        return
    assert all(link.leads_to.startswith("http") for link in links)
    assert builder.tree(response)


# The library would rather have literals such as `foo` in quotes, and says so.
@pytest.mark.filterwarnings("ignore:deprecated string literal:PendingDeprecationWarning")
@settings(max_examples=300, deadline=None)
@given(_expressions, _expressions)
def test_any_expression_is_tried_or_told(rows: str, select: str) -> None:
    """What is typed is rarely whole while it is typed."""
    response = answer(b'{"items": [{"a": 1, "b": {"c": [2]}}, {"a": "x"}], "next": null}')
    recipe = {"rows": rows, "fields": {"a": select}}
    builder.tree(response, rows)
    try:
        trial = builder.attempt(SLUG, {"recipe": recipe}, response, Request(URL, meta={"page": 1}))
    except (ParamError, CrawlerError):  # told; anything else fails the test
        return
    assert all(list(row) == trial.columns for row in trial.rows)
