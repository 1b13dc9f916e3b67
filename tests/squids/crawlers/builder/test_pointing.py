"""Somebody points at an element; what is offered for it works as it stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers import builder
from squids.crawlers.interface import CrawlerError, ParamError, Request, Response
from tests.squids.crawlers.builder.pages import page, shop

ROWS = "article.card"


def at(response: Response, select: str, nth: int = 0) -> int:
    """The number of an element that a recipe's field marks."""
    marks = builder.marks(response, {"rows": ROWS, "fields": {"it": select}})
    return marks.fields["it"][nth]


def values(response: Response, spec: Any, rows: str = ROWS) -> list[Any]:
    recipe = {"fields": {"it": spec}} | ({"rows": rows} if rows else {})
    request = Request(response.url, label="list")
    trial = builder.attempt("web-scraper", {"recipe": recipe}, response, request)
    return [row["it"] for row in trial.rows]


def test_a_text_in_a_row() -> None:
    response = page(shop())
    (point,) = builder.point(response, ROWS, at(response, ".price", 3)).fields
    assert (point.name, point.type, point.text) == ("price", "number", "£4.50")
    assert (point.count, point.rows) == (6, 6)
    assert values(response, {"select": point.select, "type": point.type})[3] == 4.5


def test_a_link_gives_its_title_and_its_address() -> None:
    response = page(shop())
    found = builder.point(response, ROWS, at(response, "h3 > a")).fields
    taken = {point.name: values(response, point.select)[0] for point in found}
    assert taken["title"] in ("Lamp 1 of the long series", "Lamp 1 of th…")
    assert taken["link"] == "/lamp/1"


def test_a_picture_gives_the_address_of_the_link_around_it() -> None:
    response = page(shop())
    found = builder.point(response, ROWS, at(response, "img")).fields
    assert {(point.name, point.text) for point in found} == {
        ("image", "/p/1.jpg"),
        ("link", "/lamp/1"),
    }


def test_what_only_some_rows_have_says_so() -> None:
    response = page(shop())
    (point,) = builder.point(response, ROWS, at(response, ".was")).fields
    assert (point.count, point.rows) == (4, 6)


def test_the_second_of_its_kind_is_found_by_its_place() -> None:
    rows = "".join(f"<tr><td>a{n}</td><td>b{n}</td></tr>" for n in range(4))
    response = page(f"<table>{rows}</table>")
    number = builder.marks(response, {"rows": "tr", "fields": {"x": "td:nth-of-type(2)"}})
    (point,) = builder.point(response, "tr", number.fields["x"][0]).fields
    assert values(response, point.select, "tr") == ["b0", "b1", "b2", "b3"]


def test_rows_are_offered_from_what_lies_in_them() -> None:
    response = page(shop())
    offered = dict(builder.point(response, "", at(response, ".price")).rows)
    assert offered[ROWS] == 6
    for rows, count in offered.items():
        assert len(values(response, "p, b, i, a", rows)) == count


def test_the_next_page_is_offered_on_its_link() -> None:
    response = page(shop())
    marks = builder.marks(response, {"fields": {}, "next": "li.next > a"})
    assert builder.point(response, ROWS, marks.next[0]).next == ["li.next > a"]
    assert builder.point(response, ROWS, at(response, ".price")).next == []


def test_outside_the_rows_a_field_is_of_the_page() -> None:
    response = page(shop())
    number = builder.marks(response, {"fields": {"it": "h1"}}).fields["it"][0]
    (point,) = builder.point(response, ROWS, number).fields
    assert (point.select, point.rows, values(response, point.select, "")) == ("h1", 1, ["Lamps"])


@pytest.mark.parametrize("number", [-1, 10**8])
def test_an_element_that_is_not_there(number: int) -> None:
    pointed = builder.point(page(shop()), ROWS, number)
    assert not (pointed.fields or pointed.rows or pointed.next)


def test_a_recipe_that_cannot_work_marks_what_can() -> None:
    recipe = {"rows": ROWS, "fields": {"a": "p[", "b": 3, "c": ".price"}, "next": "!!"}
    marks = builder.marks(page(shop()), recipe)
    assert (len(marks.rows), marks.fields["a"], marks.fields["b"]) == (6, [], [])
    assert (len(marks.fields["c"]), marks.next) == (6, [])


def test_an_xpath_marks_as_css_does() -> None:
    response = page(shop())
    by_css = builder.marks(response, {"rows": ROWS, "fields": {"p": ".price"}})
    by_xpath = builder.marks(
        response, {"rows": "//article", "fields": {"p": "./p[@class='price']"}}
    )
    assert by_css == by_xpath


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 90), st.sampled_from(["", ROWS, "p", "li", "h3", "html"]))
def test_whatever_is_pointed_at_can_be_taken(number: int, rows: str) -> None:
    """Each field that is offered gives its text in the row it was pointed at in."""
    response = page(shop())
    pointed = builder.point(response, rows, number)
    for point in pointed.fields:
        try:
            found = values(response, point.select, rows if point.rows > 1 else "")
        except (ParamError, CrawlerError) as error:
            raise AssertionError(point) from error
        assert any(str(value).startswith(point.text.rstrip("…")[:60]) for value in found), point
