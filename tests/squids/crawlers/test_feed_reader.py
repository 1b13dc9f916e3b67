"""The feed reader: RSS, Atom and JSON Feed into the same rows; pages; dates; what is no feed."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squids.crawlers.feed import markup
from squids.crawlers.feed.crawler import FeedReader
from squids.crawlers.feed.dates import utc
from squids.crawlers.interface import BadPage, Outcome, ParamError, Request, Response, Row

URL = "https://news.example/feed/"
CRAWLER = FeedReader()
NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
RSS_MODULES = (
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:media="http://search.yahoo.com/mrss/"'
)


def parse(
    body: str | bytes,
    request: Request | None = None,
    *,
    kind: str = "",
    status: int = 200,
    encoding: str = "utf-8",
    **params: Any,
) -> Outcome:
    ready = CRAWLER.prepare(CRAWLER.at_launch(CRAWLER.check_settings(params), NOON))
    request = request or Request(URL, label="asked")
    data = body.encode(encoding) if isinstance(body, str) else body
    headers = {"content-type": kind} if kind else {}
    return CRAWLER.parse(Response(request.url, status, headers, data, encoding), request, ready)


def rss(*items: str, head: str = "<title>News</title>") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'{RSS_MODULES}><channel>{head}{inner}</channel></rss>"


def atom(*entries: str, head: str = "<title>News</title>") -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f"<?xml version='1.0'?><feed {ATOM}>{head}{inner}</feed>"


def json_feed(*items: Any, **more: Any) -> str:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items}
    return json.dumps(feed | more)


def row(body: str) -> Row:
    [found] = parse(body).rows
    return found


# --- the three formats ----------------------------------------------------------------------------

EXPECTED = {
    "title": "Lamps & <more>",
    "url": "https://news.example/a?x=1&y=2",
    "author": "Ada Example",
    "published": "2025-06-30T09:00:00+00:00",
    "updated": None,
    "summary": "The brass ones.",
    "content": '<p>The <b>brass</b> ones <a href="https://news.example/b">here</a></p>',
    "categories": ["lamps", "brass"],
    "image": "https://news.example/i.jpg",
    "enclosure": {"url": "https://news.example/a.mp3", "type": "audio/mpeg", "length": 12},
    "id": "tag:1",
    "feed_title": "News",
    "feed": URL,
}
CONTENT = "<p onclick='x()'>The <b>brass</b> ones <a href='/b'>here</a><script>y</script></p>"
IN_RSS = (
    "<title>Lamps &amp;amp; &amp;lt;more&amp;gt;</title><link>/a?x=1&amp;y=2</link>"
    "<author>ada@news.example (Ada Example)</author><pubDate>Mon, 30 Jun 2025 11:00 +0200</pubDate>"
    f"<description>The &lt;i&gt;brass&lt;/i&gt; ones.</description>"
    f"<content:encoded><![CDATA[{CONTENT}]]></content:encoded>"
    "<category>lamps</category><category> brass </category><category>lamps</category>"
    "<media:content url='/i.jpg' medium='image'/><media:title>No</media:title>"
    "<enclosure url='/a.mp3' type='audio/mpeg' length='12'/><guid isPermaLink='false'>tag:1</guid>"
)
IN_ATOM = (
    "<title type='html'>Lamps &amp;amp; &amp;lt;more&amp;gt;</title><link href='/a?x=1&amp;y=2'/>"
    "<link rel='enclosure' href='/a.mp3' type='audio/mpeg' length='12'/><link rel='self' href='/'/>"
    "<author><name>Ada Example</name><email>a@b.example</email></author><id>tag:1</id>"
    "<published>2025-06-30T09:00:00.123Z</published><summary>The brass ones.</summary>"
    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
    "<p>The <b>brass</b> ones <a href='/b'>here</a></p></div></content>"
    "<category term='lamps'/><category term='x' label='brass'/>"
    "<m:thumbnail xmlns:m='http://search.yahoo.com/mrss/' url='/i.jpg'/>"
)
IN_JSON = {
    "id": "tag:1",
    "url": "/a?x=1&y=2",
    "title": "Lamps & <more>",
    "content_html": CONTENT,
    "summary": "The  brass ones.",
    "image": "/i.jpg",
    "date_published": "2025-06-30T11:00:00+02:00",
    "authors": [{"name": "Ada Example"}, {"url": "x"}],
    "tags": ["lamps", "brass", 7],
    "attachments": [{}, {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}],
}


def test_rss() -> None:
    assert row(rss(IN_RSS)) == EXPECTED


def test_atom() -> None:
    content = f"<div>{EXPECTED['content']}</div>"
    assert row(atom(IN_ATOM)) == EXPECTED | {"content": content}


def test_json() -> None:
    assert row(json_feed(IN_JSON)) == EXPECTED
    assert set(EXPECTED) == {column.name for column in CRAWLER.columns}


def test_older_versions() -> None:
    rdf = (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
        " xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<channel><title>Old</title></channel><item rdf:about='https://o.example/1'><title>One"
        "</title><link>https://o.example/1</link><dc:creator>Bo</dc:creator>"
        "<dc:date>2003-12-31T10:14:55-08:00</dc:date></item></rdf:RDF>"
    )
    found = row(rdf)
    assert (found["feed_title"], found["title"], found["author"]) == ("Old", "One", "Bo")
    assert (found["published"], found["id"]) == ("2003-12-31T18:14:55+00:00", "https://o.example/1")
    old = "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>T</title>"
    old += "<issued>2004-01-01</issued><modified>2004-01-02T00:00Z</modified></entry></feed>"
    found = row(old)
    assert (found["published"], found["updated"]) == ("2004-01-01", "2004-01-02T00:00:00+00:00")
    netscape = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "rss-0.91.dtd">'
        "<rss version='0.91'><channel><item><title>Caf&eacute; &amp; R&D</title></item></channel>"
        "</rss>"
    )
    assert row(netscape)["title"] == "Café & R&D"


def test_what_an_entry_lacks() -> None:
    empty = {"categories": [], "feed": URL, "feed_title": "News"}
    assert row(rss("")) == dict.fromkeys(EXPECTED) | empty
    assert row(json_feed({})) == dict.fromkeys(EXPECTED) | empty
    assert row(rss("<guid>https://n.example/7</guid>"))["url"] == "https://n.example/7"
    assert row(rss("<guid isPermaLink='false'>https://n.example/7</guid>"))["url"] is None
    assert row(atom("<id>https://n.example/7</id>"))["url"] == "https://n.example/7"
    assert row(atom("<id>urn:7</id>"))["url"] is None
    assert row(rss("<link>/7</link>"))["id"] == "https://news.example/7"


def test_links_are_relative_to_xml_base() -> None:
    entry = "<link href='a'/><content type='html' xml:base='x/'>&lt;a href='b'>c&lt;/a></content>"
    body = atom(entry).replace("<feed", "<feed xml:base='https://other.example/y/'", 1)
    assert row(body)["url"] == "https://other.example/y/a"
    assert row(body)["content"] == '<a href="https://other.example/y/b">c</a>'


def test_a_podcast_and_a_video() -> None:
    item = (
        "<i:image xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd' href='/p.png'/>"
        "<enclosure url='ftp://x.example/a.mp3'/><enclosure url='/b.mp3' length='?'/>"
    )
    found = row(rss(item))
    assert found["image"] == "https://news.example/p.png"
    assert found["enclosure"] == {
        "url": "https://news.example/b.mp3",
        "type": None,
        "length": None,
    }
    group = "<m:group xmlns:m='http://search.yahoo.com/mrss/'><m:thumbnail url='/t.jpg'/>"
    found = row(atom(group + "<m:description>Seen</m:description></m:group>"))
    assert (found["summary"], found["image"]) == ("Seen", "https://news.example/t.jpg")


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-06-30T11:00:00+02:00", "2025-06-30T09:00:00+00:00"),
        ("2025-06-30T11:00:00.5Z", "2025-06-30T11:00:00+00:00"),
        ("2025-06-30 11:00", "2025-06-30T11:00:00+00:00"),
        ("2025-06-30", "2025-06-30"),
        ("Mon, 30 Jun 2025 09:00:00 EST", "2025-06-30T14:00:00+00:00"),
        ("30 Jun 25 09:00 GMT", "2025-06-30T09:00:00+00:00"),
        ("Mon, 30 Jun 2025", "2025-06-30"),
        ("30 June 2025", "2025-06-30"),
        ("2025-02-30T00:00Z", None),
        ("Mon, 30 Jun 99999 09:00:00 GMT", None),
        ("soon", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1" * 200, None),
    ],
)
def test_dates(text: str, expected: str | None) -> None:
    assert utc(text) == expected


@pytest.mark.parametrize(
    ("given_html", "expected"),
    [
        ("<p>a<br>b<img src='/i.png' onerror=x alt='\"'></p>",
         '<p>a<br>b<img src="https://x.example/i.png" alt="&quot;"></p>'),
        ("<a href='javascript:x'>k</a><a href=data:x>l</a>", "<a>k</a><a>l</a>"),
        ("<script>x</script><style>y</style><!-- z --><iframe src=/></iframe>", None),
        ("<svg><a href='/x'>s</a></svg>t<math><mi>u", "t"),
        ("a < b &amp; <b>c", "a &lt; b &amp; <b>c</b>"),
        ("<custom-x>in</custom-x>side", "in side"),
        ("<noscript><p title='</noscript><img src=x onerror=1>'>",
         '<p title="&lt;/noscript&gt;&lt;img src=x onerror=1&gt;"></p>'),
        ("<div>" * 20_000, None),
        ("", None),
    ],
)  # fmt: skip
def test_harmless_html(given_html: str, expected: str | None) -> None:
    assert markup.clean(given_html, "https://x.example/") == expected


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_cleaned_html_is_clean(text: str) -> None:
    pieces = text.replace("a", "<a href=").replace("b", "<script>").replace("c", "' onload=x>")
    once = markup.clean(pieces, "https://x.example/")
    if once is not None:
        assert "<script" not in once
        assert markup.clean(once, "https://x.example/") == once


# --- pages and dates ------------------------------------------------------------------------------


def test_pages_of_each_format() -> None:
    for body in (
        atom("<id>1</id>", head="<link rel='next' href='?page=2'/><link rel='self' href='x'/>"),
        atom("<id>1</id>", head="<link rel='prev-archive' href='?page=2'/>"),
        rss("<guid>1</guid>", head=f"<l:link xmlns:l='{ATOM[7:-1]}' rel='next' href='?page=2'/>"),
        json_feed({"id": 1}, next_url="?page=2"),
    ):
        [onward] = parse(body).follow
        assert (onward.url, onward.label, onward.meta) == (f"{URL}?page=2", "feed", {"page": 2})
        limited = parse(body, max_pages=1)
        assert not limited.follow and "the feed goes on" in limited.notes[0][1]
        assert parse(atom(), onward).last_page and parse("gone", onward, status=404).last_page
    assert parse(atom("", head=f"<link rel='next' href='{URL}'/>")).follow == []


def test_only_entries_since() -> None:
    dates = ["2025-06-30T09:00:00Z", "2025-06-20T09:00:00Z", ""]
    entries = [f"<id>{n}</id><updated>{date}</updated>" for n, date in enumerate(dates)]
    body = atom(*entries, head="<link rel='next' href='?page=2'/>")
    outcome = parse(body, fetch_since="7d")
    assert [found["id"] for found in outcome.rows] == ["0", "2"]
    assert outcome.too_old and outcome.follow == []
    assert "1 of 3 entries left out" in outcome.notes[0][1]
    turned = parse(
        atom(*reversed(entries), head="<link rel='next' href='?p=2'/>"), fetch_since="7d"
    )
    assert not turned.too_old and len(turned.follow) == 1
    with pytest.raises(ParamError, match="no such time"):
        parse(body, fetch_since="lately")


# --- web pages ------------------------------------------------------------------------------------


def test_a_web_page_leads_to_the_feeds_it_names() -> None:
    page = (
        "<!DOCTYPE html><base href='/sub/'><link rel='alternate' type='application/rss+xml' href=a>"
        "<link rel='ALTERNATE home' type='application/atom+xml; x' href='/b'>"
        "<link rel=alternate type='application/feed+json' href='/b'>"
        "<link rel=alternate hreflang=de href='/de'><link rel=stylesheet href=s>"
    )
    outcome = parse(page, kind="text/html")
    assert [request.url for request in outcome.follow] == [
        "https://news.example/sub/a",
        "https://news.example/b",
    ]
    with pytest.raises(BadPage, match="a web page"):
        parse(page, outcome.follow[0])
    with pytest.raises(BadPage, match="names no feed"):
        parse("<html><p>Hello</p></html>")


# --- hostile --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"<svg/>", "neither RSS"),
        (b'{"a": 1}', "not a feed"),
        (b'{"items": [], "version": 1}', "not a feed"),
        (b'{"items": ', "as JSON"),
        (b'{"items":' + b"[" * 100_000, "as JSON"),
        (bytes(range(256)) * 4000, "neither RSS"),
        (b"<rss>" + b"<a>" * 600_000, "500,000 tags"),
        (gzip.compress(b"<rss>" + b" " * 110_000_000, 1), "more than 100 MB"),
        (b"<!DOCTYPE rss [<!ENTITY a 'b'", "neither RSS"),
    ],
    ids=["empty", "svg", "json", "version", "cut", "deep", "garbage", "tags", "bomb", "doctype"],
)
def test_what_is_no_feed_fails_its_task(body: bytes, says: str) -> None:
    with pytest.raises(BadPage, match=says):
        parse(body)


@pytest.mark.parametrize("prolog", ["", "<!-- " + "x" * 9000 + " -->", "<!DOCTYPE a>"])
def test_entities_are_not_expanded(prolog: str) -> None:
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rss SYSTEM "file:///etc/passwd" [<!ENTITY e0 "ha">{laughs}]>'
    assert row(prolog + doctype + rss("<title>a&e11;&e0;</title>"))["title"] == "a&e11;&e0;"


def test_a_doctype_inside_a_text_is_text() -> None:
    item = "<description><![CDATA[<!DOCTYPE html><p>Hi]]></description><title>T</title>"
    assert row(rss(item))["content"] == "<p>Hi</p>"


def test_an_element_of_nothing_but_attributes() -> None:
    names = " ".join(f"a{number}='1'" for number in range(50_000))
    assert (
        row(f"<rss><channel><item {names}><title>T</title></item></channel></rss>")["title"] == "T"
    )


@pytest.mark.parametrize("piece", ["<item>", "<b>", "<![CDATA[", "&", "<!--", "<item><title>"])
def test_a_great_deal_of_one_thing(piece: str) -> None:
    try:
        outcome = parse(f"<rss><channel>{piece * 150_000}")
    except BadPage:
        return
    assert outcome.notes[0][1].startswith("This feed is broken")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "windows-1251", "shift_jis"])
def test_odd_encodings(encoding: str) -> None:
    title = {"latin-1": "né", "utf-16": "né日", "windows-1251": "Привет", "shift_jis": "日本"}
    body = f"<?xml version='1.0' encoding='{encoding}'?>{rss(f'<title>{title[encoding]}</title>')}"
    [found] = parse(body, encoding=encoding).rows
    assert found["title"] == title[encoding]


TOKENS = (
    "<rss> <channel> <item> </item> <title> </title> <link> http://x/ <feed> <entry> </entry> <id>"
    " <content type='xhtml'> <pubDate> 2025-06-30T09:00:00Z 30Jun <![CDATA[ ]]> &amp; &#0;"
    " &#x110000; <!DOCTYPE [ <!-- --> <?x ?> <enclosure url='/' length='9'/> <rdf:RDF xml:base='http://["
    ' { } "items":[{ "version":"jsonfeed.org/version" } ] } \0 \x0b'
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(TOKENS.split(" ")), max_size=30).map(lambda p: " ".join(p).encode()),
    st.lists(st.sampled_from(TOKENS.split(" ")), max_size=20).map(
        lambda parts: b"<rss><channel><item>" + "".join(parts).encode()
    ),
    st.recursive(
        st.none() | st.text(max_size=9) | st.integers() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(sorted({*IN_JSON, "author", "name"})), inner, max_size=9
            )
        ),
        max_leaves=20,
    ).map(lambda item: json_feed(item).encode()),
)


@settings(max_examples=400, deadline=None)
@given(BODIES, st.sampled_from(["asked", "feed"]), st.sampled_from(["utf-8", "utf-16", "idna"]))
def test_any_bytes_give_an_outcome_or_a_named_error(body: bytes, label: str, encoding: str) -> None:
    ready = CRAWLER.prepare(CRAWLER.check_settings({}))
    try:
        outcome = CRAWLER.parse(
            Response(URL, 200, {}, body, encoding), Request(URL, label=label), ready
        )
    except BadPage:
        return
    assert all(set(found) == set(EXPECTED) for found in outcome.rows)
    json.dumps(outcome.rows)
