"""``fetch_since``: what may be written, what it means at launch, and which rows it leaves out."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squids.crawlers import since
from squids.crawlers.interface import Outcome, ParamError, Request, Response
from squids.crawlers.values import iso_date
from squids.crawlers.web_scraper import WebScraper

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)
SCRAPER = WebScraper()
FIELDS = {"title": "h2", "posted": {"select": "time", "type": "date"}}
RECIPE = {"rows": "article", "fields": FIELDS, "next": "a.next", "date": "posted"}


def launch(given: str, zone: str | None = None) -> str:
    """The moment that a launch at NOW keeps."""
    params = {since.SINCE: given} | ({since.ZONE: zone} if zone else {})
    checked = SCRAPER.check_settings({"recipe": RECIPE} | params)
    assert checked[since.SINCE] == given  # the form shows what was written
    return str(SCRAPER.at_launch(checked, NOW)[since.SINCE])


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("24h", "2025-06-30T12:00:00+00:00"),
        ("7d", "2025-06-24T12:00:00+00:00"),
        ("2 W", "2025-06-17T12:00:00+00:00"),
        ("2025-06-30", "2025-06-30T00:00:00+00:00"),
        ("2025-06-30 09:30", "2025-06-30T09:30:00+00:00"),
        ("999999999w", "2015-07-07T12:00:00+00:00"),
        ("87601h", "2015-07-04T12:00:00+00:00"),
        ("1900-01-01", "1900-01-01T00:00:00+00:00"),
    ],
)
def test_it_is_made_a_moment_at_launch(given: str, moment: str) -> None:
    assert launch(given) == moment


@pytest.mark.parametrize(
    ("given", "zone", "moment"),
    [
        ("2025-06-30", "Europe/Paris", "2025-06-29T22:00:00+00:00"),
        ("2025-01-30 09:30", "America/New_York", "2025-01-30T14:30:00+00:00"),
        ("2025-03-30 02:30", "Europe/Paris", "2025-03-30T01:30:00+00:00"),  # there was no 02:30
    ],
)
def test_a_date_counts_in_its_zone(given: str, zone: str, moment: str) -> None:
    assert launch(given, zone) == moment


def refusal(**params: Any) -> ParamError:
    with pytest.raises(ParamError) as refused:
        SCRAPER.check_settings({"recipe": RECIPE} | params)
    return refused.value


@pytest.mark.parametrize(
    "given",
    ["yesterday", "7", "d", "-7d", "1.5d", "7m", "0d", "2025-02-30", "2025-6-3", "30.06.2025",
     "2025-06-30 25:00", "2025-06-30T09:00", "٧d", "7d 3h", "0000-01-01", "0001-01-01",
     "1899-12-31"],
)  # fmt: skip
def test_what_is_no_time(given: str) -> None:
    assert refusal(fetch_since=given).param == since.SINCE


@pytest.mark.parametrize(
    "zone", ["Paris", "Europe", "../etc/passwd", "/etc/localtime", "CET+1", "x" * 300]
)
def test_what_is_no_zone(zone: str) -> None:
    refused = refusal(fetch_since="2025-06-30", fetch_since_timezone=zone)
    assert refused.param == since.ZONE and len(refused.message) < 120


def test_a_zone_goes_with_a_date_only() -> None:
    refused = refusal(fetch_since="7d", fetch_since_timezone="Europe/Paris")
    assert refused.param == since.ZONE and "“7d” needs none" in refused.message


@pytest.mark.parametrize("recipe", [None, {"fields": FIELDS}])
def test_the_recipe_must_name_its_date(recipe: Any) -> None:
    assert refusal(recipe=recipe, fetch_since="7d").param == since.SINCE


@pytest.mark.parametrize("named", ["title", "missing", 7, ["posted"]])
def test_a_date_that_is_none(named: Any) -> None:
    assert refusal(recipe=RECIPE | {"date": named}).param == "recipe.date"


def test_a_list_of_dates_is_none() -> None:
    many = {"posted": {"select": "time", "type": "date", "many": True}}
    assert refusal(recipe=RECIPE | {"fields": many}).param == "recipe.date"


def test_a_moment_yet_to_come_is_refused_at_launch() -> None:
    with pytest.raises(ParamError) as refused:
        launch("2025-07-02")
    assert refused.value.param == since.SINCE


WRITTEN = st.text(max_size=20) | st.from_regex(r"[0-9]{1,4}-[01][0-9]-[0-3][0-9]", fullmatch=True)
ZONES = st.none() | st.sampled_from(["Asia/Tokyo", "America/New_York"]) | st.text(max_size=20)


@given(WRITTEN, ZONES)
def test_anything_is_a_moment_or_a_refusal(written: str, zone: str | None) -> None:
    params = {since.SINCE: written} | ({} if zone is None else {since.ZONE: zone})
    with suppress(ParamError):
        since.check(params)
        line = since.read(since.freeze(params, NOW))
        assert line and line.moment <= NOW


@given(st.datetimes(timezones=st.none() | st.just(UTC)) | st.dates())
def test_any_date_of_a_page_can_be_compared(value: Any) -> None:
    for zone in ("Asia/Tokyo", "America/New_York"):
        line = since.read(since.freeze({since.SINCE: "2025-06-30", since.ZONE: zone}, NOW))
        assert line and line.is_older(value.isoformat()) in (True, False)


@pytest.mark.parametrize(
    ("text", "older"),
    [
        ("2025-06-29", True),
        ("2025-06-30", False),  # some of the day is not
        ("2025-06-30T11:59:59Z", True),
        ("2025-06-30T12:00:00Z", False),
        ("2025-06-30 13:59", True),  # in Paris
        ("30 June 2025, 2:01 pm", False),
        ("2025-06-30T08:00:00-05:00", False),
    ],
)
def test_dates_before_the_line(text: str, older: bool) -> None:
    params = {since.SINCE: "2025-06-30 14:00", since.ZONE: "Europe/Paris"}
    line = since.read(since.freeze(params, NOW))
    assert line and line.is_older(iso_date(text)) is older


# --- on a page --------------------------------------------------------------------------------


def read(*dates: str, recipe: dict[str, Any] = RECIPE, next_link: bool = True) -> Outcome:
    rows = "".join(f"<article><h2>{n}</h2><a href='/{n}'></a><time>{text}</time></article>"
                   for n, text in enumerate(dates))  # fmt: skip
    onward = "<a class=next href='?page=2'>next</a>" if next_link else ""
    params = SCRAPER.check_settings({"recipe": recipe, since.SINCE: "7d"})
    settings = SCRAPER.prepare(SCRAPER.at_launch(params, NOW))
    url = "https://news.example/"
    body = f"<html><body>{rows}{onward}</body></html>".encode()
    response = Response(url, 200, {"content-type": "text/html"}, body)
    return SCRAPER.parse(response, Request(url, label="list"), settings)


def titles(outcome: Outcome) -> list[str]:
    return [row["title"] for row in outcome.rows]


def test_the_page_with_older_rows_is_the_last() -> None:
    outcome = read("2025-06-30", "2025-06-24", "2025-06-23", "2025-06-20")
    assert (titles(outcome), outcome.too_old, outcome.follow) == (["0", "1"], True, [])
    assert outcome.notes == [
        ("info", "2 of 4 rows left out: older than 2025-06-24 12:00 UTC"),
    ]


def test_an_old_item_pinned_to_the_top_ends_nothing() -> None:
    outcome = read("2020-01-01", "2025-06-30", "2025-06-29")
    assert (titles(outcome), outcome.too_old, len(outcome.follow)) == (["1", "2"], False, 1)


def test_rows_without_a_date_are_kept_and_decide_nothing() -> None:
    outcome = read("2025-06-30", "soon", "2020-01-01", "03/04/2020")
    assert (titles(outcome), outcome.too_old) == (["0", "1", "3"], True)


def test_older_rows_on_the_last_page_end_it_as_usual() -> None:
    outcome = read("2025-06-30", "2020-01-01", next_link=False)
    assert (titles(outcome), outcome.too_old) == (["0"], False)


def test_no_detail_page_of_an_older_row_is_asked_for() -> None:
    detail = {"link": "a", "fields": {"text": "p"}}
    outcome = read("2025-06-30", "2020-01-01", recipe=RECIPE | {"detail": detail})
    assert [request.url for request in outcome.follow] == ["https://news.example/0"]


def test_line_is_drawn_only_where_it_is_asked_for() -> None:
    settings = SCRAPER.prepare(SCRAPER.check_settings({"recipe": RECIPE}))
    assert settings.since is None
    assert since.Since(NOW - timedelta(days=1), UTC).is_older(None) is False
