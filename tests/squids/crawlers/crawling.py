"""Running the web scraper over pages kept in a dict, as the engine would over a site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from squids.crawlers.interface import Outcome, Request, Response, Row
from squids.crawlers.web_scraper import WebScraper

URL = "https://shop.example/list/"
HTML = {"content-type": "text/html; charset=utf-8"}
SCRAPER = WebScraper()


def page(html: str | bytes, url: str = URL, encoding: str = "utf-8", kind: str = "") -> Response:
    body = html.encode(encoding) if isinstance(html, str) else html
    headers = {"content-type": kind} if kind else HTML
    return Response(url, 200, headers, body, encoding)


def parse(recipe: Any, response: Response, request: Request | None = None) -> Outcome:
    """What one page gives under a recipe; None is no recipe."""
    settings = SCRAPER.prepare(SCRAPER.check_settings({"recipe": recipe}))
    return SCRAPER.parse(response, request or Request(response.url, label="list"), settings)


def rows(recipe: Any, html: str) -> list[Row]:
    return parse(recipe, page(html)).rows


def value(field: Any, html: str) -> Any:
    """The value of one field of a whole page."""
    return rows({"fields": {"it": field}}, html)[0]["it"]


def crawl(
    params: dict[str, Any], url: str, site: Callable[[str], str | None]
) -> tuple[list[Row], list[Request]]:
    """A whole task: its rows, and the requests made, in order. ``site`` maps an URL to HTML."""
    settings = SCRAPER.prepare(SCRAPER.check_settings(params))
    queue, made, found = SCRAPER.start({"url": url}, settings), [], []
    seen: set[str] = set()
    while queue:
        request = Request.from_dict(queue.pop(0).to_dict())
        if request.fingerprint in seen:
            continue
        seen.add(request.fingerprint)
        made.append(request)
        html = site(request.url)
        assert html is not None, request.url
        outcome = SCRAPER.parse(page(html, request.url), request, settings)
        found += outcome.rows
        queue += outcome.follow
    return found, made
