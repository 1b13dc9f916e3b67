"""What stands in the items of a group: the fields that a recipe may take of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborNode

from squids.crawlers import values
from squids.crawlers.builder.page import Page, number_of
from squids.crawlers.builder.steps import kind, place, within, words, words_of
from squids.crawlers.selectors import fold

MOST_FIELDS = 12
SAMPLED = 12
LEAVES = 60
"""In an item."""
TRIED = 40
"""Selectors for a leaf."""
LONGEST = 600
"""Characters of a text that still is a value."""
_SKIPPED = words_of(
    """
    script style svg noscript template select option button label
    """
)
_MONEY = re.compile(r"^\D{0,4}[$€£¥₹₽₩₺]\s?\d[\d.,' ]*\D{0,6}$|^\d[\d.,' ]*\s?(?:€|kr|zł|USD|EUR)$")
_NUMBER = re.compile(r"\(?[+-]?(?:0|[1-9]\d*)(?:[.,]\d+)*\)?")
_PICTURES = ("src", "data-src", "data-lazy-src", "data-original")
_NAMING = frozenset(["a", "b", "strong", "em", "dt", "th", "caption", "legend"])
_TITLES = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Words of a class that say what kind of thing it is, not which.
_VAGUE = re.compile(
    r"^(?:product|item|card|entry|post|article|book|list|result|box|block)[-_]+", re.I
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in an item: ``take`` is "" for the element's text, else the attribute's name."""

    node: LexborNode
    take: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field that can be taken; ``count`` is in how many of the sampled items it stands."""

    select: str
    type: str
    texts: tuple[str, ...]
    node: LexborNode
    many: bool = False

    @property
    def spec(self) -> Any:
        more: dict[str, Any] = {"type": self.type} if self.type != "text" else {}
        more |= {"many": True} if self.many else {}
        return {"select": self.select, **more} if more else self.select


def fields(page: Page, numbers: Sequence[int]) -> dict[str, Any]:
    """A recipe's fields for items with these numbers, as many as have sense: what names an item,
    then in page order."""
    items = [page.elements[n] for n in numbers[:: max(1, len(numbers) // SAMPLED)]][:SAMPLED]
    named: dict[str, Any] = {}
    for field in islice(_distinct(_found(page, items)), MOST_FIELDS):
        named[_free_name(name(field.node, field.type), named)] = field.spec
    return {key: named[key] for key in sorted(named, key=lambda key: key not in ("title", "name"))}


def _distinct(found: Iterator[Field]) -> Iterator[Field]:
    """Not what says the same in every item, nor what another field says already."""
    seen: list[set[str]] = []
    for field in found:
        texts = set(field.texts)
        known = (texts <= other if field.type == "url" else texts == other for other in seen)
        if (len(field.texts) == 1 or len(texts) > 1) and not any(known):
            seen.append(texts)
            yield field


def _found(page: Page, items: Sequence[LexborNode]) -> Iterator[Field]:
    """Leaves by their way from the item, where half of the items have them."""
    ways: dict[tuple[str, str], list[tuple[LexborNode, Leaf]]] = defaultdict(list)
    for item in items:
        for way, leaf in _first_of_each(item):
            ways[way].append((item, leaf))
    for (_, take), there in ways.items():
        if len(there) * 2 >= len(items) and (field := _field(page, take, there)):
            yield field


def _field(page: Page, take: str, there: Sequence[tuple[LexborNode, Leaf]]) -> Field | None:
    selector = selector_of(page, there)
    if selector is None:
        return None
    node = there[0][1].node
    texts = tuple(leaf.text for _, leaf in there)
    many = kind(node) == "li" and _is_list(selector, there)
    if many:
        found = ([fold(n.text()) for n in item.css(selector)] for item, _ in there)
        texts = tuple(", ".join(own) for own in found)
    chosen = "text" if many and not take else type_of(take, texts)
    return Field(_taken(selector, take), chosen, texts, node, many)


def _first_of_each(item: LexborNode) -> Iterator[tuple[tuple[str, str], Leaf]]:
    """Of leaves alike the first; the others belong to a list."""
    seen: set[tuple[str, str]] = set()
    for leaf in islice(leaves(item), LEAVES):
        way = (_way(leaf.node, item), leaf.take)
        if way not in seen:
            seen.add(way)
            yield way, leaf


def _is_list(selector: str, there: Sequence[tuple[LexborNode, Leaf]]) -> bool:
    """Whether it finds several in an item, all of one list."""
    if not selector:
        return False
    found = [[number_of(n.parent) for n in item.css(selector) if n.parent] for item, _ in there]
    return any(len(own) > 1 for own in found) and all(len(set(own)) == 1 for own in found)


def leaves(item: LexborNode) -> Iterator[Leaf]:
    """What an item says, in page order: texts, addresses, pictures, times."""
    for node in item.traverse():
        if node.is_element_node and kind(node) not in _SKIPPED:
            yield from leaf_of(node)


def leaf_of(node: LexborNode) -> Iterator[Leaf]:
    """What one element says by itself."""
    tag, attributes = kind(node), node.attributes
    told = _told(node)
    title = fold(attributes.get("title") or "")
    if told and len(title) > len(told) and told.rstrip("….")[:8] and title.startswith(told[:8]):
        yield Leaf(node, "title", title)
    elif told:
        yield Leaf(node, "", told)
    if tag == "a" and (attributes.get("href") or "").strip():
        yield Leaf(node, "href", str(attributes["href"]).strip())
    if tag == "img":
        source = next((name for name in _PICTURES if attributes.get(name)), None)
        if source:
            yield Leaf(node, source, str(attributes[source]))
    if tag == "time" and attributes.get("datetime"):
        yield Leaf(node, "datetime", str(attributes["datetime"]))
    if tag == "meta" and attributes.get("itemprop") and attributes.get("content"):
        yield Leaf(node, "content", str(attributes["content"]))
    if not told and (stars := _stars(attributes)):
        yield Leaf(node, *stars)


def _stars(attributes: dict[str, str | None]) -> tuple[str, str] | None:
    """A rating that is drawn: in the title, the label, or in words of the class."""
    written = attributes.get("class") or ""
    if not re.search(r"\b(?:star|stars|rating|star-rating)\b", written):
        return None
    for name in ("title", "aria-label", "data-rating"):
        if attributes.get(name):
            return name, fold(attributes[name] or "")
    return ("class", written) if len(written.split()) > 1 else None


def _told(node: LexborNode) -> str:
    """The element's text where it is the one to take it from: it has words of its own, and not
    just signs between its parts."""
    if not re.search(r"\w", node.text(deep=False)):
        return ""
    text = fold(node.text())
    return text if len(text) <= LONGEST else ""


def _way(node: LexborNode, item: LexborNode) -> str:
    """From the item down; siblings that nothing else tells apart by their number."""
    steps: list[str] = []
    at: LexborNode | None = node
    end = number_of(item)
    while at is not None and number_of(at) != end:
        known = [word for word in words(at) if not _is_value(word)]
        itemprop = at.attributes.get("itemprop") or ""
        bare = "li" if kind(at) == "li" else place(at)
        steps.append(f"{kind(at)}.{known[0]}{itemprop}" if known else itemprop or bare)
        at = at.parent
    return " > ".join(reversed(steps))


def _is_value(word: str) -> bool:
    """Classes such as “Three” of a rating differ from item to item."""
    return word[:1].isupper()


def selector_of(page: Page, there: Sequence[tuple[LexborNode, Leaf]]) -> str | None:
    """The simplest selector that finds each leaf first in its item."""
    item, leaf = there[0]
    if number_of(item) == number_of(leaf.node):
        return "" if is_own(leaf) else None
    wanted = [(item, number_of(leaf.node)) for item, leaf in there]
    for selector in islice(dict.fromkeys(within(page, leaf.node, item)), TRIED):
        if _is_first(selector, wanted):
            return selector
    return None


def is_own(leaf: Leaf) -> bool:
    """Whether a recipe can take it of a row itself: of its text, that beside its parts alone."""
    return bool(leaf.take) or fold(leaf.node.text(deep=False)) == leaf.text


def _is_first(selector: str, wanted: Sequence[tuple[LexborNode, int]]) -> bool:
    for item, number in wanted:
        found = item.css_first(selector)
        if found is None or number_of(found) != number:
            return False
    return True


def _taken(selector: str, take: str) -> str:
    if not take:
        return selector or "::text"
    return f"{selector}::attr({take})"


def type_of(take: str, texts: Sequence[str]) -> str:
    """The recipe's type for such values."""
    if take in ("href", *_PICTURES):
        return "url"
    if take == "datetime" or all(values.iso_date(text) and len(text) < 40 for text in texts):
        return "date"
    if all(_MONEY.fullmatch(text) or _NUMBER.fullmatch(text) for text in texts):
        return "number" if any(re.search("[^0-9()]", text) for text in texts) else "integer"
    return "text"


# --- names ----------------------------------------------------------------------------------------


def name(node: LexborNode, kind_of_value: str) -> str:
    """As the page calls it: by its property, its class, its table's heading."""
    found = node.attributes.get("itemprop") or _by_kind(node, kind_of_value)
    found = found or _heading(node) or _by_class(node)
    found = found or ("name" if kind(node) in _NAMING else "text")
    plain = re.sub(r"\W+", "_", found, flags=re.A).strip("_").lower()
    return plain if re.fullmatch("[a-z_][a-z0-9_]{0,39}", plain) else "value"


def _by_kind(node: LexborNode, kind_of_value: str) -> str:
    tag = kind(node)
    if tag == "img":
        return "image"
    if tag == "a" and kind_of_value == "url":
        return "link"
    if tag in _TITLES or (tag == "a" and node.parent and kind(node.parent) in _TITLES):
        return "title"
    return "date" if tag == "time" else ""


def _by_class(node: LexborNode) -> str:
    at: LexborNode | None = node
    for _ in range(3):
        if at is None:
            break
        known = [word for word in words(at) if not _is_value(word)]
        if known:
            return _VAGUE.sub("", known[0]) or known[0]
        at = at.parent
    return ""


def _heading(node: LexborNode) -> str:
    """Of the table's column that a cell is in."""
    cell: LexborNode | None = node
    while cell is not None and kind(cell) not in ("td", "tr"):
        cell = cell.parent
    if cell is None or kind(cell) != "td" or cell.parent is None:
        return ""
    column = int(place(cell).rpartition("(")[2][:-1]) - 1
    table: LexborNode | None = cell.parent
    while table is not None and kind(table) != "table":
        table = table.parent
    heads = _heads(table) if table is not None else []
    text = fold(heads[column].text()) if column < len(heads) else ""
    return text if len(text) <= 40 else ""


def _heads(table: LexborNode) -> list[LexborNode]:
    """Of its columns; a first row with cells beside its heading has none."""
    first = table.css_first("tr")
    if first is None or first.css_first("td") is not None:
        return []
    return first.css("th")


def _free_name(wanted: str, taken: dict[str, Any]) -> str:
    if wanted not in taken:
        return wanted
    return next(free for n in range(2, 1000) if (free := f"{wanted}_{n}") not in taken)
