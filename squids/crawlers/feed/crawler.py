"""Entries of RSS, Atom and JSON feeds, page after page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborNode

from squids.crawlers import since
from squids.crawlers.feed import json_feed, xml_feeds
from squids.crawlers.feed.entries import Feed
from squids.crawlers.html_page import html_text
from squids.crawlers.interface import (
    BadPage,
    Column,
    Crawler,
    Outcome,
    Param,
    Params,
    Request,
    Response,
    Row,
)
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.params import MAX_RESULTS
from squids.crawlers.since import Since
from squids.crawlers.values import absolute, page_address
from squids.crawlers.xml_bytes import document, is_html, root_name

ASKED, FEED = "asked", "feed"
MOST_FEEDS = 20
"""Of a web page that names its feeds."""
NOT_FOUND = 404
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_SINCE = (
    replace(
        since.PARAMS[0],
        help="Leaves out entries older than this: 24h, 7d or 2w before the launch, or a date with"
        " or without a time. A feed of several pages is read until its last entry is older.",
    ),
    since.PARAMS[1],
)


@dataclass(frozen=True, slots=True)
class Settings:
    max_pages: int
    line: Since | None


class FeedReader(Crawler):
    """A task is a feed, or a web page that names its feeds."""

    slug = "feed-reader"
    name = "Feed reader"
    description = "Entries of RSS, Atom and JSON feeds."
    icon = "feed"
    task_params = (
        Param(
            "url",
            "url",
            label="Feed",
            help="A feed's address, or that of a web page that names its feeds.",
            required=True,
            example="https://example.com/feed.xml",
        ),
    )
    squid_params = (
        Param(
            "max_pages",
            "integer",
            label="Pages per feed",
            help="How many pages of a feed to read at most, where it has several.",
            default=100,
            minimum=1,
        ),
        MAX_RESULTS,
        *_SINCE,
    )
    columns = (
        Column("title", example="Lamps are back", description="Without markup"),
        Column("url", example="https://example.com/lamps-are-back", description="The entry's page"),
        Column("author", example="Ada Example", description="Several: with commas"),
        Column("published", example="2025-06-30T09:00:00+00:00", description="ISO, UTC"),
        Column("updated", example="2025-07-01T12:00:00+00:00", description="ISO, UTC"),
        Column("summary", "text", example="The brass ones, too.", description="Without markup"),
        Column("content", "text", example="<p>The brass ones, too.</p>", description="Safe HTML"),
        Column("categories", "json", example='["lamps"]', description="List of texts"),
        Column("image", example="https://example.com/lamp.jpg", description="Its picture"),
        Column("enclosure", "json", description="A file with it: url, type, length in bytes"),
        Column("id", example="tag:example.com,2025:4711", description="What the feed knows it by"),
        Column("feed_title", example="Example news"),
        Column("feed", example="https://example.com/feed.xml", description="Where it stands"),
    )
    unique_by = ("id", "url")
    credits_per_row = 100
    max_concurrency = 64

    def check_settings(self, params: Params) -> dict[str, Any]:
        cleaned = super().check_settings(params)
        since.check(cleaned)
        return cleaned

    def at_launch(self, params: Params, now: datetime) -> dict[str, Any]:
        return since.freeze(params, now)

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        return Settings(params.get("max_pages", 100), since.read(params))

    def start(self, task: Params, settings: Settings) -> list[Request]:
        return [Request(page_address(task["url"]), label=ASKED)]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        if response.status == NOT_FOUND:  # accepted past the first page: there are no more
            return Outcome(last_page=True)
        data = document(response)
        if root_name(data) in xml_feeds.ROOTS:
            feed = xml_feeds.read(data, response.url)
        elif data.startswith(b"{"):
            feed = json_feed.read(data, response.url)
        elif request.label == ASKED and is_html(data):
            return Outcome(follow=[Request(url, label=FEED) for url in _named_feeds(response)])
        else:
            kind = "a web page" if is_html(data) else "neither RSS, Atom nor a JSON feed"
            raise BadPage(f"This is no feed: {kind}.", response.url)
        return _outcome(feed, request, settings)


def _outcome(feed: Feed, request: Request, settings: Settings) -> Outcome:
    number = int(request.meta.get("page", 1))
    outcome = Outcome()
    if feed.broken:
        text = f"This feed is broken, and was read as far as it goes ({feed.broken})"
        outcome.notes.append(("warning", text))
    older = _take(feed.rows, settings.line, outcome)
    if feed.next is None or (not feed.rows and number > 1):
        outcome.last_page = number > 1
    elif older:
        outcome.too_old = True
    elif number >= settings.max_pages:
        text = f"The limit of {settings.max_pages:,} pages is reached; the feed goes on"
        outcome.notes.append(("info", text))
    else:
        meta = {"page": number + 1}
        outcome.follow = [Request(feed.next, label=FEED, meta=meta, accept=(NOT_FOUND,))]
    return outcome


def _take(rows: list[Row], line: Since | None, outcome: Outcome) -> bool:
    """Keep what is not too old; answers whether the last entry with a date is."""
    if line is None:
        outcome.rows = rows
        return False
    older = False
    for row in rows:
        date = row["published"] or row["updated"]
        if line.is_older(date):
            older = True
        else:
            older = older and date is None
            outcome.rows.append(row)
    if len(outcome.rows) < len(rows):
        left = len(rows) - len(outcome.rows)
        outcome.notes.append(("info", f"{left} of {len(rows)} entries left out: older than {line}"))
    return older


def _named_feeds(response: Response) -> list[str]:
    """The feeds that a web page names. Raises BadPage where it names none."""
    try:
        root = Lexbor().parse(html_text(response).replace("\0", ""))
    except ValueError as error:
        raise BadPage(f"The page cannot be read as HTML: {error}.", response.url) from error
    base_node = root.css_first("base[href]")
    base = _link(base_node, response.url) if base_node else None
    links = (
        _link(node, base or response.url)
        for node in root.css('link[rel~="alternate" i][href]')
        if (node.attributes.get("type") or "").partition(";")[0].strip().lower() in _TYPES
    )
    found = list(dict.fromkeys(filter(None, links)))[:MOST_FEEDS]
    if not found:
        raise BadPage("This is a web page, and it names no feed.", response.url)
    return found


def _link(node: LexborNode, base: str) -> str | None:
    return absolute(node.attributes.get("href") or "", base)
