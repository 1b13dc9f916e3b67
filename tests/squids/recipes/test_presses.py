"""What each of the builder's buttons does to a recipe."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers.interface import Response
from squids.recipes.kinds import JSON, WEB
from squids.recipes.presses import press
from squids.recipes.sheet import MOST_LINES, Sheet, read
from tests.squids.crawlers.builder.pages import page, shop

RECIPE: dict[str, Any] = {"rows": "article.card", "fields": {"a": "h3", "b": ".price", "c": "time"}}


def pressed(said: str, recipe: dict[str, Any] | None = None) -> dict[str, Any]:
    return press(read(WEB, RECIPE if recipe is None else recipe), said, page(shop())).recipe


def test_a_field_is_added_at_the_end_and_dropped() -> None:
    sheet = press(read(WEB, RECIPE), "add:fields", None)
    assert (sheet.names, sheet.fields[-1].type) == (["a", "b", "c", ""], "text")
    assert press(sheet, "drop:fields-1", None).names == ["a", "c", ""]


def test_no_more_than_the_form_takes() -> None:
    sheet = read(WEB, {"fields": {f"f{n}": "b" for n in range(MOST_LINES)}})
    assert len(press(sheet, "add:fields", None).fields) == MOST_LINES


def test_a_field_goes_up() -> None:
    assert list(pressed("raise:fields-2")["fields"]) == ["a", "c", "b"]
    assert list(pressed("raise:fields-0")["fields"]) == ["a", "b", "c"]


def test_detail_pages_begin_with_the_first_link() -> None:
    recipe = {"fields": {"t": "h3", "l": {"select": "a.more", "type": "url"}}}
    sheet = press(read(WEB, recipe), "detail:on", None)
    assert sheet.has_detail and sheet.texts["detail.link"] == "a.more"
    assert press(sheet, "detail:off", None).recipe == recipe


def test_a_field_that_was_pointed_at() -> None:
    said = {"of": "fields", "name": "a", "select": "::attr(id)", "type": "url"}
    fields = pressed(f"field:{json.dumps(said)}")["fields"]
    assert fields["a_2"] == {"select": "::attr(id)", "type": "url"}
    again = read(WEB, RECIPE | {"fields": fields})
    assert press(again, f"field:{json.dumps(said)}", None).recipe["fields"] == fields


def test_rows_that_were_pointed_at_bring_their_fields_where_there_are_none() -> None:
    made = pressed("rows:article.card", {})
    assert made["rows"] == "article.card" and made["fields"]["price"]["select"] == ".price"
    assert pressed("rows:ul > li") == {**RECIPE, "rows": "ul > li"}
    assert pressed("rows:p[", {}) == {"rows": "p["}


def test_a_suggestion_takes_the_place_of_rows_and_fields() -> None:
    made = pressed("block:0", {"rows": "x", "fields": {"y": "z"}, "signed_out": "#login"})
    assert (
        made["rows"] == "article.card" and "title" in made["fields"] and "y" not in made["fields"]
    )
    assert (made["next"], made["signed_out"]) == ("li.next > a", "#login")


def test_a_suggestion_leaves_the_way_on_that_was_chosen() -> None:
    assert pressed("block:0", {"next": "a.more"})["next"] == "a.more"


def test_a_way_to_the_next_page() -> None:
    assert pressed("onward:0")["next"] == "li.next > a"
    assert pressed("next:a.more")["next"] == "a.more"


def test_suggestions_for_json() -> None:
    body = json.dumps({"items": [{"id": 1}, {"id": 2}], "next": "/b"}).encode()
    answer = Response("https://api.example/a", 200, {"content-type": "application/json"}, body)
    made = press(Sheet(JSON), "block:0", answer).recipe
    assert made == {
        "rows": "items",
        "fields": {"id": "id"},
        "paging": {"by": "next", "next": "next"},
    }


NOTHING = [
    "",
    "block:9",
    "block:x",
    "onward:",
    "drop:fields-9",
    "drop:x-0",
    "raise:fields-",
    "add:x",
]
NOTHING += ["field:", "field:[1]", "field:{", "nonsense:1", "drop:fields-99999999999999999999"]


@pytest.mark.parametrize("said", NOTHING)
def test_what_means_nothing_changes_nothing(said: str) -> None:
    assert pressed(said) == RECIPE


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["add", "drop", "raise", "detail", "field", "rows", "block", "onward", "next"]),
    st.text(max_size=40) | st.builds(json.dumps, st.dictionaries(st.text(max_size=8), st.text())),
)
def test_any_press_gives_a_sheet(verb: str, about: str) -> None:
    press(read(WEB, RECIPE), f"{verb}:{about}", page(shop())).recipe.items()
