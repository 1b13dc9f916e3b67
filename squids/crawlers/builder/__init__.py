"""Suggestions, trials and copies of a fetched page, for a recipe: bytes in, values out."""

from __future__ import annotations

from collections.abc import Callable

from squids.crawlers.builder.json_lists import suggest_json
from squids.crawlers.builder.json_tree import tree
from squids.crawlers.builder.shapes import Block, Link, Node, Trial, Unreadable
from squids.crawlers.builder.trial import attempt
from squids.crawlers.interface import Response
from squids.crawlers.json_api.crawler import JsonApiScraper

__all__ = ["SLUGS", "Block", "Link", "Node", "Trial", "Unreadable", "attempt", "suggest", "tree"]

Suggest = Callable[[Response], tuple[list[Block], list[Link]]]

_SUGGEST: dict[str, Suggest] = {JsonApiScraper.slug: suggest_json}
SLUGS = frozenset(_SUGGEST)
"""The crawlers whose recipes can be built."""


def suggest(slug: str, response: Response) -> tuple[list[Block], list[Link]]:
    """Rows with their fields, and ways to the next page; best first, at most five each. Raises
    Unreadable."""
    return _SUGGEST[slug](response)
