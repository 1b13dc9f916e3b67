"""Signs that the paging has run past its end, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers.interface import Outcome, Request, Response
from squids.crawlers.web_scraper import WebScraper

URL = "https://shop.example/?page="
ROW = "<article><h2>One</h2></article>"
RECIPE = {"rows": "article", "fields": {"title": "h2"}, "next": "a.next::attr(href)"}


def read(body: str, *, page: int, recipe: Any = RECIPE, final: str = "") -> Outcome:
    scraper = WebScraper()
    settings = scraper.prepare(scraper.check_settings({"recipe": recipe}))
    request = Request(f"{URL}{page}", label="list", meta={"page": page})
    headers = {"content-type": "text/html"}
    html = f"<html><body>{body}</body></html>".encode()
    return scraper.parse(Response(final or request.url, 200, headers, html), request, settings)


def onward(href: str) -> str:
    return f"<a class=next href='{href}'>next</a>"


def test_a_next_page_without_rows() -> None:
    outcome = read(onward("?page=10"), page=9)
    assert (outcome.last_page, outcome.follow, outcome.notes) == (True, [], [])


@pytest.mark.parametrize("href", ["?page=9", "?page=9#top", "#"])
def test_a_page_whose_next_link_leads_to_itself(href: str) -> None:
    outcome = read(ROW + onward(href), page=9)
    assert (outcome.last_page, outcome.follow, len(outcome.rows)) == (True, [], 1)


def test_a_page_that_was_redirected_to_the_one_before() -> None:
    outcome = read(ROW + onward("?page=9"), page=9, final=f"{URL}8")
    assert (outcome.last_page, outcome.follow) == (True, [])


def test_no_next_link_is_an_ordinary_end() -> None:
    assert not read(ROW, page=9).last_page


def test_a_first_page_without_rows_is_a_fault_of_the_recipe() -> None:
    outcome = read(onward("?page=2"), page=1)
    assert (outcome.last_page, len(outcome.follow)) == (False, 1)
    assert outcome.notes == [("warning", "No rows: nothing matches “article”")]


def test_rows_that_lack_what_is_required_are_rows() -> None:
    fields = {"title": {"select": "h3", "required": True}}
    outcome = read(ROW + onward("?page=10"), page=9, recipe=RECIPE | {"fields": fields})
    assert (outcome.last_page, outcome.rows, len(outcome.follow)) == (False, [], 1)
