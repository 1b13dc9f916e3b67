"""Articles: what a row says, options, the same page the same row, and pages made to hurt."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from squids.crawlers.article.crawler import ArticleScraper
from squids.crawlers.interface import BadPage, Outcome, ParamError, Request, Response, Row

URL = "https://news.example/2025/lighthouse"
SCRAPER = ArticleScraper()
NAMED = {"@type": "Person", "@id": "#p", "name": "Jon Berg"}
SENTENCE = (
    "After two years of work the lighthouse on the northern cliff is open to visitors again. "
)
PARAGRAPHS = "".join(f"<p>Part {number}. {SENTENCE * 3}</p>" for number in range(6))
ARTICLE = f"""<!doctype html><html lang="en-GB"><head><title>Lighthouse reopens | Herald</title>
<meta name="author" content="Ada Reyes"><meta property="og:title" content="Lighthouse reopens">
<meta property="og:site_name" content="Coast Herald"><meta property="og:image" content="/t.jpg">
<meta name="description" content="Visitors may climb it again.">
<meta property="article:published_time" content="2025-06-03T08:00:00+02:00">
<meta property="article:modified_time" content="2025-07-09T08:00:00+02:00">
<meta name="keywords" content="coast, history"></head><body>
<nav><ul>{'<li><a href="/x">Menu entry</a></li>' * 30}</ul></nav>
<article><h1>Lighthouse reopens</h1>{PARAGRAPHS}<h2>The view</h2>
<p>Read <a href="/more">more about it</a> or <b>come</b> and see. {SENTENCE}</p></article>
<section class="comments"><h3>Comments</h3><div class="comment"><p>
{"I was there and liked it. " * 5}</p></div></section>
<footer>All rights reserved by nobody in particular</footer></body></html>"""


def page(html: str | bytes, encoding: str = "utf-8", **headers: str) -> Response:
    body = html if isinstance(html, bytes) else html.encode(encoding)
    return Response(URL, 200, {"content-type": "text/html"} | headers, body, encoding)


def parse(response: Response | str, **params: Any) -> Outcome:
    given_page = page(response) if isinstance(response, str) else response
    ready = SCRAPER.prepare(SCRAPER.check_settings(params))
    return SCRAPER.parse(given_page, Request(URL), ready)


def row(response: Response | str, **params: Any) -> Row:
    [found] = parse(response, **params).rows
    return found


def test_a_row_is_the_article_and_nothing_around_it() -> None:
    found = row(ARTICLE)
    text = found.pop("text")
    assert found == {
        "title": "Lighthouse reopens",
        "author": "Ada Reyes",
        "date": "2025-06-03",
        "language": "en-GB",
        "sitename": "Coast Herald",
        "description": "Visitors may climb it again.",
        "image": "https://news.example/t.jpg",
        "tags": ["coast", "history"],
        "url": URL,
        "word_count": len(text.split()),
    }
    assert all(f"Part {number}." in text for number in range(6))
    assert not any(word in text for word in ("Menu entry", "I was there", "rights reserved"))
    assert list(found) == [column.name for column in SCRAPER.columns if column.name != "text"]


@pytest.mark.parametrize(
    ("given", "author"),
    [
        ({"@type": "Article", "author": {"@type": "Person", "name": "Jon Berg"}}, "Jon Berg"),
        ({"@type": "BlogPosting", "author": [{"name": "A"}, "B", {"name": "A"}]}, "A; B"),
        ([{"@type": "Recipe", "author": "C"}, {"@type": "Article", "author": "D"}], "D"),
        ({"@type": "Recipe", "author": "C", "review": {"author": "E"}}, "C"),
        ({"@graph": [{"@type": "Article", "author": {"@id": "#p"}}, NAMED]}, "Jon Berg"),
        ({"@type": "Article", "author": "https://news.example/jon"}, "Ada Reyes"),
        ({"@type": "Product", "author": "F"}, "Ada Reyes"),
        ({"@type": "Article", "author": 7}, "Ada Reyes"),
    ],
    ids=["one", "several", "article", "recipe", "reference", "address", "other", "number"],
)
def test_authors_are_those_that_the_page_tells_machines(given: Any, author: str) -> None:
    script = f'<script type="application/ld+json">{json.dumps(given)}</script></head>'
    assert row(ARTICLE.replace("</head>", script))["author"] == author


def test_markdown_keeps_headings_emphasis_and_links() -> None:
    text = row(ARTICLE, format="markdown")["text"]
    assert "## The view" in text
    assert "**come**" in text
    assert "[more about it](https://news.example/more)" in text or "](/more)" in text


def test_comments_have_a_column_where_they_are_asked_for() -> None:
    found = row(ARTICLE, comments=True)
    assert "I was there" in found["comments"]
    assert "I was there" not in found["text"]
    assert row(ARTICLE.replace("comment", "x"), comments=True)["comments"] is None
    assert [column.name for column in SCRAPER.result_columns({"comments": True})] == list(found)


def test_a_format_that_is_none_is_refused() -> None:
    with pytest.raises(ParamError, match="text, markdown"):
        SCRAPER.check_settings({"format": "pdf"})


@pytest.mark.parametrize(
    ("html", "header", "language"),
    [
        ('<html xml:lang="de_AT">', "", "de-AT"),
        ("<html lang=''><meta property='og:locale' content='fr_FR'>", "", "fr-FR"),
        ("<html>", "pt-BR, en", "pt-BR"),
        ("<html lang='no language at all'>", "", "no"),
        ("<html lang='12'>", "", None),
        ("", "", None),
    ],
)
def test_languages(html: str, header: str, language: str | None) -> None:
    response = page(f"{html}<body><article>{PARAGRAPHS}", **{"content-language": header})
    assert row(response)["language"] == language


def test_a_page_without_text_gives_no_row() -> None:
    outcome = parse("<html><body><p></p></body></html>")
    assert outcome.rows == []
    assert outcome.notes == [("warning", "No article: the page has no text of its own")]


def test_no_date_lies_after_the_answer() -> None:
    late = ARTICLE.replace("2025-06-03", "2026-03-01").replace("2025-07-09", "2026-03-02")
    assert row(page(late, date="Tue, 01 Jul 2025 10:00:00 GMT"))["date"] is None
    assert row(page(late, date="Tue, 01 Jul 2036 10:00:00 GMT"))["date"] == "2026-03-01"
    assert row(page(late, date="at noon"))["date"] == "2026-03-01"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "shift_jis"])
def test_encodings_are_the_answers(encoding: str) -> None:
    word = "灯台" if encoding == "shift_jis" else "fjällräv"
    html = f'<?xml version="1.0" encoding="x"?><html><body><article><p>{word}</p>{PARAGRAPHS}'
    assert word in row(page(html, encoding))["text"]


def test_the_same_page_gives_the_same_row_whatever_came_before() -> None:
    ready = SCRAPER.prepare(SCRAPER.check_settings({}))
    first, *others = (SCRAPER.parse(page(ARTICLE), Request(URL), ready) for _ in range(5))
    parse("<article>" + f"<p>{SENTENCE * 3}</p>" * 50)
    assert all(other.rows == first.rows for other in [*others, parse(ARTICLE)])


def test_the_librarys_caches_are_emptied() -> None:
    from trafilatura.utils import trim

    ready = SCRAPER.prepare(SCRAPER.check_settings({}))
    large = page(ARTICLE + "<!-- " + "x" * 2_900_000 + "-->")
    for _ in range(6):
        SCRAPER.parse(large, Request(URL), ready)
    assert trim.cache_info().currsize > 0
    SCRAPER.parse(large, Request(URL), ready)
    assert trim.cache_info().currsize == 0


def test_the_library_is_loaded_by_a_run_alone() -> None:
    code = "import sys; from squids.crawlers import registry; registry.all();"
    code += " sys.exit('trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- pages that are broken, huge or made to hurt --------------------------------------------------


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>" * 50_001, "50,001 tags; at most 50,000 are read"),
        ("x" * 3_000_001, "3,000,001 characters; at most 3,000,000 are read"),
        ("<div>" * 6_000, "nested more than 5,000 deep"),
        ("", "empty"),
    ],
    ids=["tags", "long", "deep", "empty"],
)
def test_pages_past_the_limits_are_refused(html: str, why: str) -> None:
    with pytest.raises(BadPage, match=why):
        parse(html)


def test_another_content_type_is_refused() -> None:
    with pytest.raises(BadPage, match="a PDF document"):
        parse(page(ARTICLE, **{"content-type": "application/pdf"}))


BOMB = "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)


@pytest.mark.parametrize(
    "html",
    [
        f"{BOMB}]><html><body><p>&j;</p>{PARAGRAPHS}",
        "<html><body>" + "<div>" * 4_900 + PARAGRAPHS,
        "<html><body><article>" + "<blockquote>" * 2_000 + PARAGRAPHS,
        "<html><body><article>" + "<table><tr><td>" * 1_000 + PARAGRAPHS,
        "<html><body><article>" + "<p>" + "a " * 1_400_000,
        "<html><body><article><p>" + "\n" * 2_900_000,
        f'<html><script type="application/ld+json">{"[" * 20_000}</script>{PARAGRAPHS}',
        f'<html><script type="application/ld+json">{{"author":{chr(34) * 9_999}{PARAGRAPHS}',
        '<html><head><meta property="og:title" content="x">' * 20_000 + PARAGRAPHS,
        f"<html lang={'a' * 90_000}><title>{'a | ' * 90_000}</title>{PARAGRAPHS}",
        f'<html><meta name="author" content="{"Aa Bb, " * 20_000}">{PARAGRAPHS}',
        f"<html><body>{'<meta ' * 9_000}og:locale {PARAGRAPHS}",
    ],
    ids=[
        "entities",
        "deep",
        "quotes",
        "tables",
        "words",
        "lines",
        "json",
        "strings",
        "metas",
        "titles",
        "authors",
        "locale",
    ],
)
def test_pages_made_to_hurt(html: str) -> None:
    try:
        outcome = parse(html)
    except BadPage:
        return
    for found in outcome.rows:
        assert len(found["text"]) <= 3_000_000
        assert len(found["title"] or "") <= 1_000


_PARTS = [
    b"<p>",
    b"</p>",
    b"<article>",
    b"<table><td>",
    b"\xff\xfe",
    b"\0",
    b"<?xml version='1.0'?>",
]
_PARTS += [
    b"<html lang=",
    b"<meta name=date content=2024-99-99>",
    b"<base href='//['>",
    b"&#x110000;",
]
_PARTS += [SENTENCE.encode(), b"<script type=application/ld+json>", b'{"@type":"Article",', b"<!--"]
_PARTS += [
    b"<meta property=og:image content='http://[x'>",
    b"<link rel=canonical href='http://[x'>",
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_PARTS) | st.binary(max_size=12), max_size=25).map(b"".join))
def test_any_bytes_give_an_outcome_or_the_named_error(body: bytes) -> None:
    try:
        outcome = parse(page(body))
    except BadPage:
        return
    for found in outcome.rows:
        assert set(found) == {column.name for column in SCRAPER.columns}
        assert found["text"] and found["word_count"]
