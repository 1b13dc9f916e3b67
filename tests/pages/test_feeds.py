"""The feed reader on the feeds that feedparser tests itself with, beside what feedparser reads."""

from __future__ import annotations

import importlib
import io
import re
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from runs.engine.charset import encoding_of
from squids.crawlers.feed.crawler import FeedReader
from squids.crawlers.feed.markup import plain
from squids.crawlers.interface import BadPage, Request, Response, Row

pytestmark = pytest.mark.pages

URL = "http://feeds.example/feed"
CRAWLER = FeedReader()
LEFT_OUT = {"cdf", "http", "chardet"}
"""A format of 1997; feeds that are told by their headers; charsets that nobody declares."""


@pytest.fixture(scope="module")
def feeds(saved_pages: Path) -> list[tuple[Path, bytes]]:
    found = sorted((saved_pages / "feeds").rglob("*.xml"))
    kept = [path for path in found if path.parent.name not in LEFT_OUT and "cdf_" not in path.name]
    return [(path, path.read_bytes()) for path in kept]


@pytest.fixture(scope="module")
def feedparser(saved_pages: Path) -> Any:
    sys.path.insert(0, str(saved_pages / "python"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield importlib.import_module("feedparser")
    sys.path.remove(str(saved_pages / "python"))


def kind_of(data: bytes) -> str:
    """The content type that a test file names in a comment."""
    found = re.search(rb"Content-type:\s*([^\r\n]+)", data)
    return found[1].decode("latin-1").strip() if found else "application/xml"


def ours(data: bytes) -> list[Row] | None:
    response = Response(URL, 200, {}, data, encoding_of(data, kind_of(data)))
    try:
        return CRAWLER.parse(response, Request(URL, label="asked"), CRAWLER.prepare({})).rows
    except BadPage:
        return None


def theirs(feedparser: Any, data: bytes) -> Any:
    headers = {"content-location": URL, "content-type": kind_of(data)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(io.BytesIO(data), response_headers=headers).entries


def test_as_many_entries_and_what_they_say(
    feeds: list[tuple[Path, bytes]], feedparser: Any
) -> None:
    counts, same, told = Counter[bool](), Counter[str](), Counter[str]()
    for _, data in feeds:
        entries, rows = theirs(feedparser, data), ours(data)
        counts[len(rows or []) == len(entries)] += 1
        for row, entry in zip(rows or [], entries, strict=False):
            link = entry.get("link") or ""
            expected = {
                "title": plain(entry.get("title")),
                "url": link if link.startswith("http") else None,
                "id": entry.get("id"),
            }
            for name, value in expected.items():
                if value:
                    told[name] += 1
                    same[name] += row[name] == value
    shares = {name: round(same[name] / told[name], 2) for name in told}
    print(f"{counts[True]:,} of {counts.total():,} feeds with as many entries; alike: {shares}")
    assert counts.total() > 1_000 and counts[False] == 0
    assert shares["title"] >= 0.9 and shares["url"] >= 0.9 and shares["id"] >= 0.85
