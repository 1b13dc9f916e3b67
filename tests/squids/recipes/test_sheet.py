"""A recipe as a form shows it: there and back, and what is filled in half."""

from __future__ import annotations

from typing import Any

import pytest

from squids.recipes.kinds import JSON, WEB, Kind
from squids.recipes.sheet import Line, Sheet, posted, read

WHOLE: dict[str, Any] = {
    "rows": "article",
    "fields": {
        "title": "h2",
        "tags": {"select": "li", "many": True},
        "price": {"select": ".p", "type": "number", "required": True},
    },
    "detail": {"link": "a", "fields": {"text": {"select": "p", "type": "html"}}},
    "next": "a.next",
    "unique_by": ["title"],
    "signed_out": "#login",
}
API: dict[str, Any] = {
    "rows": "data.items",
    "fields": {"id": "id", "made": {"select": "made", "type": "date"}},
    "paging": {"by": "offset", "param": "skip", "first": 0, "size_param": "n", "size": 50},
    "unique_by": ["id"],
    "headers": {"Accept": "application/json", "X-Key": "a: b"},
}


def form(sheet: Sheet) -> dict[str, str]:
    """What a browser sends of it."""
    data = {entry.name: text for entry, text in sheet.entries()} | {"headers": sheet.headers}
    data |= {"has_detail": "1"} if sheet.has_detail else {}
    for of in ("fields", "detail"):
        for place, line in enumerate(sheet.lines(of)):
            named = {"name": line.name, "select": line.select, "type": line.type}
            data |= {f"{of}-{place}-{key}": value for key, value in named.items()}
            ticked = [name for name in ("many", "required", "key") if getattr(line, name)]
            data |= {f"{of}-{place}-{name}": "on" for name in ticked}
    return data


@pytest.mark.parametrize(("kind", "recipe"), [(WEB, WHOLE), (JSON, API), (WEB, {}), (JSON, {})])
def test_there_and_back(kind: Kind, recipe: dict[str, Any]) -> None:
    sheet = read(kind, recipe)
    assert sheet.recipe == recipe
    sent = posted(kind, form(sheet), sheet)
    assert sent.recipe == recipe
    assert list(sent.recipe.get("fields", {})) == list(recipe.get("fields", {}))


def test_what_the_form_does_not_show_is_kept() -> None:
    recipe = {"fields": {"a": "b"}, "unique_by": "a", "comment": "by hand"}
    sheet = read(WEB, recipe)
    assert sheet.recipe == {"fields": {"a": "b"}, "unique_by": ["a"], "comment": "by hand"}


def test_more_fields_than_the_form_takes_stay_as_they_are() -> None:
    recipe = {"rows": "li", "fields": {f"f{n}": "b" for n in range(101)}}
    sheet = read(WEB, recipe)
    assert sheet.fields == [] and sheet.recipe == recipe


def test_lines_are_taken_in_the_order_of_their_numbers() -> None:
    data = {"fields-10-name": "b", "fields-2-name": "a", "fields-x-name": "no"}
    assert posted(WEB, data, Sheet(WEB)).names == ["a", "b"]


def test_what_is_wrong_with_lines() -> None:
    lines = [Line("a", "b"), Line("", "b"), Line("a", "c"), Line("d", ""), Line("", "")]
    sheet = Sheet(WEB, fields=lines)
    assert set(sheet.problems) == {
        "fields-1-name",
        "fields-2-name",
        "fields-3-select",
        "fields-4-name",
    }
    assert sheet.without(sheet.problems).fields == [Line("a", "b")]


def test_paging_that_was_not_chosen_is_left_out() -> None:
    sheet = read(JSON, API)
    sheet.texts["paging.by"] = "next"
    assert sheet.recipe["paging"] == {"by": "next"}


def test_more_detail_fields_than_the_form_takes_stay_as_they_are() -> None:
    fields = {f"f{n}": "b" for n in range(101)}
    recipe = {"fields": {"a": "b"}, "detail": {"link": "a", "fields": fields}, "unique_by": ["f7"]}
    sheet = read(WEB, recipe)
    assert sheet.recipe == recipe
    assert posted(WEB, form(sheet), sheet).recipe == recipe


def test_the_order_of_what_identifies_a_row_is_kept() -> None:
    recipe = {"fields": {"a": "b", "c": "d", "e": "f"}, "unique_by": ["c", "a"]}
    sheet = read(WEB, recipe)
    assert sheet.recipe == recipe
    data = form(sheet) | {"fields-2-key": "on"}
    assert posted(WEB, data, sheet).recipe["unique_by"] == ["c", "a", "e"]
    del data["fields-1-key"]
    assert posted(WEB, data, sheet).recipe["unique_by"] == ["a", "e"]
