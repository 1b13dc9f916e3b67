"""A row about a page: what can be said of any HTML page."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from squids.crawlers.interface import BadPage, Column, Response, Row
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.selectors import fold
from squids.crawlers.values import absolute

SUMMARY_COLUMNS = (
    Column("url", example="https://example.com/", description="Final address"),
    Column("status", "integer", example="200", description="HTTP status"),
    Column("title", example="Example Domain"),
    Column("h1", description="First heading"),
    Column("description", description="Meta description"),
    Column("canonical", description="Canonical address, absolute"),
    Column("language", example="en"),
    Column("words", "integer", example="230", description="Words of the page's text"),
)
_SILENT = ["script", "style", "noscript", "template", "svg"]


def summary(text: str, response: Response) -> Row:
    """One row with the columns above; None where a page does not say. Raises BadPage."""
    try:
        tree = Lexbor().parse(text.replace("\0", ""))
    except ValueError as error:
        raise BadPage(f"The page cannot be read as HTML: {error}.", response.url) from error
    base = absolute(_attribute(tree, "base[href]", "href") or "", response.url) or response.url
    canonical = _attribute(tree, 'link[rel~="canonical" i]', "href")
    return {
        "url": response.url,
        "status": response.status,
        "title": _text(tree.css_first("head title")),
        "h1": _text(tree.css_first("h1")),
        "description": _attribute(tree, 'meta[name="description" i]', "content"),
        "canonical": absolute(canonical, base) if canonical else None,
        "language": _attribute(tree, "html[lang]", "lang"),
        "words": _words(tree),
    }


def _text(node: LexborNode | None) -> str | None:
    return None if node is None else fold(node.text())


def _attribute(tree: LexborNode, path: str, name: str) -> str | None:
    node = tree.css_first(path)
    value = node.attributes.get(name) if node is not None else None
    return None if value is None else fold(value)


def _words(tree: LexborNode) -> int:
    tree.strip_tags(_SILENT, recursive=True)
    body = tree.css_first("body")
    return len(body.text(separator=" ").split()) if body is not None else 0
