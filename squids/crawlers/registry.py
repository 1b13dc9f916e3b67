"""Which crawlers there are: ours, and those of installed packages.

A package adds its own under the entry point group ``lobstr.crawlers``, each naming a subclass of
``Crawler``. One that cannot be loaded is left out and reported, the others work on.
"""

from __future__ import annotations

import builtins
import logging
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from squids.crawlers.interface import Crawler
from squids.crawlers.web_scraper import WebScraper

GROUP = "lobstr.crawlers"
BUILT_IN: tuple[type[Crawler], ...] = (WebScraper,)

log = logging.getLogger(__name__)


class UnknownCrawler(LookupError):
    """No installed crawler has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"No crawler “{slug}” is installed.")
        self.slug = slug


@cache
def all() -> dict[str, Crawler]:  # noqa: A001
    """Every crawler by its slug."""
    crawlers = [crawler() for crawler in BUILT_IN]
    crawlers += _plugged_in()
    return {crawler.slug: crawler for crawler in crawlers}


def get(slug: str) -> Crawler:
    """Raises UnknownCrawler."""
    crawler = builtins.dict(all()).get(slug)
    if crawler is None:
        raise UnknownCrawler(slug)
    return crawler


def _plugged_in() -> Iterator[Crawler]:
    for point in entry_points(group=GROUP):
        crawler = _load(point)
        if crawler:
            yield crawler


def _load(point: EntryPoint) -> Crawler | None:
    try:
        crawler = point.load()()
        if not isinstance(crawler, Crawler) or "-" not in crawler.slug:
            raise TypeError("not a Crawler with a hyphen in its slug")
        return crawler
    except Exception:  # somebody else's code: it must not take the rest down
        log.exception("The crawler %s (%s) cannot be loaded", point.name, point.value)
        return None
