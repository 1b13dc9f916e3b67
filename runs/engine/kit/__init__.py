"""What the author of a crawler tests with: saved pages for ``parse``, a local site for the whole.

``page`` and ``parse`` need no network and allow none; ``serve`` and ``crawl`` run the crawler in
the real engine (its fetcher, retries, politeness and robots.txt) against a site on this machine.
Only the database is left out: rows and requests are kept in memory.
"""

from __future__ import annotations

from runs.engine.kit.crawling import Crawled, crawl
from runs.engine.kit.pages import NetworkUsed, offline, page, parse
from runs.engine.kit.site import Answer, Site, serve

__all__ = [
    "Answer",
    "Crawled",
    "NetworkUsed",
    "Site",
    "crawl",
    "offline",
    "page",
    "parse",
    "serve",
]
