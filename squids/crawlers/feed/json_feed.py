"""JSON Feed, versions 1 and 1.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from squids.crawlers.feed.dates import utc
from squids.crawlers.feed.entries import Feed, enclosure_of, row_of
from squids.crawlers.interface import BadPage, Row
from squids.crawlers.values import absolute

MAX_ITEMS = 50_000


def read(data: bytes, url: str) -> Feed:
    """``data`` is UTF-8. Raises BadPage for what is another kind of JSON, or none."""
    try:
        feed = orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise BadPage(f"The feed cannot be read as JSON: {error}", url) from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version" not in str(feed.get("version")):
        raise BadPage("This JSON is not a feed.", url)
    title = _text(feed.get("title"))
    shared = list(_authors(feed))
    rows = [_row(item, url, title, shared) for item in items[:MAX_ITEMS] if isinstance(item, dict)]
    onward = _text(feed.get("next_url"))
    address = absolute(onward, url) if onward else None
    return Feed(rows, address if address != url else None)


def _row(item: dict[str, Any], feed: str, feed_title: str | None, shared: list[str]) -> Row:
    text = _text(item.get("content_text"))
    content = _text(item.get("content_html")) or (_paragraphs(text) if text else None)
    summary = _text(item.get("summary"))
    identity = item.get("id")
    row = row_of(
        feed=feed,
        feed_title=feed_title,
        base=feed,
        title=_folded(item.get("title")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        id=str(identity)[:2000] if isinstance(identity, str | int | float) else None,
        authors=list(_authors(item)) or shared,
        published=utc(_text(item.get("date_published"))),
        updated=utc(_text(item.get("date_modified"))),
        content=content,
        categories=[_text(tag) for tag in _list(item.get("tags"))],
        image=_text(item.get("image")) or _text(item.get("banner_image")),
        enclosure=_enclosure(item, feed),
    )
    row["summary"] = " ".join(summary.split()) if summary else None
    return row


def _authors(holder: dict[str, Any]) -> Iterator[str]:
    """``author`` is how version 1 had it."""
    for one in [*_list(holder.get("authors")), holder.get("author")]:
        if isinstance(one, dict) and (name := _text(one.get("name"))):
            yield name


def _enclosure(item: dict[str, Any], base: str) -> dict[str, Any] | None:
    for file in _list(item.get("attachments")):
        if isinstance(file, dict):
            kind, size = _text(file.get("mime_type")), file.get("size_in_bytes")
            if found := enclosure_of(_text(file.get("url")), kind, size, base):
                return found
    return None


def _list(value: Any) -> list[Any]:
    return value[:1000] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _folded(value: Any) -> str | None:
    text = _text(value)
    return " ".join(text.split()) if text else None


def _paragraphs(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"<p>{part.strip()}</p>" for part in escaped.split("\n\n") if part.strip())
