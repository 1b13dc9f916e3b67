"""The link checker: which links a page has, what is said of each, which pages are read on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers.interface import FAILURE, BadPage, Outcome, Request, Response, Row
from squids.crawlers.link_checker.crawler import LinkChecker
from squids.crawlers.link_checker.links import links_of, normal, site_of

URL = "https://shop.example/list/"
CRAWLER = LinkChecker()
META = {
    "kind": "internal",
    "tag": "a",
    "text": "Lamps",
    "source": URL,
    "site": "shop.example",
    "depth": 0,
}


def check(url: str = "https://shop.example/a", label: str = "check", **meta: Any) -> Request:
    return Request(url, "HEAD", label=label, meta=META | meta)


def parse(response: Response, request: Request | None = None, **params: Any) -> Outcome:
    ready = CRAWLER.prepare(CRAWLER.check_settings(params))
    return CRAWLER.parse(response, request or Request(URL, label="page"), ready)


def page(html: str, url: str = URL) -> Response:
    return Response(url, 200, {"content-type": "text/html"}, html.encode())


def answer(status: int = 200, url: str = "https://shop.example/a", **more: Any) -> Response:
    return Response(url, status, more.pop("headers", {}), more.pop("body", b""), **more)


def row(response: Response, request: Request | None = None) -> Row:
    [found] = parse(response, request or check(label="again")).rows
    return found


# --- links of a page ------------------------------------------------------------------------------


def test_what_is_a_link_and_what_is_for_others() -> None:
    html = (
        "<base href='/sub/'><a href='x#part'> Big <b>lamps</b></a><a href='x'>again</a>"
        "<a href='#t'><a href='mailto:a@b.example'><a href='tel:1'><a href='javascript:x'>"
        "<a href='data:x'><a><img src='/i.png' alt='A lamp'>"
        "<script src='//CDN.example:443/s.js'>x</script>"
        "<link rel='stylesheet' href='s.css'><link rel='preconnect' href='https://f.example'>"
        "<a href='http://['>odd</a><iframe src='/f'></iframe><a href=''>"
        "<a href=' HTTP://B.example '>"
    )
    found = [(link.url or link.written, link.tag, link.text) for link in links_of(page(html))]
    assert found == [
        ("https://shop.example/sub/x", "a", "Big lamps"),
        ("https://shop.example/i.png", "img", "A lamp"),
        ("https://cdn.example/s.js", "script", None),
        ("https://shop.example/sub/s.css", "link", None),
        ("http://[", "a", "odd"),
        ("https://shop.example/f", "iframe", None),
        ("http://b.example/", "a", None),
    ]


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("HTTPS://Shop.Example:443", "https://shop.example/"),
        ("http://shop.example:443/A?b#c", "http://shop.example:443/A?b"),
        ("http://me:pw@[::1]:80/", "http://me:pw@[::1]/"),
    ],
)
def test_one_form_of_an_address(url: str, form: str) -> None:
    assert normal(url) == form == normal(form)


def test_www_belongs_to_the_site_and_other_hosts_do_not() -> None:
    assert site_of("https://www.shop.example/") == site_of("http://shop.example/x")
    assert site_of("https://shop.example:8443/") != site_of("https://shop.example/")
    assert site_of("https://blog.shop.example/") != site_of("https://shop.example/")


def test_a_page_asks_for_its_links_by_head() -> None:
    outcome = parse(page("<a href=/a>A</a><a href=//other.example/>O</a><a href='http://['>"))
    inside, outside = outcome.follow
    assert (inside.url, inside.method, inside.patience) == ("https://shop.example/a", "HEAD", 0)
    assert (outside.url, outside.method, outside.patience) == ("https://other.example/", "HEAD", 60)
    assert inside.meta == META | {"text": "A"} and outside.meta["kind"] == "external"
    assert FAILURE in inside.accept and 404 in inside.accept and 301 not in inside.accept
    [bad] = outcome.rows
    assert (bad["url"], bad["result"], bad["error"]) == ("http://[", "broken", "bad_url")


def test_without_external_ones() -> None:
    outcome = parse(page("<a href=/a>A</a><a href=//other.example/>O</a>"), external=False)
    assert [request.url for request in outcome.follow] == ["https://shop.example/a"]


# --- what became of a link ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "result", "status", "error"),
    [
        (answer(200), "ok", 200, None),
        (answer(204), "ok", 204, None),
        (answer(404), "broken", 404, None),
        (answer(410), "broken", 410, None),
        (answer(403), "unknown", 403, None),
        (answer(999), "unknown", 999, None),
        (answer(503, failure="http_status", body=b"HTTP status 503"), "broken", 503, None),
        (answer(429, failure="http_status"), "unknown", 429, None),
        (answer(0, failure="dns_failed", body=b"no"), "broken", None, "dns_failed"),
        (answer(0, failure="redirect_loop"), "broken", None, "redirect_loop"),
        (answer(0, failure="tls_failed"), "broken", None, "tls_failed"),
        (answer(0, failure="robots_denied"), "unknown", None, "robots_denied"),
        (answer(0, failure="asked_to_wait"), "unknown", None, "asked_to_wait"),
        (answer(0, failure="too_large"), "ok", None, "too_large"),
    ],
)
def test_results(response: Response, result: str, status: int | None, error: str | None) -> None:
    found = row(response)
    assert (found["result"], found["status"], found["error"]) == (result, status, error)
    assert set(found) == {column.name for column in CRAWLER.columns}
    assert bool(parse(response, check(label="again")).notes) == (result == "broken")


def test_redirects_are_told() -> None:
    history = ((301, "https://shop.example/a"), (302, "https://shop.example/b"))
    found = row(answer(200, "https://shop.example/c", history=history))
    assert found["final_url"] == "https://shop.example/c"
    assert found["redirects"] == [{"status": s, "url": url} for s, url in history]
    assert row(answer(0, failure="dns_failed", history=history))["final_url"] is None


@pytest.mark.parametrize(
    ("response", "again"),
    [
        (answer(405), True),
        (answer(404), True),
        (answer(501), True),
        (answer(500, failure="http_status"), True),
        (answer(0, failure="connection_lost"), True),
        (answer(410), False),
        (answer(429, failure="http_status"), False),
        (answer(0, failure="timeout"), False),
        (answer(0, failure="dns_failed"), False),
    ],
)
def test_where_head_is_refused_get_decides(response: Response, again: bool) -> None:
    outcome = parse(response, check())
    assert [(r.url, r.method, r.label) for r in outcome.follow] == (
        [("https://shop.example/a", "GET", "again")] if again else []
    )
    assert len(outcome.rows) == (not again)


# --- reading on -----------------------------------------------------------------------------------


def test_pages_of_the_site_are_read_on() -> None:
    html = {"content-type": "text/html; charset=utf-8"}
    [onward] = parse(answer(headers=html), check(), max_pages=7).follow
    assert (onward.url, onward.label, onward.most) == ("https://shop.example/a", "page", 7)
    assert onward.meta == {"site": "shop.example", "depth": 1}
    moved = answer(200, "https://www.shop.example/b#x", headers=html)
    assert [r.url for r in parse(moved, check()).follow] == ["https://www.shop.example/b"]


@pytest.mark.parametrize(
    ("response", "request_", "depth"),
    [
        (answer(), check(), 0),
        (answer(), check(depth=3), 3),
        (answer(headers={"content-type": "application/pdf"}), check(), 9),
        (answer(), check(tag="img"), 9),
        (answer(), check(kind="external"), 9),
        (answer(404), check(label="again"), 9),
        (answer(url="https://other.example/"), check(), 9),
    ],
    ids=["first", "depth", "pdf", "image", "external", "missing", "moved-away"],
)
def test_pages_that_are_not_read_on(response: Response, request_: Request, depth: int) -> None:
    outcome = parse(response, request_, depth=depth)
    assert outcome.follow == [] and len(outcome.rows) == 1


def test_a_first_page_that_is_none_fails_and_a_later_one_is_noted() -> None:
    picture = Response(URL, 200, {"content-type": "image/png"}, b"\x89PNG")
    later = Request(URL, label="page", meta={"site": "shop.example", "depth": 1})
    with pytest.raises(BadPage, match="an image"):
        parse(picture)
    assert "an image" in parse(picture, later).notes[0][1]
    assert "gone" in parse(answer(404, failure="http_status", body=b"gone"), later).notes[0][1]
    assert parse(page("<a href=/x>", "https://other.example/"), later) == Outcome()


def test_the_first_page_says_what_the_site_is() -> None:
    outcome = parse(page("<a href=/x>", "https://www.elsewhere.example/"))
    assert outcome.follow[0].meta["site"] == "elsewhere.example"


# --- hostile --------------------------------------------------------------------------------------


def test_a_page_of_nothing_but_links() -> None:
    html = "".join(f"<a href=/{n}>{'x' * 50}</a>" for n in range(50_000))
    outcome = parse(page(html))
    assert len(outcome.follow) == 10_000 and "first 10,000" in outcome.notes[0][1]


def test_links_inside_links_are_not_read_again_for_each() -> None:
    html = "<a href=/x><object>" * 2_000 + "<p>word</p>" * 20_000
    assert [link.url for link in links_of(page(html))] == ["https://shop.example/x"]
    [link] = links_of(page(f"<a href=/x>{'<b>word </b>' * 9_000}</a>"))
    assert link.text is not None and 100 < len(link.text) <= 300


def test_nested_too_deep() -> None:
    with pytest.raises(BadPage, match="deep"):
        parse(page("<div>" * 50_000))


TOKENS = (
    "<a href= </a> <base href= 'http://[' '//x' /y '\0' > <img src= <link http://a:99999/ # ?"
    " \udcff https://user@ <iframe src= mailto: <script> http:x 'http://é.example/ü' \u202e"
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(TOKENS.split(" ")), max_size=30).map(
        lambda parts: "".join(parts).encode("utf-8", "replace")
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    BODIES,
    st.sampled_from([Request(URL, label="page"), check(), check(label="again")]),
    st.sampled_from([200, 301, 404, 503, 0]),
    st.sampled_from(["", "timeout", "http_status"]),
)
def test_any_answer_gives_an_outcome_or_a_named_error(
    body: bytes, request: Request, status: int, failure: str
) -> None:
    try:
        outcome = parse(Response(URL, status, {}, body, failure=failure), request)
    except BadPage:
        return
    assert all(set(found) == {column.name for column in CRAWLER.columns} for found in outcome.rows)
    for onward in outcome.follow:
        assert Request.from_dict(onward.to_dict()) == onward
        assert onward.url.startswith(("http://", "https://"))
