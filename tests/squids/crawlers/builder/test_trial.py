"""A recipe tried on a page gives what a run would give."""

from __future__ import annotations

import pytest

from squids.crawlers.builder import attempt
from squids.crawlers.interface import BadPage, ParamError, Request, Response

URL = "https://shop.example/lamps"
PAGE = b"""<ul><li><a href=/a>A</a><b>1.50</b><li><a href=/b>B</a><b>2.50</b></ul>
<a rel=next href=?page=2>on</a>"""
RECIPE = {
    "rows": "li",
    "fields": {"name": "a", "price": {"select": "b", "type": "number"}},
    "next": "a[rel=next]::attr(href)",
}


def page(body: bytes = PAGE) -> Response:
    return Response(URL, 200, {"content-type": "text/html"}, body)


def test_rows_columns_and_the_next_page() -> None:
    trial = attempt("web-scraper", {"recipe": RECIPE}, page(), Request(URL))
    assert trial.rows == [{"name": "A", "price": 1.5}, {"name": "B", "price": 2.5}]
    assert trial.columns == ["name", "price"]
    assert (trial.next, trial.details, trial.detail) == (f"{URL}?page=2", 0, None)


def test_rows_that_wait_for_their_detail_pages_are_shown_as_far_as_they_are() -> None:
    recipe = RECIPE | {"detail": {"link": "a::attr(href)", "fields": {"upc": "#upc"}}}
    trial = attempt("web-scraper", {"recipe": recipe}, page(), Request(URL))
    assert [row["name"] for row in trial.rows] == ["A", "B"]
    assert (trial.columns, trial.details) == (["name", "price"], 2)
    assert trial.detail is not None and trial.detail.url == "https://shop.example/a"
    body = page(b"<p id=upc>42</p>")
    whole = attempt("web-scraper", {"recipe": recipe}, body, trial.detail)
    assert whole.rows == [{"name": "A", "price": 1.5, "upc": "42"}]
    assert whole.columns == ["name", "price", "upc"]


def test_nothing_found_keeps_the_columns_and_says_so() -> None:
    recipe = RECIPE | {"rows": ".none"}
    trial = attempt("web-scraper", {"recipe": recipe}, page(), Request(URL))
    assert (trial.rows, trial.columns) == ([], ["name", "price"])
    assert any("nothing matches" in text for _, text in trial.notes)


def test_json_rows_as_they_are_have_the_columns_that_there_are() -> None:
    response = Response(URL, 200, {}, b'[{"a": 1}, {"a": 2, "b": 3}]')
    trial = attempt("json-api-scraper", {}, response, Request(URL))
    assert (trial.columns, len(trial.rows)) == (["a", "b"], 2)


@pytest.mark.parametrize(
    ("recipe", "place"),
    [
        ({}, "recipe.fields"),
        ({"fields": {"a": "b["}}, "recipe.fields.a"),
        ({"fields": {"a": "b"}, "rows": "a::text"}, "recipe.rows"),
    ],
)
def test_a_wrong_recipe_is_told_by_its_place(recipe: object, place: str) -> None:
    with pytest.raises(ParamError) as raised:
        attempt("web-scraper", {"recipe": recipe}, page(), Request(URL))
    assert raised.value.param == place


def test_a_wrong_page_is_told() -> None:
    with pytest.raises(BadPage):
        attempt("web-scraper", {"recipe": RECIPE}, page(b""), Request(URL))
