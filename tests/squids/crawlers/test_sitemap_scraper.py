"""The sitemap scraper: where sitemaps are looked for, every form of them, what is none."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers.interface import BadPage, Outcome, Request, Response, Usage
from squids.crawlers.sitemap import reading
from squids.crawlers.sitemap.crawler import DETAILS, SitemapScraper
from squids.crawlers.xml_bytes import MAX_UNPACKED

SITE = "https://shop.example"
URL = f"{SITE}/sitemap.xml"
CRAWLER = SitemapScraper()
NAMESPACES = (
    ' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)


def urlset(*entries: str) -> str:
    return f'<?xml version="1.0"?><urlset{NAMESPACES}>{"".join(entries)}</urlset>'


def parse(
    body: str | bytes,
    request: Request | None = None,
    *,
    functions: tuple[str, ...] = (),
    status: int = 200,
    encoding: str = "utf-8",
    **params: Any,
) -> Outcome:
    ready = CRAWLER.prepare(CRAWLER.check_settings(params), functions)
    data = body.encode(encoding) if isinstance(body, str) else body
    request = request or Request(URL, label="asked")
    return CRAWLER.parse(Response(request.url, status, {}, data, encoding), request, ready)


def urls(body: str | bytes) -> list[str]:
    return [row["url"] for row in parse(body).rows]


# --- where they are -------------------------------------------------------------------------------


def test_a_site_begins_with_its_robots_file_and_a_sitemap_with_itself() -> None:
    ready = CRAWLER.prepare(CRAWLER.check_settings({}))
    for given_url, first in (
        (SITE, f"{SITE}/robots.txt"),
        (f"{SITE}/#top", f"{SITE}/robots.txt"),
        (f"{SITE}/maps/a.xml", f"{SITE}/maps/a.xml"),
    ):
        assert [request.url for request in CRAWLER.start({"url": given_url}, ready)] == [first]


def test_robots_txt_names_the_sitemaps() -> None:
    text = (
        "User-agent: *\nDisallow: /x\nSitemap: https://cdn.example/a.xml # ours\n"
        "SITEMAP:/b.xml\nsitemap: https://cdn.example/a.xml\nSitemap: mailto:x@y.example\n"
    )
    outcome = parse(text, Request(f"{SITE}/robots.txt", label="robots"), max_sitemaps=7)
    assert [(r.url, r.most) for r in outcome.follow] == [
        ("https://cdn.example/a.xml", 7),
        (f"{SITE}/b.xml", 7),
    ]


@pytest.mark.parametrize("status", [200, 403, 404])
def test_without_one_the_usual_place_is_tried(status: int) -> None:
    request = Request(f"{SITE}/robots.txt", label="robots")
    [guess] = parse("User-agent: *", request, status=status).follow
    assert guess.url == URL
    with pytest.raises(BadPage, match=r"there is no /sitemap\.xml"):
        parse("gone", guess, status=404)
    with pytest.raises(BadPage, match=r"/sitemap\.xml is a web page"):
        parse("<!DOCTYPE html><p>Start</p>", guess)


def test_a_page_given_for_a_sitemap_leads_to_its_site() -> None:
    asked = Request(f"{SITE}/about/us", label="asked")
    [robots] = parse("<!-- x --><html><p>About</p></html>", asked).follow
    assert (robots.url, robots.label) == (f"{SITE}/robots.txt", "robots")
    with pytest.raises(BadPage, match="a web page, not a sitemap"):
        parse("<html>", Request(URL, label="sitemap", meta={"depth": 1}))


# --- what they say --------------------------------------------------------------------------------


def test_every_field() -> None:
    entry = (
        "<url><loc> https://shop.example/a?x=1&amp;y=2#part </loc><lastmod>2025-06-30</lastmod>"
        "<changefreq>Weekly</changefreq><priority>0.8</priority>"
        "<image:image><image:loc>/1.png</image:loc></image:image><image:image/>"
        "<news:news><news:title>N</news:title></news:news>"
        '<xhtml:link rel="alternate" hreflang="de" href="/de/a"/></url>'
    )
    [row] = parse(urlset(entry)).rows
    assert row == {
        "url": "https://shop.example/a?x=1&y=2",
        "lastmod": "2025-06-30",
        "changefreq": "weekly",
        "priority": 0.8,
        "images": 2,
        "news": 1,
        "alternates": {"de": "https://shop.example/de/a"},
        "sitemap": URL,
        "status": None,
        "title": None,
        "description": None,
    }
    assert set(row) == {column.name for column in CRAWLER.columns}


@pytest.mark.parametrize(
    ("lastmod", "expected"),
    [
        ("2025", "2025"),
        ("2025-06", "2025-06"),
        ("2025-06-30T09:00:00+02:00", "2025-06-30T09:00:00+02:00"),
        ("2025-06-30T09:00Z", "2025-06-30T09:00:00+00:00"),
        ("yesterday", None),
        ("2025-13-40", None),
    ],
)
def test_last_changes(lastmod: str, expected: str | None) -> None:
    entry = f"<url><loc>/a</loc><lastmod>{lastmod}</lastmod><priority>7</priority></url>"
    [row] = parse(urlset(entry)).rows
    assert (row["lastmod"], row["priority"]) == (expected, None)


def test_an_index_leads_to_its_sitemaps_no_further_than_so_deep() -> None:
    body = "<sitemapindex><sitemap><loc>/1.xml</loc></sitemap><sitemap><loc>/2.xml.gz</loc>"
    body += "</sitemap><sitemap><loc>/1.xml</loc></sitemap><sitemap/></sitemapindex>"
    outcome = parse(body)
    assert [request.url for request in outcome.follow] == [f"{SITE}/1.xml", f"{SITE}/2.xml.gz"]
    depths = []
    request = Request(URL, label="sitemap", meta={"depth": 1})
    while (outcome := parse(body, request)).follow:
        request = outcome.follow[0]
        depths.append(request.meta["depth"])
    assert depths == [2, 3, 4, 5] and "5 deep" in outcome.notes[0][1]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_archives_and_encodings(packed: bool, encoding: str) -> None:
    data = urlset("<url><loc>https://shop.example/é</loc></url>").encode(encoding)
    body = gzip.compress(data[:9]) + gzip.compress(data[9:]) if packed else data
    assert parse(body, encoding="utf-8" if packed else encoding).rows[0]["url"] == (
        "https://shop.example/%C3%A9"
    )


def test_a_list_of_addresses() -> None:
    body = "\ufeffhttps://shop.example/a\r\n\n# ours\nhttps://shop.example/b\nwhat\n"
    outcome = parse(body)
    assert [row["url"] for row in outcome.rows] == [f"{SITE}/a", f"{SITE}/b"]
    assert outcome.notes == [("warning", "1 line is no address")]


RSS = (
    "<rss version='2.0'><channel><image><url>/i.png</url></image><item><link>/a</link>"
    "<pubDate>Mon, 30 Jun 2025 09:00:00 GMT</pubDate></item></channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link rel='self' href='/x'/>"
    "<link href='/a'/><updated>2025-06-30T09:00:00+00:00</updated></entry></feed>"
)


@pytest.mark.parametrize("body", [RSS, ATOM], ids=["rss", "atom"])
def test_feeds_as_sitemaps(body: str) -> None:
    [row] = parse(body).rows
    assert (row["url"], row["lastmod"]) == (f"{SITE}/a", "2025-06-30T09:00:00+00:00")


def test_no_namespace_or_a_strange_one() -> None:
    entry = "<s:url><s:loc>/a</s:loc></s:url>"
    assert urls(f"<s:urlset xmlns:s='urn:x'>{entry}</s:urlset>") == [f"{SITE}/a"]
    assert urls("<urlset><url><loc>/a</loc></url></urlset>") == [f"{SITE}/a"]
    assert urls("<urlset/>") == []


# --- page details ---------------------------------------------------------------------------------


def test_page_details_make_a_request_of_each_row() -> None:
    body = urlset("<url><loc>/a</loc></url>", "<url><loc>/b</loc></url>")
    outcome = parse(body, functions=(DETAILS,), max_results=1)
    assert outcome.rows == [] and [r.most for r in outcome.follow] == [1, 1]
    page = "<title>Lamps </title><meta name=description content='All of them'>"
    done = parse(page, outcome.follow[0], functions=(DETAILS,))
    [row] = done.rows
    assert (row["status"], row["title"], row["description"]) == (200, "Lamps", "All of them")
    assert row["sitemap"] == URL and done.functions == {DETAILS: Usage(1, 1, (0,))}


@pytest.mark.parametrize(
    ("body", "status"), [("<title>Gone</title>", 404), ("%PDF-1.7", 200), ("", 200), ("<p>x", 200)]
)
def test_a_page_that_says_nothing_costs_nothing(body: str, status: int) -> None:
    request = Request(f"{SITE}/a", label="page", meta={"row": reading.row_of(f"{SITE}/a", URL)})
    outcome = parse(body, request, functions=(DETAILS,), status=status)
    assert outcome.functions == {DETAILS: Usage(1, 0, ())}
    assert outcome.rows[0]["status"] == status and outcome.rows[0]["title"] is None


def test_a_page_that_cannot_be_fetched_keeps_its_row() -> None:
    request = Request(f"{SITE}/a", label="page", meta={"row": reading.row_of(f"{SITE}/a", URL)})
    response = Response(request.url, 0, {}, b"no answer in time", failure="timeout")
    outcome = CRAWLER.parse(response, request, CRAWLER.prepare({}, (DETAILS,)))
    assert outcome.rows[0]["status"] is None and outcome.notes == [("warning", "no answer in time")]


# --- hostile --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"\0 \0", "empty"),
        (b"\x1f\x8b\x08nothing of it", "cannot be unpacked"),
        (b'{"a": 1}', "neither XML nor a list"),
        (b"<svg/>", "of the kind “svg”"),
        (b"<<<<", "no sitemap"),
        (b"<" * 2_100_000, "2,000,000 tags"),
        (bytes(range(256)) * 4000, "no sitemap"),
        (gzip.compress(b"<urlset>" + b" " * (MAX_UNPACKED + 1)), "more than 100 MB"),
    ],
    ids=["empty", "nul", "torn", "json", "svg", "lt", "tags", "garbage", "bomb"],
)
def test_what_is_no_sitemap_fails_its_task(body: bytes, says: str) -> None:
    with pytest.raises(BadPage, match=says):
        parse(body)


def test_entities_are_not_expanded_and_nothing_is_loaded() -> None:
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE urlset SYSTEM "file:///etc/passwd" [<!ENTITY e0 "ha">{laughs}]>'
    outside = '<!ENTITY % x SYSTEM "http://evil.example/x.dtd">'
    for head in (doctype, f"<!DOCTYPE urlset [{outside} %x;]>"):
        body = f"{head}<urlset><url><loc>/a&e11;&eacute;</loc></url></urlset>"
        assert urls(body) == [f"{SITE}/a&e11;%C3%A9"]


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    outcome = parse("<urlset><url><loc>/a?x=1&y=2</loc></url><url><loc>/b</loc></ur><url><lo")
    assert [row["url"] for row in outcome.rows][:2] == [f"{SITE}/a?x=1&y=2", f"{SITE}/b"]
    assert "broken" in outcome.notes[0][1]


@pytest.mark.parametrize("tag", ["url", "urlset", "sitemap", "x"])
def test_deep_nesting(tag: str) -> None:
    body = f"<urlset>{f'<{tag}>' * 100_000}"
    assert parse(body).rows == []


REQUESTS = [
    Request(f"{SITE}/robots.txt", label="robots"),
    Request(URL, label="guess"),
    Request(URL, label="asked"),
    Request(URL, label="sitemap", meta={"depth": 2}),
    Request(URL, label="page", meta={"row": reading.row_of(URL, URL)}),
]
PIECES = (
    "<url> </url> <loc> </loc> /a <urlset> <!DOCTYPE [ ]> &amp; &é; <sitemap> </sitemap> <![CDATA["
    " <!-- <? <rss> <item> <link> http:// <lastmod> 2025-06-30 <priority> 1e999 nan <xhtml:link '"
    " \0 \udcff ]]> &"
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(PIECES.split()), max_size=25).map(
        lambda parts: "".join(parts).encode("utf-8", "replace")
    ),
    st.binary(max_size=80).map(gzip.compress),
)


@settings(max_examples=300, deadline=None)
@given(BODIES, st.sampled_from(REQUESTS), st.sampled_from(["utf-8", "utf-16", "idna", "no-such"]))
def test_any_bytes_give_an_outcome_or_a_named_error(
    body: bytes, request: Request, encoding: str
) -> None:
    ready = CRAWLER.prepare(CRAWLER.check_settings({}), (DETAILS,))
    try:
        outcome = CRAWLER.parse(Response(URL, 200, {}, body, encoding), request, ready)
    except BadPage:
        return
    assert all(set(row) == {column.name for column in CRAWLER.columns} for row in outcome.rows)
