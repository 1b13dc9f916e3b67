"""Which crawlers there are: ours, and those of installed packages.

A package adds its own under the entry point group ``lobstr.crawlers``, each naming a subclass of
``Crawler``. One that cannot be loaded is left out and reported, the others work on.
"""

from __future__ import annotations

import builtins
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from squids.crawlers.article.crawler import ArticleScraper
from squids.crawlers.contacts.crawler import ContactFinder
from squids.crawlers.feed.crawler import FeedReader
from squids.crawlers.interface import Crawler
from squids.crawlers.json_api.crawler import JsonApiScraper
from squids.crawlers.link_checker.crawler import LinkChecker
from squids.crawlers.product.crawler import ProductScraper
from squids.crawlers.sitemap.crawler import SitemapScraper
from squids.crawlers.web_scraper import WebScraper

GROUP = "lobstr.crawlers"
BUILT_IN: tuple[type[Crawler], ...] = (
    WebScraper,
    JsonApiScraper,
    FeedReader,
    SitemapScraper,
    LinkChecker,
    ContactFinder,
    ProductScraper,
    ArticleScraper,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Package:
    """The distribution that a crawler was installed with."""

    name: str
    version: str


class UnknownCrawler(LookupError):
    """No installed crawler has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"No crawler “{slug}” is installed.")
        self.slug = slug


@cache
def all() -> dict[str, Crawler]:  # noqa: A001
    """Every crawler by its slug."""
    crawlers: dict[str, Crawler] = {crawler.slug: crawler() for crawler in BUILT_IN}
    _packages.clear()
    for point, crawler in _plugged_in():
        crawlers[crawler.slug] = crawler
        if point.dist:
            _packages[crawler.slug] = Package(point.dist.name, point.dist.version)
    return crawlers


_packages: dict[str, Package] = {}


def package(slug: str) -> Package | None:
    """What a plug-in came with; None for the crawlers of this project."""
    all()
    return _packages.get(slug)


def get(slug: str) -> Crawler:
    """Raises UnknownCrawler."""
    crawler = builtins.dict(all()).get(slug)
    if crawler is None:
        raise UnknownCrawler(slug)
    return crawler


def _plugged_in() -> Iterator[tuple[EntryPoint, Crawler]]:
    for point in entry_points(group=GROUP):
        crawler = _load(point)
        if crawler:
            yield point, crawler


def _load(point: EntryPoint) -> Crawler | None:
    try:
        crawler = point.load()()
        if not isinstance(crawler, Crawler) or "-" not in crawler.slug:
            raise TypeError("not a Crawler with a hyphen in its slug")
        return crawler
    except Exception:  # somebody else's code: it must not take the rest down
        log.exception("The crawler %s (%s) cannot be loaded", point.name, point.value)
        return None
