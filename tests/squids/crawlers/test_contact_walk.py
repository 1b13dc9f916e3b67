"""The contact finder's walk: which page is next, and e-mails that wait for an answer."""

from __future__ import annotations

import pytest

from squids.crawlers.contacts.sites import site_of
from squids.crawlers.interface import FAILURE, BadPage, Outcome, Request, Response, Row
from tests.squids.crawlers.contacting import CRAWLER, URL, first, onward, page, read

# --- the walk -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://shop.lamps.co.uk/x", "lamps.co.uk"),
        ("https://ann.github.io/", "ann.github.io"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
        ("https://www.lamps.example/", "lamps.example"),
    ],
)
def test_the_site_is_the_name_that_somebody_registered(url: str, site: str) -> None:
    assert site_of(url) == site


LINKS = (
    "<a href='/p/1'>Lamp</a><a href='/datenschutz'>x</a><a href='/x'>Über uns</a><a href='/team'>T"
    "</a><a href='/impressum'>I</a><a href='https://help.lamps.de/kontakt'>K</a><a href='/'>H</a>"
    "<a href='https://other.de/contact'>O</a><a href='/kontakt.pdf'>K</a><a href='/login'>L</a>"
)


def test_the_likeliest_page_comes_first_and_is_the_only_one_asked_for() -> None:
    [request] = read(LINKS, max_pages=5).follow
    assert request.url == "https://help.lamps.de/kontakt"
    assert FAILURE in request.accept and request.meta["left"] == 3
    queued = [url for _, _, url in request.meta["queue"]]
    assert queued == [f"https://www.lamps.de/{name}" for name in ("impressum", "x", "team")]


def test_a_link_that_comes_up_later_can_go_first() -> None:
    [request] = read("<a href='/p/1'>Lamp</a><a href='/p/2'>Lamp</a>").follow
    outcome = onward(request, page("<a href='/contact'>Contact</a>", request.url))
    [request] = outcome.follow
    assert request.url == "https://www.lamps.de/contact"


def test_neither_more_pages_nor_deeper_ones_than_allowed() -> None:
    assert read(LINKS, max_pages=1).follow == []
    assert read(LINKS, depth=0).follow == []
    [request] = read("<a href=/a>", depth=1).follow
    assert onward(request, page("<a href=/b>", request.url), depth=1).follow == []


def test_a_contact_is_a_row_once_a_walk() -> None:
    [request] = read("<p>a@b.de<a href='/contact'>").follow
    html = "<p>a@b.de, c@d.de<a href='/contact'>"
    outcome = onward(request, page(html, request.url))
    assert [row["value"] for row in outcome.rows] == ["c@d.de"] and outcome.follow == []


def failed(request: Request, failure: str, status: int = 0) -> Response:
    return Response(request.url, status, {}, b"It was away", failure=failure)


def test_a_page_that_cannot_be_had_is_passed_over() -> None:
    [request] = read(LINKS).follow
    for response in (
        Response(request.url, 404, {}, b"", "utf-8"),
        failed(request, "robots_denied"),
        failed(request, "timeout"),
        page(b"%PDF-1.7", request.url, "application/pdf"),
        page("<p>a@b.de", "https://other.de/"),
    ):
        outcome = onward(request, response)
        assert outcome.rows == [] and len(outcome.follow) == 1


def test_after_two_in_a_row_that_the_site_did_not_give_the_run_is_to_know() -> None:
    [request] = read(LINKS).follow
    accepts = []
    for failure in ("timeout", "connect_failed"):
        [request] = onward(request, failed(request, failure)).follow
        accepts.append(FAILURE in request.accept)
    assert accepts == [True, False] and 404 in request.accept
    [request] = onward(request, page("<p>", request.url)).follow
    assert FAILURE in request.accept


def test_the_first_page_must_be_there() -> None:
    assert first().accept == ()
    with pytest.raises(BadPage):
        onward(first(), page(b"%PDF-1.7", URL))


# --- verified e-mails -----------------------------------------------------------------------------


def verify(
    *answers: tuple[int, str], email: str = "ann@bücher.de"
) -> tuple[Row, Outcome, list[str]]:
    outcome = read("<a href='mailto:ann@bücher.de'>Ann</a>", URL, "verified_emails")
    assert outcome.rows == []
    asked = []
    for status, body in answers:
        [request] = outcome.follow
        assert (request.kind, request.variant) == ("dns", "ann@bücher.de")
        assert request.accept == (404, 503)  # a name server of ours that is away is no answer
        asked.append(request.url)
        outcome = onward(request, Response(request.url, status, {}, body.encode()))
    [row] = outcome.rows
    return row, outcome, asked


@pytest.mark.parametrize(
    ("answers", "check", "server", "hits"),
    [
        ([(200, '["20 b.de.", "5 A.mx.de."]')], "accepts_mail", "a.mx.de", 1),
        ([(200, '["0 ."]')], "no_mail", None, 0),
        ([(404, "[]")], "no_such_domain", None, 0),
        ([(503, "[]")], "unknown", None, 0),
        ([(200, "[]"), (200, '["192.0.2.1"]')], "accepts_mail", "xn--bcher-kva.de", 1),
        ([(200, "[]"), (200, "[]"), (200, '["::1"]')], "accepts_mail", "xn--bcher-kva.de", 1),
        ([(200, "[]"), (200, "[]"), (200, "[]")], "no_mail", None, 0),
    ],
)
def test_verified(
    answers: list[tuple[int, str]], check: str, server: str | None, hits: int
) -> None:
    row, outcome, asked = verify(*answers)
    assert (row["email_check"], row["mail_server"]) == (check, server)
    usage = outcome.functions["verified_emails"]
    assert (usage.attempts, usage.hits) == (1, hits)
    kinds = ("MX", "A", "AAAA")[: len(answers)]
    assert asked == [f"dns:xn--bcher-kva.de?type={kind}" for kind in kinds]
    assert set(row) == {column.name for column in CRAWLER.columns}


def test_an_answer_that_is_none() -> None:
    with pytest.raises(BadPage):
        verify((200, "{"))
