"""From page to page: next links, detail pages, limits; and pages that are none."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from squids.crawlers.interface import BadPage, Request
from tests.squids.crawlers.crawling import URL, crawl, page, parse

FIELDS = {"name": "a"}
LISTING = {"rows": "li", "fields": FIELDS, "next": "a.next"}
DETAILED = {**LISTING, "detail": {"link": "a", "fields": {"size": "b", "tags": "//i"}}}


def chain(url: str) -> str:
    """Endless: page N has items 2N and 2N+1 and a link to page N+1."""
    number = int(url.rpartition("=")[2]) if "=" in url else 0
    items = "".join(f"<li><a href=/item/{2 * number + k}>{2 * number + k}</a>" for k in (0, 1))
    return f"<ul>{items}</ul><a class=next href='?page={number + 1}'>more</a>"


def test_the_next_link_is_followed_until_max_pages() -> None:
    found, made = crawl({"recipe": LISTING, "max_pages": 3}, URL, chain)
    assert [row["name"] for row in found] == ["0", "1", "2", "3", "4", "5"]
    assert [request.url for request in made] == [URL, URL + "?page=1", URL + "?page=2"]
    assert [request.label for request in made] == ["list"] * 3
    assert [request.meta.get("page") for request in made] == [None, 2, 3]


def test_one_page_is_the_least() -> None:
    _, made = crawl({"recipe": LISTING, "max_pages": 1}, URL, chain)
    assert len(made) == 1


def test_a_chain_that_comes_back_to_its_start_ends() -> None:
    def ring(url: str) -> str:
        return f"<li><a href=x>1</a></li><a class=next href='{URL}#top'>again</a>"

    found, made = crawl({"recipe": LISTING}, URL, ring)
    assert (len(found), len(made)) == (1, 1)


def test_each_row_fetches_its_detail_page_and_carries_itself_along() -> None:
    def site(url: str) -> str:
        if "/item/" in url:
            return f"<b>{url.rpartition('/')[2]} cm</b>"
        return chain(url)

    found, made = crawl({"recipe": DETAILED, "max_pages": 2}, URL, site)
    assert found == [{"name": str(n), "size": f"{n} cm", "tags": None} for n in range(4)]
    details = [request for request in made if request.label == "detail"]
    assert [request.meta["row"] for request in details] == [{"name": str(n)} for n in range(4)]


def test_max_pages_does_not_count_detail_pages() -> None:
    _, made = crawl({"recipe": DETAILED, "max_pages": 1}, URL, lambda url: chain(url))
    assert [request.label for request in made] == ["list", "detail", "detail"]


def test_two_rows_may_share_a_detail_page() -> None:
    html = "<li><a href=/x#red>red</a><li><a href=/x#blue>blue</a><li><a href=/x>red</a>"
    follow = parse(DETAILED, page(html)).follow
    assert {request.url for request in follow} == {"https://shop.example/x"}
    assert len({request.fingerprint for request in follow}) == 3
    again = parse(DETAILED, page(html)).follow
    assert [request.fingerprint for request in again] == [r.fingerprint for r in follow]


def test_a_row_without_a_link_is_kept_as_it_is() -> None:
    outcome = parse(DETAILED, page("<li><a>bare</a><li><a href='mailto:x@y.example'>mail</a>"))
    assert outcome.follow == []
    assert outcome.rows == [
        {"name": "bare", "size": None, "tags": None},
        {"name": "mail", "size": None, "tags": None},
    ]


def test_what_a_detail_page_must_have_drops_the_row() -> None:
    detail = {"link": "a", "fields": {"size": {"select": "b", "required": True}}}
    recipe = {**LISTING, "detail": detail}
    outcome = parse(recipe, page("<li><a>bare</a><li><a href=/x>x</a>"))
    assert outcome.rows == []
    assert outcome.notes == [("warning", "1 of 2 rows dropped: no “size”, which is required")]
    empty = parse(recipe, page("<p>nothing"), outcome.follow[0])
    assert empty.rows == []
    assert empty.notes == [("warning", "A row dropped: its page has no “size”, which is required")]


def test_without_a_recipe_a_page_is_a_row() -> None:
    html = """<!doctype html><html lang="en-GB"><head><title> The \n title </title>
    <meta name="Description" content="About  it"><link rel="canonical" href="/canon">
    <style>p { color: red }</style></head>
    <body><svg><title>icon</title></svg><h1>Head<b>ing</b></h1><p>five words stand right<br>here
    <script>var not = "words"</script></body></html>"""
    assert parse(None, page(html)).rows == [
        {
            "url": URL,
            "status": 200,
            "title": "The title",
            "h1": "Heading",
            "description": "About it",
            "canonical": "https://shop.example/canon",
            "language": "en-GB",
            "words": 7,
        }
    ]


def test_a_bare_page_says_null_of_what_it_does_not_say() -> None:
    (row,) = parse(None, page("hello")).rows
    assert row["words"] == 1
    assert {row[name] for name in ("title", "h1", "description", "canonical", "language")} == {None}


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "text/html", "The page is empty."),
        (b" \r\n\t", "text/html", "The page is empty."),
        (b"\0\0\0", "text/html", "The page is empty."),
        (PNG, "image/png", "The page is an image (image/png), not HTML."),
        (PNG, "text/html", "The page is an image (text/html), not HTML."),
        (PNG, "", "The page is an image (text/html; charset=utf-8), not HTML."),
        (b"<svg/>", "image/svg+xml", "is an image"),
        (b"%PDF-1.7 \xe2\xe3", "application/pdf", "is a PDF document"),
        (b"%PDF-1.7 \xe2\xe3", "application/octet-stream", "is a PDF document"),
        (b'{"a": 1}', "application/json; charset=utf-8", "The page is JSON (application/json)"),
        (b'{"a": 1}', "application/ld+json", "is JSON"),
        (b"\x1f\x8b\x08\x00garbage", "text/html", "is an archive"),
        (bytes(range(256)) * 20, "text/html", "is binary data"),
        (b"\x01\x02\x03\x04", "text/html", "is binary data"),
    ],
)
@pytest.mark.parametrize("recipe", [None, {"fields": {"a": "h1"}}, {"fields": {"a": "//h1"}}])
def test_what_is_no_html_says_what_it_is(body: bytes, kind: str, says: str, recipe: Any) -> None:
    with pytest.raises(BadPage) as error:
        parse(recipe, page(body, kind=kind))
    assert says.replace("; charset=utf-8", "") in error.value.message
    assert error.value.url == URL


@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml", "text/plain", "text/xml"])
@pytest.mark.parametrize("selector", ["h1", "//h1"])
def test_markup_under_other_names_is_read(kind: str, selector: str) -> None:
    outcome = parse({"fields": {"a": selector}}, page("<h1>x</h1>", kind=kind))
    assert outcome.rows == [{"a": "x"}]


TEXTS = [
    ("utf-8", "Grüße, こんにちは"),
    ("utf-8-sig", "Grüße"),
    ("cp1252", "“Grüße” für 5 €"),
    ("utf-16", "Grüße, こんにちは"),
    ("utf-16-le", "Grüße"),
    ("euc_jp", "こんにちは"),
    ("cp932", "こんにちは"),
    ("gb18030", "你好"),
    ("koi8_r", "Привет"),
    ("cp1256", "مرحبا"),
    ("iso8859_15", "5 €"),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
@pytest.mark.parametrize("selector", ["h1", "//h1"])
def test_the_response_says_the_charset_whatever_the_markup_says(
    encoding: str, text: str, selector: str
) -> None:
    html = f"<meta charset=us-ascii><h1>{text}</h1>"
    recipe = {"fields": {"a": selector}}
    assert parse(recipe, page(html, encoding=encoding)).rows == [{"a": text}]


@pytest.mark.parametrize("selector", ["h1", "//h1"])
def test_broken_bytes_are_replaced(selector: str) -> None:
    body = b"<h1>a\xff\xfeb</h1>" + b"<p>words</p>" * 9
    assert parse({"fields": {"a": selector}}, page(body)).rows == [{"a": "a��b"}]


@pytest.mark.parametrize("row", ["li", "//li"])
def test_a_huge_page(row: str) -> None:
    html = "<ul>" + "<li><b>7</b> and more words</li>" * 60_000 + "<p>" + "x" * 12_000_000
    fields = {"n": "./b" if row == "//li" else "b"}
    outcome = parse({"rows": row, "fields": fields}, page(html))
    assert len(outcome.rows) == 60_000
    assert outcome.rows[-1] == {"n": "7"}


DEEP = "<h1>top</h1>" + "<div>" * 200_000


def test_a_page_nested_without_end_is_refused_before_it_holds_a_worker() -> None:
    for recipe in (None, {"fields": {"a": "h1"}}):
        with pytest.raises(BadPage, match="nested more than 5,000 deep"):
            parse(recipe, page(DEEP))
    assert parse({"fields": {"a": "//h1"}}, page(DEEP)).rows == [{"a": "top"}]


def test_a_long_page_is_not_a_deep_one() -> None:
    html = "<ul>" + "<li>a<br><p>b<img><div><path d=''/></div>" * 20_000
    assert len(parse({"rows": "li", "fields": {"a": "p"}}, page(html)).rows) == 20_000


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("selector", ["p", "//p"])
def test_nothing_that_a_page_names_is_loaded(
    listener: tuple[str, list[str]], tmp_path: Any, selector: str
) -> None:
    base, asked = listener
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    html = f"""<?xml version="1.0"?>
    <!DOCTYPE html SYSTEM "{base}/a.dtd" [<!ENTITY f SYSTEM "file://{secret}">
    <!ENTITY h SYSTEM "{base}/entity">]>
    <html xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{base}/include"/>
    <script src="{base}/script"></script><img src="{base}/img"><p>&f;&h; text</p></html>"""
    (row,) = parse({"fields": {"a": selector}}, page(html)).rows
    assert "secret" not in str(row)
    assert "text" in row["a"]
    assert asked == []


def test_an_xpath_that_fails_on_a_page_names_itself() -> None:
    recipe = {"fields": {"a": "//h2[sum('x')]"}}
    with pytest.raises(BadPage, match=r"//h2\[sum\('x'\)\]"):
        parse(recipe, page("<h2>x</h2>"))


def test_a_page_is_read_the_same_after_a_trip_through_json() -> None:
    first = parse(DETAILED, page("<li><a href=/x>x</a>")).follow[0]
    back = Request.from_dict(first.to_dict())
    assert parse(DETAILED, page("<b>9</b>"), back).rows == [
        {"name": "x", "size": "9", "tags": None}
    ]
