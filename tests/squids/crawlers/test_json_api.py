"""The JSON crawler: rows, fields and types; each way from page to page; what is no JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers.interface import BadPage, Outcome, ParamError, Request, Response, Row
from squids.crawlers.json_api.crawler import JsonApiScraper

URL = "https://api.example/items?shop=4"
CRAWLER = JsonApiScraper()
JSON = {"content-type": "application/json"}
Site = Callable[[str], tuple[Any, dict[str, str]]]


def answer(body: Any, url: str = URL, headers: dict[str, str] | None = None) -> Response:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(url, 200, JSON | (headers or {}), text)


def parse(recipe: Any, response: Response, request: Request | None = None) -> Outcome:
    ready = CRAWLER.prepare(CRAWLER.check_settings({"recipe": recipe}))
    return CRAWLER.parse(response, request or Request(response.url), ready)


def crawl(recipe: Any, site: Site, **params: Any) -> tuple[list[Row], list[str], Outcome]:
    """A whole task: its rows, the addresses asked for, and the last page's outcome."""
    ready = CRAWLER.prepare(CRAWLER.check_settings({"recipe": recipe} | params))
    queue, rows, asked, outcome = CRAWLER.start({"url": URL}, ready), [], [], Outcome()
    while queue:
        request = Request.from_dict(queue.pop(0).to_dict())
        assert request.url not in asked, "a chain that goes round"
        asked.append(request.url)
        body, headers = site(request.url)
        outcome = CRAWLER.parse(answer(body, request.url, headers), request, ready)
        rows += outcome.rows
        queue += outcome.follow
    return rows, asked, outcome


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# --- rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ([{"a": 1}, {"a": None}], [{"a": 1}, {"a": None}]),
        ({"a": 1}, [{"a": 1}]),
        ([1, "x", None], [{"value": 1}, {"value": "x"}, {"value": None}]),
        ([], []),
        (7, [{"value": 7}]),
    ],
)
def test_without_a_recipe_rows_are_what_is_there(body: Any, rows: list[Row]) -> None:
    assert parse(None, answer(body)).rows == rows


def test_rows_and_fields_by_expression() -> None:
    recipe = {"rows": "data.items[?stock > `0`]", "fields": {"name": "name", "tags": "tags[*].t"}}
    items = [{"name": "lamp", "stock": 2, "tags": [{"t": "red"}]}, {"name": "rug", "stock": 0}]
    assert parse(recipe, answer({"data": {"items": items}})).rows == [
        {"name": "lamp", "tags": ["red"]}
    ]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("json", {"a": [1]}, {"a": [1]}),
        ("text", 5, "5"),
        ("number", "£1,234.50", 1234.5),
        ("number", 3, 3.0),
        ("number", {"a": 1}, None),
        ("integer", "22 left", 22),
        ("integer", 9, 9),
        ("boolean", "yes", True),
        ("boolean", 0, False),
        ("url", "../x?y=1", "https://api.example/x?y=1"),
        ("date", "5 January 2024", "2024-01-05"),
        ("date", None, None),
    ],
)
def test_types(kind: str, value: Any, expected: Any) -> None:
    recipe = {"fields": {"it": {"select": "v", "type": kind}}}
    assert parse(recipe, answer({"v": value})).rows == [{"it": expected}]


def test_a_row_without_a_required_field_is_left_out_and_told_of() -> None:
    recipe = {"rows": "@", "fields": {"id": {"select": "id", "required": True}}}
    outcome = parse(recipe, answer([{"id": 1}, {}, {"id": None}]))
    assert outcome.rows == [{"id": 1}]
    assert outcome.notes == [("warning", "2 rows without “id” left out")]


def test_rows_that_are_not_there_say_what_is() -> None:
    with pytest.raises(BadPage, match="“rows” finds nothing here; the answer has “data”, “meta”"):
        parse({"rows": "items"}, answer({"data": [], "meta": 1}))


# --- paging ---------------------------------------------------------------------------------------

ALL = [{"id": number} for number in range(1, 8)]


def test_by_page_number() -> None:
    paging = {"by": "page", "param": "p", "size_param": "n", "size": 3}

    def site(url: str) -> tuple[Any, dict[str, str]]:
        start = (int(query(url)["p"]) - 1) * 3
        return {"items": ALL[start : start + 3], "all": 7}, {}

    rows, asked, last = crawl({"rows": "items", "paging": paging, "total": "all"}, site)
    assert rows == ALL and len(asked) == 3 and last.last_page
    assert query(asked[0]) == {"shop": "4", "p": "1", "n": "3"}
    assert last.total_expected == 7


def test_by_page_number_until_one_is_empty_or_the_last_is_named() -> None:
    def site(url: str) -> tuple[Any, dict[str, str]]:
        number = int(query(url)["p"])
        return {"items": ALL[number * 3 : number * 3 + 3], "pages": 3}, {}

    paging = {"by": "page", "param": "p", "first": 0}
    assert len(crawl({"rows": "items", "paging": paging}, site)[1]) == 4
    assert len(crawl({"rows": "items", "paging": paging | {"pages": "pages"}}, site)[1]) == 3


def test_by_offset() -> None:
    def site(url: str) -> tuple[Any, dict[str, str]]:
        start = int(query(url)["from"])
        return ALL[start : start + 2], {}

    rows, asked, _ = crawl({"paging": {"by": "offset", "param": "from"}}, site)
    assert rows == ALL and [query(url)["from"] for url in asked] == ["0", "2", "4", "6", "7"]


def test_by_cursor() -> None:
    pages = {None: (ALL[:4], "b/c=="), "b/c==": (ALL[4:], None)}

    def site(url: str) -> tuple[Any, dict[str, str]]:
        items, after = pages[query(url).get("after")]
        return {"items": items, "meta": {"next": after}}, {}

    paging = {"by": "cursor", "param": "after", "next": "meta.next"}
    assert crawl({"rows": "items", "paging": paging}, site)[0] == ALL


def test_by_the_next_address() -> None:
    def site(url: str) -> tuple[Any, dict[str, str]]:
        if "more" in url:
            return {"items": ALL[4:], "next": None}, {}
        return {"items": ALL[:4], "next": "/more?x=1"}, {}

    rows, asked, _ = crawl({"rows": "items", "paging": {"by": "next", "next": "next"}}, site)
    assert rows == ALL and asked[1] == "https://api.example/more?x=1"


@pytest.mark.parametrize(
    "header",
    [
        '<https://api.example/2>; rel="next", <https://api.example/9>; rel="last"',
        '</9>; rel=last, </2>; title="a, b"; rel=next',
        '</2>; rel="prefetch NEXT"',
    ],
)
def test_by_link_header(header: str) -> None:
    def site(url: str) -> tuple[Any, dict[str, str]]:
        return (ALL[4:], {}) if url.endswith("/2") else (ALL[:4], {"link": header})

    assert crawl({"paging": {"by": "link"}}, site)[0] == ALL


def test_a_chain_that_leads_to_itself_ends() -> None:
    recipe = {"rows": "items", "paging": {"by": "next", "next": "next"}}
    outcome = parse(recipe, answer({"items": [1], "next": URL}))
    assert outcome.follow == []


def test_a_page_past_the_end_that_is_not_there_is_the_end() -> None:
    ready = CRAWLER.prepare({"recipe": {"paging": {"by": "page", "param": "p"}}})
    request = Request(URL, meta={"page": 2, "at": 2}, accept=(404,))
    outcome = CRAWLER.parse(Response(URL, 404, {}, b"{}"), request, ready)
    assert outcome.last_page and not outcome.follow


def test_the_most_pages() -> None:
    def site(url: str) -> tuple[Any, dict[str, str]]:
        return [{"id": query(url)["p"]}], {}

    rows, _, last = crawl({"paging": {"by": "page", "param": "p"}}, site, max_pages=3)
    assert len(rows) == 3 and "limit of 3 pages" in last.notes[0][1]


# --- recipes that cannot work ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipe", "place"),
    [
        ({"rows": "a["}, "recipe.rows"),
        ({"rows": 5}, "recipe.rows"),
        ({"rows": "(" * 1999}, "recipe.rows"),
        ({"rows": "a" * 2001}, "recipe.rows"),
        ({"fields": {}}, "recipe.fields"),
        ({"fields": {"a": {"type": "text"}}}, "recipe.fields.a"),
        ({"fields": {"a": {"select": "a", "type": "html"}}}, "recipe.fields.a.type"),
        ({"fields": {"a": "a"}, "unique_by": ["b"]}, "recipe.unique_by"),
        ({"unique_by": [{}]}, "recipe.unique_by"),
        ({"paging": {}}, "recipe.paging.by"),
        ({"paging": {"by": []}}, "recipe.paging.by"),
        ({"paging": {"by": "page"}}, "recipe.paging.param"),
        ({"paging": {"by": "link", "param": "p"}}, "recipe.paging.param"),
        ({"paging": {"by": "cursor", "param": "c"}}, "recipe.paging.next"),
        ({"paging": {"by": "page", "param": "p", "size": 5}}, "recipe.paging.size_param"),
        ({"paging": {"by": "page", "param": "p", "first": -1}}, "recipe.paging.first"),
        ({"headers": {"Cookie": "a=b"}}, "recipe.headers.Cookie"),
        ({"headers": {"X": "a\r\nb"}}, "recipe.headers.X"),
        ({"colour": 1}, "recipe.colour"),
        ("{", "recipe"),
        ([], "recipe"),
    ],
)
def test_refused_by_its_place(recipe: Any, place: str) -> None:
    with pytest.raises(ParamError) as refused:
        CRAWLER.check_settings({"recipe": recipe})
    assert refused.value.param == place


# --- what is no JSON ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"<html>Sorry</html>", "no JSON"),
        (b'{"a": ', "no JSON"),
        (b"[" * 200_000, "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b'{"a": NaN}', "no JSON"),
    ],
    ids=["empty", "html", "cut off", "deep", "binary", "nan"],
)
def test_no_json(body: bytes, told: str) -> None:
    with pytest.raises(BadPage, match=told):
        parse(None, answer(body))


@pytest.mark.parametrize("guard", [")]}'\n", ")]}',\n", "while(1);", "\ufeff"])
def test_what_stands_before_the_json(guard: str) -> None:
    assert parse(None, answer(guard.encode() + b'{"a": 1}')).rows == [{"a": 1}]


def test_other_encodings() -> None:
    body = '{"city": "Łódź"}'.encode("utf-16")
    response = Response(URL, 200, JSON, body, "utf-16")
    assert parse(None, response).rows == [{"city": "Łódź"}]


def test_an_expression_that_does_not_suit_the_answer() -> None:
    with pytest.raises(BadPage, match="cannot be used on this answer"):
        parse({"rows": "length(@)"}, answer(5))


RECIPES = [
    None,
    {"rows": "items", "paging": {"by": "page", "param": "p"}},
    {"rows": "@", "fields": {"a": {"select": "a.b[0]", "type": "number"}, "u": "u"}},
    {"rows": "*", "paging": {"by": "next", "next": "next"}, "total": "n"},
]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("number", range(len(RECIPES)))
@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | _VALUES.map(lambda v: json.dumps(v).encode()))
def test_any_answer_gives_rows_or_its_named_error(number: int, body: bytes) -> None:
    try:
        outcome = parse(RECIPES[number], answer(body))
    except BadPage:
        return
    json.dumps(outcome.rows)
