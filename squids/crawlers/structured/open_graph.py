"""OpenGraph: what a page's head says of the page as a whole."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from squids.crawlers.selectors import fold

MOST_METAS = 5_000
_PREFIXES = ("og:", "product:")
_PATH = 'meta[property^="og:" i], meta[property^="product:" i], meta[name^="og:" i]'
_PATH += ', meta[name^="product:" i]'


class TooMuch(ValueError):
    """More meta elements than are looked at."""


def read(root: LexborNode, text: str) -> dict[str, str]:
    """Each property's first value that is not empty, by its name in lower case. Raises TooMuch.

    ``text`` is the page's own in lower case."""
    if not any(prefix in text for prefix in _PREFIXES):
        return {}
    if text.count("<meta") > MOST_METAS:
        raise TooMuch(f"more than {MOST_METAS:,} meta elements")
    found: dict[str, str] = {}
    for node in root.css(_PATH):
        attributes = node.attributes
        name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
        content = fold(attributes.get("content") or "")
        if content:
            found.setdefault(name, content)
    return found
