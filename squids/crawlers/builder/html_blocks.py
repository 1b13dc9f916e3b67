"""What an HTML page offers: blocks that may be rows, with their fields, and the way on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from squids.crawlers import selectors
from squids.crawlers.builder.groups import LOOKED_AT, Group, groups
from squids.crawlers.builder.leaves import fields
from squids.crawlers.builder.onward import onward
from squids.crawlers.builder.page import Page, open_page
from squids.crawlers.builder.shapes import Block, Link
from squids.crawlers.builder.steps import ancestors, owner
from squids.crawlers.builder.trial import attempt
from squids.crawlers.interface import CrawlerError, ParamError, Request, Response
from squids.crawlers.web_scraper import LIST, WebScraper

MOST = 5
MORE = 3
"""Groups that are looked at for each that is wanted, since not all can be named or have fields."""
SHORT = 120


def suggest_html(response: Response) -> tuple[list[Block], list[Link]]:
    """Best first, at most five each. Raises Unreadable."""
    page = open_page(response)
    blocks = list(islice(_blocks(page), MOST))
    links = [Link(selector, leads_to) for selector, leads_to in islice(onward(page), MOST)]
    return blocks, links


def fields_of(response: Response, rows: str) -> dict[str, Any]:
    """Fields for rows that somebody chose; none where nothing is found. Raises Unreadable and
    SelectorError."""
    page = open_page(response)
    numbers = page.find(selectors.read(rows))
    return fields(page, numbers) if numbers else {}


def _blocks(page: Page) -> Iterator[Block]:
    for group in groups(page, MOST * MORE):
        selector, count = _exact(page, group)
        found = fields(page, group.numbers) if selector else {}
        if selector and found:
            yield Block(selector, count, found, _sample(page.response, selector, found))


def _exact(page: Page, group: Group) -> tuple[str, int]:
    """A selector that finds the group and nothing else up to where the page was looked at: its
    own, or within what holds it; and how many it finds in all. None: ""."""
    wanted = list(group.numbers)
    above = ancestors(page, page.elements[wanted[0]])
    for outer in ("", *(named for node in islice(above, 8) if (named := owner(node))), "main"):
        selector = f"{outer} {group.selector}".strip()
        found = page.find(selectors.read(selector))
        if [number for number in found if number < LOOKED_AT] == wanted:
            return selector, len(found)
    return "", 0


def _sample(response: Response, rows: str, found: dict[str, Any]) -> dict[str, str]:
    """The first row's values, by the crawler's own word."""
    params = {"recipe": {"rows": rows, "fields": found}}
    try:
        trial = attempt(WebScraper.slug, params, response, Request(response.url, label=LIST))
    except (ParamError, CrawlerError):
        return {}
    first = trial.rows[0] if trial.rows else {}
    return {name: _short(value) for name, value in first.items()}


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    shown = "" if value is None else text
    return shown if len(shown) <= SHORT else f"{shown[: SHORT - 1]}…"
