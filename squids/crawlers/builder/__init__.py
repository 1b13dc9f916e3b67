"""Suggestions, trials and copies of a fetched page, for a recipe: bytes in, values out."""

from __future__ import annotations

from collections.abc import Callable

from squids.crawlers.builder.copy import Copy, copy, sheets
from squids.crawlers.builder.html_blocks import fields_of, suggest_html
from squids.crawlers.builder.json_lists import suggest_json
from squids.crawlers.builder.json_tree import tree
from squids.crawlers.builder.pointing import marks, point
from squids.crawlers.builder.shapes import (
    Block,
    Link,
    Marks,
    Node,
    Point,
    Pointed,
    Trial,
    Unreadable,
)
from squids.crawlers.builder.trial import attempt
from squids.crawlers.interface import Response
from squids.crawlers.json_api.crawler import JsonApiScraper
from squids.crawlers.web_scraper import WebScraper

__all__ = [
    "SLUGS",
    "Block",
    "Copy",
    "Link",
    "Marks",
    "Node",
    "Point",
    "Pointed",
    "Trial",
    "Unreadable",
    "attempt",
    "copy",
    "fields_of",
    "marks",
    "point",
    "sheets",
    "suggest",
    "tree",
]

Suggest = Callable[[Response], tuple[list[Block], list[Link]]]

_SUGGEST: dict[str, Suggest] = {
    WebScraper.slug: suggest_html,
    JsonApiScraper.slug: suggest_json,
}
SLUGS = frozenset(_SUGGEST)
"""The crawlers whose recipes can be built."""


def suggest(slug: str, response: Response) -> tuple[list[Block], list[Link]]:
    """Rows with their fields, and ways to the next page; best first, at most five each. Raises
    Unreadable."""
    return _SUGGEST[slug](response)
