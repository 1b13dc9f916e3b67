"""The sitemap scraper on the sitemap of a site that Debian ships whole, plain and packed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from squids.crawlers.interface import Request, Response, Row
from squids.crawlers.sitemap.crawler import SitemapScraper

pytestmark = pytest.mark.pages

CRAWLER = SitemapScraper()


@pytest.fixture
def site(saved_pages: Path) -> Path:
    return saved_pages / "debian/usr/share/doc/mkdocs/html"


def rows(body: bytes, name: str) -> list[Row]:
    request = Request(f"https://www.mkdocs.org/{name}", label="asked")
    page = Response(request.url, 200, {}, body)
    return CRAWLER.parse(page, request, CRAWLER.prepare(CRAWLER.check_settings({}))).rows


@pytest.mark.parametrize("name", ["sitemap.xml", "sitemap.xml.gz"])
def test_every_address_of_the_file_and_no_other(site: Path, name: str) -> None:
    text = (site / "sitemap.xml").read_text()
    found = rows((site / name).read_bytes(), name)
    assert [row["url"] for row in found] == re.findall("<loc>([^<]+)</loc>", text)
    assert len(found) > 15


def test_each_is_a_page_of_the_site_and_has_its_date(site: Path) -> None:
    text = (site / "sitemap.xml").read_text()
    dates = set(re.findall("<lastmod>([^<]+)</lastmod>", text))
    for row in rows((site / "sitemap.xml").read_bytes(), "sitemap.xml"):
        assert (site / row["url"].removeprefix("https://www.mkdocs.org/")).is_file()
        assert row["lastmod"] in dates and row["changefreq"] == "daily"
