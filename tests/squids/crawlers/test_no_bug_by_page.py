"""What a site sends, or a recipe says, fails a page or is refused; it never stops the run."""

from __future__ import annotations

import pytest

from squids.crawlers.interface import ParamError, Response
from squids.crawlers.values import iso_date
from tests.squids.crawlers.crawling import page, parse


@pytest.mark.parametrize("path", ["p", "//p"])
@pytest.mark.parametrize("charset", ["idna", "undefined", "no-such-charset"])
def test_a_charset_of_no_use_is_read_as_utf_8(charset: str, path: str) -> None:
    response = Response("https://shop.example/", 200, {}, "<p>né</p>".encode(), charset)
    assert parse({"fields": {"it": path}}, response).rows == [{"it": "né"}]


def test_a_year_that_no_calendar_has_is_no_date() -> None:
    assert iso_date("Mon, 5 Mar 99999999999 10:00:00 GMT") is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("//p/namespace::*", "no namespaces"),
        ("//p[namespace :: x]", "no namespaces"),
        ("//p[foo()]", "no function “foo”"),
        ("//p[$x]", "no variable “$x”"),
        ("//x:p", "no namespace “x”"),
    ],
)
def test_what_only_a_page_would_bring_to_light_is_refused_in_one_sentence(
    path: str, why: str
) -> None:
    with pytest.raises(ParamError) as raised:
        parse({"fields": {"it": path}}, page("<p>x</p>"))
    assert raised.value.param == "recipe.fields.it"
    assert why in raised.value.message
    assert raised.value.message.count("cannot work") == 1


def test_a_text_that_names_an_axis_is_only_a_text() -> None:
    recipe = {"fields": {"it": "//p[.='namespace::x']"}}
    assert parse(recipe, page("<p>namespace::x</p>")).rows == [{"it": "namespace::x"}]
