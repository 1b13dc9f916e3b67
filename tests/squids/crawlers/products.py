"""Reading products from pages written in the test."""

from __future__ import annotations

import json
from typing import Any

from squids.crawlers.interface import Outcome, Request, Response, Row
from squids.crawlers.product.crawler import LIST, ProductScraper

URL = "https://shop.example/lamps/desk"
SCRAPER = ProductScraper()


def page(html: str | bytes, url: str = URL) -> Response:
    body = html if isinstance(html, bytes) else html.encode()
    return Response(url, 200, {"content-type": "text/html"}, body)


def ld(*values: Any) -> str:
    """Script elements; texts as they are, all else as JSON."""
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)


def parse(html: str | bytes, request: Request | None = None, **params: Any) -> Outcome:
    ready = SCRAPER.prepare(SCRAPER.check_settings(params))
    return SCRAPER.parse(page(html), request or Request(URL, label=LIST), ready)


def rows(html: str | bytes) -> list[Row]:
    return parse(html).rows


def told(html: str | bytes) -> list[dict[str, Any]]:
    """Rows without what is null, and without address and source."""
    return [
        {name: value for name, value in row.items() if value is not None and name in _SHOWN}
        for row in rows(html)
    ]


_SHOWN = {column.name for column in SCRAPER.columns} - {"url", "source"}
