"""A recipe that says how a page looks once the session has ended, or the account is blocked."""

from __future__ import annotations

from typing import Any

import pytest

from squids.crawlers.interface import (
    BadPage,
    CookiesExpired,
    ParamError,
    Request,
    Response,
    WrongCredentials,
)
from tests.squids.crawlers.crawling import SCRAPER, URL, page, parse

FORM = "<form class=sign-in></form><p>nothing</p>"
INSIDE = "<h1>Hello</h1><p>something</p>"
BLOCKED = "<p class=blocked>no</p>" + FORM
RECIPE: dict[str, Any] = {
    "fields": {"title": "h1"},
    "signed_out": "form.sign-in",
    "blocked": ".blocked",
}


def answered(status: int, html: str) -> Response:
    given = page(html)
    return Response(given.url, status, given.headers, given.body, given.encoding)


@pytest.mark.parametrize(
    "selector",
    [
        "form.sign-in",
        "form::attr(class)",
        "//form",
        "(count(//form))",
        "(not(//h1))",
        "(string(//form/@class))",
    ],
)
def test_what_shows_that_nobody_is_signed_in(selector: str) -> None:
    recipe = RECIPE | {"signed_out": selector, "blocked": None}
    with pytest.raises(CookiesExpired, match="nobody is signed in") as raised:
        parse(recipe, page(FORM))
    assert raised.value.url == URL
    assert parse(recipe, page(INSIDE)).rows == [{"title": "Hello"}]


def test_a_blocked_account_comes_before_a_form() -> None:
    with pytest.raises(WrongCredentials, match="blocked"):
        parse(RECIPE, page(BLOCKED))


def test_detail_pages_are_looked_at_too() -> None:
    recipe = RECIPE | {
        "rows": "li",
        "fields": {"name": "a"},
        "detail": {"link": "a", "fields": {"h": "//h1"}},
    }
    outcome = parse(recipe, page("<ul><li><a href=/1>One</a></ul>"))
    (request,) = outcome.follow
    assert request.accept == (401, 403)
    with pytest.raises(CookiesExpired):
        parse(recipe, page(FORM), request)


@pytest.mark.parametrize(
    ("status", "html", "error"),
    [
        (401, INSIDE, CookiesExpired),
        (401, "", CookiesExpired),
        (403, FORM, CookiesExpired),
        (403, BLOCKED, WrongCredentials),
        (403, INSIDE, BadPage),
    ],
)
def test_answers_that_refuse(status: int, html: str, error: type[Exception]) -> None:
    settings = SCRAPER.prepare({"recipe": RECIPE})
    (request,) = SCRAPER.start({"url": URL}, settings)
    assert status in request.accept
    with pytest.raises(error):
        SCRAPER.parse(answered(status, html), request, settings)


def test_every_request_of_a_chain_wants_to_see_them() -> None:
    recipe = RECIPE | {"next": "a"}
    request = Request(URL, label="list", accept=(401, 403))
    (onward,) = parse(recipe, page("<a href=2>2</a>"), request).follow
    assert onward.accept == (401, 403)


def test_an_account_is_needed_only_where_the_recipe_says_so() -> None:
    assert SCRAPER.account_type is not None
    assert SCRAPER.needs_account({"recipe": RECIPE})
    assert SCRAPER.needs_account({"recipe": {"fields": {"a": "b"}, "blocked": "p"}})
    assert not SCRAPER.needs_account({"recipe": {"fields": {"a": "b"}}})
    assert not SCRAPER.needs_account({})
    settings = SCRAPER.prepare({"recipe": {"fields": {"a": "b"}}})
    assert SCRAPER.start({"url": URL}, settings)[0].accept == ()


@pytest.mark.parametrize("key", ["signed_out", "blocked"])
@pytest.mark.parametrize("selector", ["div[", "//p[contains(.)]", "//a) or (//b", "", 5, "::text"])
def test_a_selector_that_cannot_work_is_named(key: str, selector: Any) -> None:
    with pytest.raises(ParamError) as raised:
        SCRAPER.check_settings({"recipe": RECIPE | {key: selector}})
    assert raised.value.param == f"recipe.{key}"
