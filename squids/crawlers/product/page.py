"""The products of one page, by all the ways in which it may tell of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from squids.crawlers.interface import Level, Row
from squids.crawlers.product import fields, finding
from squids.crawlers.product.merging import Merged
from squids.crawlers.structured import json_ld, markup, open_graph
from squids.crawlers.structured.item import Item
from squids.crawlers.values import absolute

_BLOCKS = 'script[type*="ld+json" i]'
_NOTHING = "No products: the page has no schema.org or OpenGraph data about one"


@dataclass(slots=True)
class Products:
    """Rows with FIELDS and ``source``, and what is to be said of the page."""

    rows: list[Row] = field(default_factory=list)
    notes: list[tuple[Level, str]] = field(default_factory=list)


def products(root: LexborNode, text: str, url: str) -> Products:
    """``text`` is the page's source, ``url`` its address; a product without one gets that."""
    page = _Page(root, text, url)
    page.take("json-ld", page.json_ld)
    page.take("microdata", lambda: markup.read(root, page.lower, markup.MICRODATA, page.base))
    page.take("rdfa", lambda: markup.read(root, page.lower, markup.RDFA, page.base))
    page.take_open_graph()
    return page.told()


class _Page:
    def __init__(self, root: LexborNode, text: str, url: str) -> None:
        self.root, self.url, self.lower = root, url, text.lower()
        self.base = _base(root, url)
        self.merged = Merged()
        self.notes: list[tuple[Level, str]] = []

    def take(self, source: str, read: Callable[[], list[Item]]) -> None:
        try:
            rows, cut = finding.rows(read(), self.base)
        except markup.TooMuch as error:
            self._warn(f"The page's {source} was not read: {error}")
            return
        if cut:
            self._warn(f"More than {finding.MOST:,} products in {source}: the rest was left out")
        self.merged.add(source, rows)

    def take_open_graph(self) -> None:
        try:
            told = open_graph.read(self.root, self.lower)
        except open_graph.TooMuch as error:
            self._warn(f"The page's opengraph was not read: {error}")
            return
        row = fields.of_open_graph(told, self.base)
        if row and (row["name"] or row["price"] is not None):
            self.merged.add("opengraph", [row])

    def json_ld(self) -> list[Item]:
        if "ld+json" not in self.lower:
            return []
        if self.lower.count("ld+json") > markup.MOST_ELEMENTS:
            raise markup.TooMuch(f"more than {markup.MOST_ELEMENTS:,} elements")
        blocks = [node.text() for node in self.root.css(_BLOCKS)[: json_ld.MOST_BLOCKS + 1]]
        graph = json_ld.read(blocks)
        for problem in graph.problems[:3]:
            self._warn(f"A JSON-LD block cannot be read: {problem}")
        if graph.cut:
            self._warn("There is more JSON-LD than is looked at: the rest was left out")
        return graph.items

    def told(self) -> Products:
        if not self.merged.rows:
            self._warn(_NOTHING)
        rows = [row | {"url": row["url"] or self.url} for row in self.merged.rows]
        return Products(rows, self.notes)

    def _warn(self, text: str) -> None:
        self.notes.append(("warning", text))


def _base(root: LexborNode, url: str) -> str:
    found = root.css_first("base[href]")
    link = (found.attributes.get("href") or "") if found is not None else ""
    return (absolute(link, url) if link else None) or url
