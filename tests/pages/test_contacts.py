"""The contact finder on the documents that Debian ships: every address that a link names, and none
that does not stand on the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from runs.engine.charset import encoding_of
from squids.crawlers.contacts.crawler import ContactFinder
from squids.crawlers.interface import CrawlerError, Response, Row

pytestmark = pytest.mark.pages

CRAWLER = ContactFinder()


@pytest.fixture
def documents(saved_pages: Path) -> list[Path]:
    every = (saved_pages / "debian/usr/share/doc").rglob("*.html")
    found = sorted(path for path in every if path.is_file() and not path.is_symlink())
    assert len(found) > 60
    return found


def contacts(path: Path) -> list[Row]:
    settings = CRAWLER.prepare(CRAWLER.check_settings({}))
    request = CRAWLER.start({"url": f"https://docs.example/{path.name}"}, settings)[0]
    body = path.read_bytes()
    encoding = encoding_of(body, "text/html")
    page = Response(request.url, 200, {"content-type": "text/html"}, body, encoding)
    try:
        return CRAWLER.parse(page, request, settings).rows
    except CrawlerError:
        return []


def emails(path: Path) -> set[str]:
    return {row["value"].lower() for row in contacts(path) if row["kind"] == "email"}


def written(path: Path) -> str:
    return html.unescape(path.read_text(encoding="utf-8", errors="replace")).lower()


def linked(path: Path) -> Iterator[str]:
    for link in re.findall(r"mailto:([^\"'?>]+)", written(path)):
        yield unquote(link).strip()


def test_every_address_that_a_link_names(documents: list[Path]) -> None:
    there = {(path, link) for path in documents for link in linked(path)}
    missed = {(path.name, link) for path, link in there if link not in emails(path)}
    assert len(there) > 10 and missed == set()


def test_none_that_is_not_on_the_page(documents: list[Path]) -> None:
    found = [(path, email) for path in documents for email in emails(path)]
    wrong = [(path.name, email) for path, email in found if not _stands_on(path, email)]
    assert len(found) > 30 and wrong == []


def _stands_on(path: Path, email: str) -> bool:
    """In a link, or in the text, in which marked words may be part of it."""
    source = unquote(written(path))
    return email in source or email in re.sub("<[^>]*>", "", source)


def test_profiles_are_those_of_links(documents: list[Path]) -> None:
    for path in documents:
        for row in contacts(path):
            if row["kind"] == "profile":
                assert row["value"].rpartition("/")[2].lower() in written(path)
