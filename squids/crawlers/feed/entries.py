"""What a feed says, whatever it is written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from squids.crawlers.feed.markup import clean, plain
from squids.crawlers.interface import Row
from squids.crawlers.values import absolute

MOST_VALUES = 100
"""Categories of an entry, or names of its authors."""


@dataclass(slots=True)
class Feed:
    """``rows`` in the feed's order, ``next`` the address of its next page, ``broken`` what was
    wrong with it."""

    rows: list[Row] = field(default_factory=list)
    next: str | None = None
    broken: str = ""


def row_of(
    *,
    feed: str,
    feed_title: str | None,
    base: str,
    title: str | None = None,
    link: str | None = None,
    id: str | None = None,  # noqa: A002
    authors: Sequence[str | None] = (),
    published: str | None = None,
    updated: str | None = None,
    summary: str | None = None,
    content: str | None = None,
    categories: Sequence[str | None] = (),
    image: str | None = None,
    enclosure: dict[str, Any] | None = None,
) -> Row:
    """``title`` is plain, ``summary`` and ``content`` are HTML, addresses as they were written."""
    url = absolute(link, base) if link else None
    names = each_once(authors)
    return {
        "title": title,
        "url": url,
        "author": ", ".join(names) or None,
        "published": published,
        "updated": updated,
        "summary": plain(summary),
        "content": clean(content or summary, base),
        "categories": each_once(categories),
        "image": absolute(image, base) if image else None,
        "enclosure": enclosure,
        "id": id or url or title,
        "feed_title": feed_title,
        "feed": feed,
    }


def each_once(values: Sequence[str | None]) -> list[str]:
    folded = (" ".join(value.split()) for value in values if value)
    return list(dict.fromkeys(filter(None, folded)))[:MOST_VALUES]


def enclosure_of(url: str | None, kind: str | None, size: Any, base: str) -> dict[str, Any] | None:
    """A file that comes with an entry; ``size`` in bytes."""
    address = absolute(url, base) if url else None
    if address is None:
        return None
    text = str(size if size is not None else "").strip()
    length = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
    return {"url": address, "type": kind or None, "length": length}
