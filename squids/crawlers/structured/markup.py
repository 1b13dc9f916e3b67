"""Items written into a page's elements: microdata, and RDFa Lite, which is built the same way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborNode

from squids.crawlers.selectors import fold
from squids.crawlers.structured.item import (
    MOST_VALUES,
    Budget,
    Item,
    Value,
    local_names,
)
from squids.crawlers.values import absolute

MOST_ELEMENTS = 50_000
"""With a property or an item on them, of one page."""
MOST_TEXT = 5_000_000
_SILENT = ["script", "style"]
_MOST_REFERENCES = 1_000
_MOST_OWNERS = 10
_LINKS = {"a": "href", "area": "href", "link": "href", "object": "data"}
_LINKS |= dict.fromkeys(("img", "audio", "embed", "iframe", "source", "track", "video"), "src")


@dataclass(frozen=True, slots=True)
class Syntax:
    """Which attributes say what; ``references`` may be empty."""

    begins: str
    type: str
    property: str
    references: str = ""


MICRODATA = Syntax("itemscope", "itemtype", "itemprop", "itemref")
RDFA = Syntax("typeof", "typeof", "property")


class TooMuch(ValueError):
    """More elements than are looked at."""


def read(root: LexborNode, text: str, syntax: Syntax, base: str) -> list[Item]:
    """Every item, in page order, those inside others too. Raises TooMuch.

    ``text`` is the page's own in lower case: if it lacks the attribute, nothing is searched.
    Scripts and styles are taken out of the tree: their text is no property's.
    """
    words = text.count(syntax.begins)
    if not words:
        return []
    if words > MOST_ELEMENTS or text.count(syntax.property) > MOST_ELEMENTS:
        raise TooMuch(f"more than {MOST_ELEMENTS:,} elements")
    root.strip_tags(_SILENT, recursive=True)
    return _Page(root, syntax, base).read()


class _Page:
    def __init__(self, root: LexborNode, syntax: Syntax, base: str) -> None:
        self.root, self.syntax, self.base = root, syntax, base
        self.budget = Budget(MOST_TEXT)
        self.items: dict[int, _Element] = {}
        self.referrers: dict[str, list[_Element]] = {}
        self.inside: dict[int, tuple[_Element, ...]] = {}
        """By element: the items that what stands in it belongs to."""

    def read(self) -> list[Item]:
        syntax = self.syntax
        for node in self.root.css(f"[{syntax.begins}]"):
            self.items[node.mem_id] = _Element(node, self)
        if syntax.references:
            self._refer()
        for node in self.root.css(f"[{syntax.property}]"):
            self._give(node)
        return list(self.items.values())

    def _refer(self) -> None:
        every = self.root.css(f"[{self.syntax.references}]")
        for node in every[:_MOST_REFERENCES]:
            item = self.items.get(node.mem_id)
            names = (node.attributes[self.syntax.references] or "").split()
            for name in names[:MOST_VALUES] if item else ():
                owners = self.referrers.setdefault(name, [])
                if len(owners) < _MOST_OWNERS and item is not None:
                    owners.append(item)

    def _give(self, node: LexborNode) -> None:
        """A property to the items that it belongs to."""
        parent = node.parent
        owners = self._referring(node) + (self._inside(parent) if parent is not None else ())
        names = local_names(node.attributes[self.syntax.property] or "")
        for owner in dict.fromkeys(owners):
            for name in names:
                owner.add(name, node)

    def _inside(self, node: LexborNode) -> tuple[_Element, ...]:
        """Climbs to the item around, and notes the way, so that no way is climbed twice."""
        way: list[LexborNode] = []
        here: LexborNode | None = node
        while here is not None and here.mem_id not in self.inside:
            if item := self.items.get(here.mem_id):
                self.inside[here.mem_id] = (item,)
                break
            way.append(here)
            here = here.parent
        found = self.inside[here.mem_id] if here is not None else ()
        for passed in reversed(way):
            found = tuple(dict.fromkeys(self._referring(passed) + found))[:_MOST_OWNERS]
            self.inside[passed.mem_id] = found
        return found

    def _referring(self, node: LexborNode) -> tuple[_Element, ...]:
        if not self.referrers:
            return ()
        return tuple(self.referrers.get(node.attributes.get("id") or "", ()))


class _Element:
    """An `Item` over an element. What its properties say is read when it is asked for."""

    __slots__ = ("_node", "_page", "_properties")

    def __init__(self, node: LexborNode, page: _Page) -> None:
        self._node, self._page = node, page
        self._properties: dict[str, list[LexborNode]] = {}

    def add(self, name: str, node: LexborNode) -> None:
        found = self._properties.setdefault(name, [])
        if len(found) < MOST_VALUES:
            found.append(node)

    @property
    def types(self) -> frozenset[str]:
        return local_names(self._node.attributes.get(self._page.syntax.type) or "")

    @property
    def key(self) -> int:
        return self._node.mem_id

    def values(self, name: str) -> Iterator[Value]:
        for node in islice(self._properties.get(name, ()), MOST_VALUES):
            item = self._page.items.get(node.mem_id)
            if item is not None:
                yield item
            elif text := _text(node, self._page):
                yield text


def _text(node: LexborNode, page: _Page) -> str:
    """``content`` first, on whatever element: shops write it so, and RDFa has it so."""
    attributes = node.attributes
    if content := attributes.get("content"):
        return fold(content)
    tag = node.tag or ""
    if tag in _LINKS or attributes.get("resource"):
        link = attributes.get("resource") or attributes.get(_LINKS.get(tag, "href"))
        if link:
            return absolute(link, page.base) or fold(link)
    if tag == "time" and attributes.get("datetime"):
        return fold(attributes["datetime"] or "")
    if tag in ("data", "meter") and attributes.get("value"):
        return fold(attributes["value"] or "")
    return fold(page.budget.text(node.text))
