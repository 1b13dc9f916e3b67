"""The contact finder on pages kept in texts, as the engine would call it."""

from __future__ import annotations

import json
from typing import Any

from squids.crawlers.contacts.crawler import ContactFinder
from squids.crawlers.interface import Outcome, Request, Response

URL = "https://www.lamps.de/"
CRAWLER = ContactFinder()


def prepared(params: dict[str, Any], functions: tuple[str, ...] = ()) -> Any:
    return CRAWLER.prepare(CRAWLER.check_settings(params), functions)


def first(url: str = URL, **params: Any) -> Request:
    [request] = CRAWLER.start({"url": url}, prepared(params))
    return request


def page(html: str | bytes, url: str = URL, kind: str = "text/html") -> Response:
    body = html.encode() if isinstance(html, str) else html
    return Response(url, 200, {"content-type": kind}, body)


def parse(response: Response, request: Request, *functions: str, **params: Any) -> Outcome:
    """As the engine does: requests have been JSON, and rows become it."""
    asked = Request.from_dict(json.loads(json.dumps(request.to_dict())))
    outcome = CRAWLER.parse(response, asked, prepared(params, functions))
    json.dumps(outcome.rows)
    return outcome


def read(html: str, url: str = URL, *functions: str, **params: Any) -> Outcome:
    return parse(page(html, url), first(url, **params), *functions, **params)


def onward(request: Request, response: Response, **params: Any) -> Outcome:
    return parse(response, request, **params)


def values(html: str, url: str = URL, **params: Any) -> list[str]:
    return [row["value"] for row in read(html, url, **params).rows]
