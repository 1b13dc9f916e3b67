"""What a recipe gives on a kept page, while somebody is still writing it."""

from __future__ import annotations

from typing import Any

from squids.crawlers.interface import Request
from squids.models import Part, SamplePage, Squid
from squids.recipes.kinds import JSON, WEB, Kind
from squids.recipes.sheet import read
from squids.recipes.tries import Tried, tried
from tests import factories
from tests.squids.crawlers.builder.pages import URL

RECIPE: dict[str, Any] = {
    "rows": "article.card",
    "fields": {"title": "h3", "was": {"select": ".was", "type": "number"}},
    "next": "li.next > a",
}


def give(listing: SamplePage, recipe: dict[str, Any], kind: Kind = WEB, **params: Any) -> Tried:
    return tried(read(kind, recipe), params, listing)


def test_rows_columns_and_counts(listing: SamplePage) -> None:
    outcome = give(listing, RECIPE)
    assert (outcome.count, outcome.columns, outcome.next) == (6, ["title", "was"], f"{URL}?page=2")
    assert outcome.rows[0]["was"] == 6.0 and outcome.rows[2]["was"] is None
    assert outcome.found["fields-0-select"] == "in every row"
    assert outcome.found["fields-1-select"] == "in 4 of 6"
    assert (outcome.found["rows:"], outcome.found["on:"]) == ("6 rows", f"{URL}?page=2")


def test_a_selector_that_cannot_work_leaves_the_other_columns(listing: SamplePage) -> None:
    fields = RECIPE["fields"] | {"bad": "p[", "worse": "h3::text::text"}
    outcome = give(listing, RECIPE | {"fields": fields})
    assert set(outcome.problems) == {"fields-2-select", "fields-3-select"}
    assert (outcome.count, outcome.columns) == (6, ["title", "was"])
    assert outcome.found["fields-1-select"] == "in 4 of 6"


def test_rows_that_cannot_work_are_told_beside_them(listing: SamplePage) -> None:
    outcome = give(listing, RECIPE | {"rows": "article["})
    assert list(outcome.problems) == ["rows"] and outcome.count == 1


def test_a_line_that_is_half_written_is_told_and_left_out(listing: SamplePage) -> None:
    outcome = give(listing, RECIPE | {"fields": {"title": "h3", "price": ""}})
    assert outcome.problems == {"fields-1-select": "Say where it stands."}
    assert outcome.columns == ["title"]


def test_nothing_to_try_is_no_mistake(listing: SamplePage) -> None:
    outcome = give(listing, {})
    assert (outcome.problems, outcome.message, outcome.rows) == ({}, "", [])


def test_no_rows_are_told(listing: SamplePage) -> None:
    outcome = give(listing, RECIPE | {"rows": ".none"})
    assert outcome.count == 0 and "nothing matches" in outcome.notes[0]


def test_required_fields_drop_rows(listing: SamplePage) -> None:
    was = {"select": ".was", "required": True}
    outcome = give(listing, RECIPE | {"fields": {"title": "h3", "was": was}})
    assert outcome.count == 4 and "2 of 6 rows dropped" in outcome.notes[0]


def test_another_parameter_at_fault_is_named(listing: SamplePage) -> None:
    outcome = give(listing, RECIPE, fetch_since="soon")
    assert outcome.message.startswith("fetch_since: ")


def test_a_page_that_shows_that_nobody_is_signed_in(listing: SamplePage) -> None:
    outcome = give(listing, RECIPE | {"signed_out": "h1"})
    assert "nobody is signed in" in outcome.message


def test_the_first_row_s_own_page(squid: Squid, listing: SamplePage) -> None:
    recipe = RECIPE | {"detail": {"link": "h3 a", "fields": {"text": ".text", "gone": ".gone"}}}
    before = tried(read(WEB, recipe), {}, listing)
    assert before.details == 6 and before.detail is not None
    assert before.detail.url == "https://shop.example/lamp/1"
    request = Request(before.detail.url, label="detail", meta={"row": {"title": "old"}})
    page = "<p class='text'>All of it</p>"
    detail = factories.sample_page(
        squid, page, part=Part.DETAIL, url=before.detail.url, request=request
    )
    outcome = tried(read(WEB, recipe), {}, listing, detail)
    assert outcome.rows[0]["text"] == "All of it"
    assert outcome.rows[0]["title"].startswith("Lamp 1")
    assert outcome.found["detail-0-select"] == "found"
    assert outcome.found["detail-1-select"] == "not on this page"


def test_a_detail_page_without_fields_can_be_asked_for(listing: SamplePage) -> None:
    sheet = read(WEB, RECIPE | {"detail": {"link": "h3 a"}})
    outcome = tried(sheet, {}, listing)
    assert outcome.detail is not None and outcome.columns == ["title", "was"]


def test_json(squid: Squid) -> None:
    body = '{"items": [{"id": 1, "n": "a"}, {"id": 2}], "next": "/b"}'
    listing = factories.sample_page(
        squid, body, kind="application/json", request=Request(URL, meta={"page": 1, "at": 0})
    )
    recipe = {"rows": "items", "fields": {"id": "id", "n": "n", "bad": "[?"}}
    outcome = give(listing, recipe | {"paging": {"by": "next", "next": "next"}}, JSON)
    assert (outcome.count, outcome.columns) == (2, ["id", "n"])
    assert list(outcome.problems) == ["fields-2-select"]
    assert outcome.next == "http://shop.example/b"


def test_json_without_fields_gives_whole_entries(squid: Squid) -> None:
    body = '{"items": [{"id": 1}, {"id": 2}]}'
    listing = factories.sample_page(
        squid, body, kind="application/json", request=Request(URL, meta={"page": 1, "at": 0})
    )
    assert give(listing, {"rows": "items"}, JSON).rows == [{"id": 1}, {"id": 2}]


def test_a_first_row_s_page_that_cannot_be_read_leaves_the_rows(
    squid: Squid, listing: SamplePage
) -> None:
    recipe = RECIPE | {"detail": {"link": "h3 a", "fields": {"text": ".text"}}}
    request = Request("https://shop.example/lamp/1", label="detail", meta={"row": {}})
    detail = factories.sample_page(squid, "%PDF-1.7", part=Part.DETAIL, request=request)
    outcome = tried(read(WEB, recipe), {}, listing, detail)
    assert outcome.count == 6 and "a PDF document" in outcome.notes[-1]
