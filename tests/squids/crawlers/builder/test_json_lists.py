"""What is suggested for a JSON answer works as it stands: each recipe is tried by the crawler."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squids.crawlers.builder.json_lists import suggest_json
from squids.crawlers.builder.shapes import Block, Link, Unreadable
from squids.crawlers.builder.trial import attempt
from squids.crawlers.interface import Request, Response

SLUG = "json-api-scraper"
URL = "https://api.example.com/v1/products"


def answer(body: Any, url: str = URL, **headers: str) -> Response:
    return Response(url, 200, headers, json.dumps(body).encode())


def products(count: int = 3) -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "name": f"Lamp {n}",
            "price": f"{n}.50",
            "added": f"2026-01-0{n}",
            "link": f"/lamps/{n}",
            "maker": {"name": "Lux", "country": "FR"},
            "in stock": n % 2 == 0,
            "tags": ["desk", "light"],
        }
        for n in range(1, count + 1)
    ]


def rows_of(response: Response, block: Block, **more: Any) -> list[dict[str, Any]]:
    params = {"recipe": {"rows": block.rows, "fields": block.fields, **more}}
    return attempt(SLUG, params, response, Request(response.url, meta={"page": 1})).rows


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        pytest.param(products(), "@", id="the answer itself"),
        pytest.param({"items": products()}, "items", id="by name"),
        pytest.param({"data": {"results": products(), "facets": [{"a": 1}]}}, "data.results"),
        pytest.param({"hits": {"hits": products()}, "took": 3}, "hits.hits", id="nested"),
        pytest.param({"page-data": products()}, '"page-data"', id="name that is quoted"),
        pytest.param({"lamps": {f"l{n}": p for n, p in enumerate(products())}}, "lamps.*"),
        pytest.param({f"l{n}": p for n, p in enumerate(products())}, "*", id="all by key"),
    ],
)
def test_the_list_is_found(body: Any, rows: str) -> None:
    response = answer(body)
    block = suggest_json(response)[0][0]
    assert (block.rows, block.count) == (rows, 3)
    assert [row["id"] for row in rows_of(response, block)] == [1, 2, 3]


def test_the_longer_and_wider_list_comes_first() -> None:
    body = {"links": [{"rel": "self"}, {"rel": "next"}], "things": products(9)}
    assert [block.rows for block in suggest_json(answer(body))[0]] == ["things", "links"]


def test_lists_inside_rows_are_no_rows_of_their_own() -> None:
    body = {"orders": [{"id": n, "lines": products()} for n in range(3)]}
    assert [block.rows for block in suggest_json(answer(body))[0]] == ["orders"]


def test_fields_have_names_types_and_the_first_rows_values() -> None:
    response = answer({"items": products()})
    block = suggest_json(response)[0][0]
    assert block.fields == {
        "id": "id",
        "name": "name",
        "price": {"select": "price", "type": "number"},
        "added": {"select": "added", "type": "date"},
        "link": {"select": "link", "type": "url"},
        "maker_name": "maker.name",
        "country": "maker.country",
        "in_stock": '"in stock"',
        "tags": "tags",
    }
    assert block.sample["name"] == "Lamp 1" and block.sample["in_stock"] == "false"
    row = rows_of(response, block)[1]
    assert row["price"] == 2.5 and row["link"] == "https://api.example.com/lamps/2"
    assert (row["maker_name"], row["in_stock"], row["tags"]) == ("Lux", True, ["desk", "light"])


def test_what_few_rows_have_is_left_out() -> None:
    body = [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4, "rare": 1}]
    assert list(suggest_json(answer(body))[0][0].fields) == ["a"]


@pytest.mark.parametrize("body", [{}, [], 3, "text", None, {"a": 1}, [1, 2], {"a": []}])
def test_an_answer_without_a_list(body: Any) -> None:
    assert suggest_json(answer(body))[0] == []


# --- the way on -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "url", "paging", "leads_to"),
    [
        ({"next": f"{URL}?page=2"}, URL, {"by": "next", "next": "next"}, f"{URL}?page=2"),
        (
            {"links": {"next": {"href": "/v1/products?p=2"}}},
            URL,
            {"by": "next", "next": "links.next.href"},
            f"{URL}?p=2",
        ),
        (
            {"@odata.nextLink": f"{URL}?$skip=3"},
            URL,
            {"by": "next", "next": '"@odata.nextLink"'},
            f"{URL}?$skip=3",
        ),
        (
            {"meta": {"next_cursor": "abc"}},
            URL,
            {"by": "cursor", "param": "cursor", "next": "meta.next_cursor"},
            f"{URL}?cursor=abc",
        ),
        (
            {"nextPageToken": "t1"},
            f"{URL}?pageToken=t0",
            {"by": "cursor", "param": "pageToken", "next": "nextPageToken"},
            f"{URL}?pageToken=t1",
        ),
        ({}, f"{URL}?page=4", {"by": "page", "param": "page", "first": 4}, f"{URL}?page=5"),
        (
            {"total_pages": 9},
            f"{URL}?page=1&per_page=3",
            {
                "by": "page",
                "param": "page",
                "first": 1,
                "pages": "total_pages",
                "size_param": "per_page",
                "size": 3,
            },
            f"{URL}?per_page=3&page=2",
        ),
        (
            {},
            f"{URL}?offset=0&limit=3",
            {"by": "offset", "param": "offset", "first": 0, "size_param": "limit", "size": 3},
            f"{URL}?limit=3&offset=3",
        ),
        ({"totalPages": 2}, URL, {"by": "page", "param": "page", "pages": "totalPages"}, None),
    ],
)
def test_the_next_page_is_found(
    extra: dict[str, Any], url: str, paging: dict[str, Any], leads_to: str | None
) -> None:
    _, links = suggest_json(answer({"items": products(), **extra}, url))
    assert links == [Link(paging, leads_to or f"{URL}?page=1")]


def test_the_header_is_enough() -> None:
    response = answer(products(), link=f'<{URL}?page=2>; rel="next"')
    assert suggest_json(response)[1][0] == Link({"by": "link"}, f"{URL}?page=2")


def test_the_last_page_leads_nowhere() -> None:
    body = {"items": products(), "next": None, "next_cursor": ""}
    assert suggest_json(answer(body, link=f'<{URL}>; rel="prev"'))[1] == []


# --- whatever comes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a":', b" " * (5 * 1024 * 1024 + 1)]
)
def test_what_is_no_json_is_told(body: bytes) -> None:
    with pytest.raises(Unreadable):
        suggest_json(Response(URL, 200, {}, body))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["next", "page"]), inner)
    ),
    max_leaves=40,
)


@given(_json)
def test_every_suggestion_can_be_run(body: Any) -> None:
    try:
        response = answer(body)
        blocks, links = suggest_json(response)
    except Unreadable:  # numbers that are too large
        return
    for block in blocks:
        assert len(rows_of(response, block)) == block.count
        assert set(block.sample) == set(block.fields)
    assert all(link.leads_to for link in links)


def test_a_large_answer_is_looked_at_in_part() -> None:
    """The work is bounded, whatever the form: wide, deep, or both."""
    wide = {f"k{n}": {"a": [n]} for n in range(50_000)} | {"odd": 1}
    deep: Any = products()
    for _ in range(500):
        deep = {"in": deep, "beside": [1]}
    for body in (wide, deep, products(3) * 5_000):
        blocks, _ = suggest_json(answer(body))
        assert all(len(block.fields) <= 12 for block in blocks)
