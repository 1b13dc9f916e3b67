"""An HTML page with its elements numbered in document order, so that whoever looks at a copy of it
and whoever reads it mean the same element by a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborNode

from squids.crawlers import selectors
from squids.crawlers.builder.shapes import Unreadable
from squids.crawlers.html_page import html_text
from squids.crawlers.interface import BadPage, Response
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.selectors import Engine, Selector
from squids.crawlers.values import absolute
from squids.crawlers.xpath import Lxml

NUMBER = "data-n"
MOST_CHARACTERS = 5 * 1024 * 1024
MOST_ELEMENTS = 100_000


@dataclass(frozen=True)
class Page:
    """``elements`` by their number; ``base`` is what links are relative to."""

    response: Response
    root: LexborNode
    elements: list[LexborNode]
    base: str

    @cached_property
    def html(self) -> str:
        """The page with the numbers in it."""
        return self.root.html or ""

    @cached_property
    def _by_libxml2(self) -> Any:
        return Lxml().parse(self.html)

    def find(self, selector: Selector, within: LexborNode | None = None) -> list[int]:
        """Numbers of the elements that a selector finds on the page, or in one element of it;
        of an XPath that gives texts, none. Raises SelectorError."""
        if selector.language == "css":
            return [number_of(node) for node in Lexbor().finder(selector)(within or self.root)]
        return self._find_by_xpath(Lxml(), selector, within)

    def _find_by_xpath(
        self, engine: Engine, selector: Selector, within: LexborNode | None
    ) -> list[int]:
        root = self._by_libxml2
        if within is not None:
            found = root.xpath(f"//*[@{NUMBER}='{number_of(within)}']")
            if not found:
                return []
            root = found[0]
        attributes = (getattr(node, "attrib", None) for node in engine.finder(selector)(root))
        return [int(a[NUMBER]) for a in attributes if isinstance(a, Mapping) and NUMBER in a]


def open_page(response: Response) -> Page:
    """Raises Unreadable."""
    try:
        root = Lexbor().parse(html_text(response, MOST_CHARACTERS).replace("\0", ""))
    except BadPage as bad:
        raise Unreadable(bad.message, response.url) from bad
    except ValueError as error:
        raise Unreadable(f"The page cannot be read as HTML: {error}.", response.url) from error
    elements = _numbered(root, response.url)
    link = Lexbor().first_text(selectors.read("base[href]::attr(href)"))(root)
    base = absolute(link, response.url) if link else None
    return Page(response, root, elements, base or response.url)


def _numbered(root: LexborNode, url: str) -> list[LexborNode]:
    elements: list[LexborNode] = []
    for node in root.traverse():
        if not node.is_element_node:
            continue
        if len(elements) >= MOST_ELEMENTS:
            raise Unreadable(f"The page has more than {MOST_ELEMENTS:,} elements.", url)
        node.attrs[NUMBER] = str(len(elements))
        elements.append(node)
    return elements


def number_of(node: LexborNode) -> int:
    return int(node.attributes[NUMBER] or -1)
