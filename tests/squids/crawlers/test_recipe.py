"""A recipe is checked when it is saved: what is wrong names its place and says why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from squids.crawlers.interface import ParamError
from squids.crawlers.web_scraper import WebScraper

SCRAPER = WebScraper()
LIMITS = {"max_pages": 10_000}
"""What is set where nothing is said."""
GOOD: dict[str, Any] = {
    "rows": "article.product_pod",
    "fields": {
        "title": "h3 a::attr(title)",
        "url": {"select": "h3 a::attr(href)", "type": "url"},
        "price": {"select": ".price_color", "type": "number", "required": True},
        "tags": {"select": ".tag", "many": True},
    },
    "detail": {"link": "h3 a::attr(href)", "fields": {"upc": "//th[.='UPC']/../td"}},
    "next": "li.next a::attr(href)",
    "unique_by": ["upc"],
}


def refusal(recipe: Any) -> ParamError:
    with pytest.raises(ParamError) as raised:
        SCRAPER.check_settings({"recipe": recipe})
    return raised.value


def test_an_object_and_its_json_text_are_the_same() -> None:
    assert SCRAPER.check_settings({"recipe": GOOD}) == {"recipe": GOOD} | LIMITS
    assert SCRAPER.check_settings({"recipe": json.dumps(GOOD)}) == {"recipe": GOOD} | LIMITS


@pytest.mark.parametrize("unset", [None, "", "  \n"])
def test_no_recipe(unset: Any) -> None:
    assert SCRAPER.check_settings({"recipe": unset}) == LIMITS


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("div[", "no CSS"),
        ("..price", "no CSS"),
        ("div >", "no CSS"),
        ("> a", "CSS"),
        ("p:contains('x')", "XPath may say it"),
        ("a:frist", "XPath may say it"),
        ("a::text::text", "at the very end"),
        ("a::text, b::text", "at the very end"),
        ("a::before", "at the very end"),
        ("a::attr()", "at the very end"),
        ("a" * 3000, "2,000 characters"),
        ("//a[", "no XPath"),
        ("//a[frobnicate(.)]", "no function “frobnicate”"),
        ("//a[matches(., 'x')]", "no function “matches”"),
        ("//a[contains(.)]", "“contains” takes 2 arguments, and here it has 1"),
        ("//a[last(1)]", "“last” takes 0"),
        ("//a[substring(concat('a,b', @x), 1, 2, 3)]", "takes 2 to 3 arguments"),
        ("//a[@x=$price]", "no variable “$price”"),
        ("//g:price", "no namespace “g”"),
        ("//a::text", "no XPath"),
        ("(//a", "no XPath"),
        ("./", "no XPath"),
    ],
)
def test_a_selector_that_cannot_work_names_itself_and_its_field(selector: str, why: str) -> None:
    error = refusal({"fields": {"title": "h1", "price": {"select": selector}}})
    assert error.param == "recipe.fields.price"
    assert why in error.message
    assert selector.strip()[:20].replace("\0", "�").replace("\ud800", "�") in error.message


def test_a_bad_selector_is_found_wherever_it_stands() -> None:
    for place, change in {
        "rows": {"rows": "div["},
        "next": {"next": "li.next["},
        "detail.link": {"detail": GOOD["detail"] | {"link": "h3["}},
        "detail.fields.upc": {"detail": GOOD["detail"] | {"fields": {"upc": "//th["}}},
        "fields.title": {"fields": GOOD["fields"] | {"title": "h3["}},
    }.items():
        assert refusal(GOOD | change).param == f"recipe.{place}"


def test_a_css_selector_must_work_on_the_parser_that_an_xpath_elsewhere_asks_for() -> None:
    css = "div:lexbor-contains('x')"
    assert SCRAPER.check_settings({"recipe": {"fields": {"a": css}}})
    error = refusal({"fields": {"a": css, "b": "//p"}})
    assert error.param == "recipe.fields.a"


@pytest.mark.parametrize(
    ("recipe", "param", "says"),
    [
        ("{", "recipe", "line 1, column 2"),
        ('{"fields": {"a": "h1",}}', "recipe", "line 1, column 23"),
        ("[]", "recipe", "not a list"),
        (["h1"], "recipe", "not a list"),
        ("3", "recipe", "not a number"),
        ("true", "recipe", "not true or false"),
        ({}, "recipe.fields", "at least one field"),
        ({"fields": {}}, "recipe.fields", "at least one field"),
        ({"fields": ["h1"]}, "recipe.fields", "not a list"),
        ({"fields": {"a": 3}}, "recipe.fields.a", "not a number"),
        ({"fields": {"a": None}}, "recipe.fields.a", "not null"),
        ({"fields": {"a": {}}}, "recipe.fields.a", "“select” is missing"),
        ({"fields": {"a": {"select": 1}}}, "recipe.fields.a", "a text, not a number"),
        ({"fields": {"a": {"select": "p", "typ": "url"}}}, "recipe.fields.a.typ", "known: select"),
        ({"fields": {"a": {"select": "p", "type": "money"}}}, "recipe.fields.a.type", "number"),
        ({"fields": {"a": {"select": "p", "type": []}}}, "recipe.fields.a.type", "one of"),
        ({"fields": {"a": {"select": "p", "many": "yes"}}}, "recipe.fields.a.many", "not text"),
        ({"fields": {"a": {"select": "p", "required": 1}}}, "recipe.fields.a.required", "number"),
        ({"fields": {"": "p"}}, "recipe.fields.", "printable"),
        ({"fields": {"a\0": "p"}}, "recipe.fields", "cannot be printed"),
        ({"fields": {"\ud800": "p"}}, "recipe.fields", "cannot be printed"),
        ({"fields": {"a\n": "p"}}, "recipe.fields.a\n", "printable"),
        ({"fields": {"a": "a\0b"}}, "recipe.fields.a", "cannot be printed"),
        ({"fields": {"a": "a\ud800"}}, "recipe.fields.a", "cannot be printed"),
        (GOOD | {"row": "li"}, "recipe.row", "known: rows, fields"),
        (GOOD | {"rows": "li::text"}, "recipe.rows", "Rows are elements"),
        (GOOD | {"rows": ["li"]}, "recipe.rows", "a text, not a list"),
        (GOOD | {"next": {"select": "a"}}, "recipe.next", "a text, not an object"),
        (GOOD | {"detail": "a"}, "recipe.detail", "not text"),
        (GOOD | {"detail": {"fields": {"upc": "td"}}}, "recipe.detail.link", "link"),
        (GOOD | {"detail": {"link": "a"}}, "recipe.detail.fields", "at least one"),
        (GOOD | {"detail": {"links": "a"}}, "recipe.detail.links", "known: link"),
        (GOOD | {"unique_by": ["sku"]}, "recipe.unique_by", "no field “sku”; known: title, url"),
        (GOOD | {"unique_by": 3}, "recipe.unique_by", "not a number"),
        (GOOD | {"unique_by": [["upc"]]}, "recipe.unique_by", "no field"),
    ],
)
def test_wrong_shapes(recipe: Any, param: str, says: str) -> None:
    error = refusal(recipe)
    assert error.param == param
    assert says in error.message


def test_a_field_of_the_listing_and_of_the_detail_page_cannot_share_a_name() -> None:
    error = refusal(GOOD | {"detail": {"link": "a", "fields": {"title": "h1"}}})
    assert error.param == "recipe.detail.fields.title"
    assert "already" in error.message


@pytest.mark.parametrize("name", ["max_pages", "max_results"])
def test_the_limits_are_whole_numbers_from_one(name: str) -> None:
    assert SCRAPER.check_settings({name: "5"}) == LIMITS | {name: 5}
    with pytest.raises(ParamError) as raised:
        SCRAPER.check_settings({name: 0})
    assert raised.value.param == name


def test_identity_and_columns_follow_the_recipe() -> None:
    params = SCRAPER.check_settings({"recipe": GOOD})
    assert list(SCRAPER.unique_fields(params)) == ["upc"]
    columns = {column.name: column.type for column in SCRAPER.result_columns(params)}
    assert columns == {
        "title": "string",
        "url": "string",
        "price": "float",
        "tags": "json",
        "upc": "string",
    }
    assert list(columns) == ["title", "url", "price", "tags", "upc"]


def test_without_a_recipe_the_columns_are_those_of_a_page() -> None:
    assert list(SCRAPER.unique_fields({})) == []
    names = [column.name for column in SCRAPER.result_columns({})]
    assert names == [
        "url", "status", "title", "h1", "description", "canonical", "language", "words",
    ]  # fmt: skip
