"""Between a page's elements and a recipe: what it matches, and what may match an element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborNode

from squids.crawlers import selectors
from squids.crawlers.builder.groups import inside
from squids.crawlers.builder.leaves import Leaf, is_own, leaf_of, name, type_of
from squids.crawlers.builder.onward import onward
from squids.crawlers.builder.page import Page, number_of, open_page
from squids.crawlers.builder.shapes import Marks, Point, Pointed
from squids.crawlers.builder.steps import ancestors, kind, owner, within, words
from squids.crawlers.interface import Response
from squids.crawlers.selectors import Selector, SelectorError, fold

MOST_ROWS, MOST_MARKS = 200, 2_000
"""Rows whose fields are marked, and marks in all."""
MOST_POINTS, TRIED = 4, 60
MOST_CHOICES = 6
SHORT = 120


def marks(response: Response, recipe: Mapping[str, Any], part: str = "fields") -> Marks:
    """Where a recipe's selectors stand on the page; those that cannot work mark nothing. ``part``
    is "fields", or "detail" for a page that a row leads to. Raises Unreadable."""
    page = open_page(response)
    if part == "detail":
        own = recipe.get("detail")
        return Marks([], _field_marks(page, [page.root], _specs(own)), [])
    rows = _find(page, recipe.get("rows"))
    nodes = [page.elements[n] for n in rows[:MOST_ROWS]] if recipe.get("rows") else [page.root]
    found = _field_marks(page, nodes, _specs(recipe))
    return Marks(rows[:MOST_MARKS], found, _find(page, recipe.get("next"))[:1])


def _specs(part: Any) -> Mapping[str, Any]:
    fields = part.get("fields") if isinstance(part, Mapping) else None
    return fields if isinstance(fields, Mapping) else {}


def _field_marks(
    page: Page, rows: Sequence[LexborNode], specs: Mapping[str, Any]
) -> dict[str, list[int]]:
    return {
        name: list(islice(_marked(page, rows, spec), MOST_ROWS)) for name, spec in specs.items()
    }


def _marked(page: Page, rows: Sequence[LexborNode], spec: Any) -> Iterator[int]:
    many = isinstance(spec, Mapping) and spec.get("many") is True
    for row in rows:
        found = _find(page, spec.get("select") if isinstance(spec, Mapping) else spec, row)
        yield from found if many else found[:1]


def _find(page: Page, source: Any, within: LexborNode | None = None) -> list[int]:
    selector = _read(source)
    if selector is None:
        return []
    try:
        return page.find(selector, within)
    except SelectorError:
        return []


def _read(source: Any) -> Selector | None:
    try:
        return replace(selectors.read(source), take="whole") if isinstance(source, str) else None
    except SelectorError:
        return None


# --- pointing -------------------------------------------------------------------------------------


def point(response: Response, rows: str, number: int) -> Pointed:
    """What a recipe may say of an element: take its texts as fields of the row it lies in (of the
    page where it lies in none), make rows of such elements, or follow it. Raises Unreadable."""
    page = open_page(response)
    if not 0 <= number < len(page.elements):
        return Pointed("", [], [], [])
    node = page.elements[number]
    found = _find(page, rows) if rows else []
    held = inside(found, page, number)
    items = [page.elements[n] for n in found[:MOST_ROWS]] if held is not None else [page.root]
    row = page.elements[held] if held is not None else page.root
    return Pointed(
        tag=kind(node),
        fields=list(islice(_points(page, node, row, items), MOST_POINTS)),
        rows=list(islice(_choices(page, node), MOST_CHOICES)),
        next=_followed(page, node),
    )


def _points(
    page: Page, node: LexborNode, row: LexborNode, items: Sequence[LexborNode]
) -> Iterator[Point]:
    for leaf in _leaves(page, node, row):
        select = _selector(leaf, page, row, items)
        if select is not None:
            take = f"::attr({leaf.take})" if leaf.take else ""
            text = leaf.text if len(leaf.text) <= SHORT else f"{leaf.text[: SHORT - 1]}…"
            chosen = type_of(leaf.take, [leaf.text])
            count = sum(item.css_first(select) is not None for item in items) if select else 1
            source = f"{select}{take}" or "::text"
            yield Point(name(leaf.node, chosen), source, chosen, text, count, len(items))


def _leaves(page: Page, node: LexborNode, row: LexborNode) -> Iterator[Leaf]:
    """Of the element, or all its text where it has none of its own; of the link around it too."""
    own = list(leaf_of(node))
    yield from own
    if not any(not leaf.take for leaf in own) and (text := fold(node.text())):
        yield Leaf(node, "", text)
    for above in ancestors(page, node, row):
        if kind(above) == "a":
            yield from (leaf for leaf in leaf_of(above) if leaf.take == "href")
            return


def _selector(leaf: Leaf, page: Page, row: LexborNode, items: Sequence[LexborNode]) -> str | None:
    """The simplest that finds it first in its row, of these the one that most rows have."""
    node = leaf.node
    if number_of(node) == number_of(row):
        return "" if is_own(leaf) else None
    best: tuple[int, str] | None = None
    for selector in islice(dict.fromkeys(within(page, node, row)), TRIED):
        first = row.css_first(selector)
        if first is None or number_of(first) != number_of(node):
            continue
        there = sum(item.css_first(selector) is not None for item in items[:30])
        if best is None or there > best[0]:
            best = (there, selector)
        if there == min(len(items), 30):
            break
    return best[1] if best else None


def _choices(page: Page, node: LexborNode) -> Iterator[tuple[str, int]]:
    """Selectors of what the element is or lies in, where the page has several of it; where the
    same number of things lie in each other, of the outermost."""
    found: dict[int, str] = {}
    for at in (node, *ancestors(page, node)):
        counts = ((selector, len(page.root.css(selector))) for selector in _alike(at))
        for selector, count in list(counts)[:1]:
            if count > 1:
                found.pop(count, None)
                found[count] = selector
    yield from ((selector, count) for count, selector in found.items())


def _alike(node: LexborNode) -> Iterator[str]:
    yield from (f"{kind(node)}.{word}" for word in words(node))
    above = node.parent
    if above is None or not above.is_element_node:
        return
    if kind(above) == "tbody" and above.parent is not None:
        yield f"{owner(above.parent) or 'table'} > tbody > {kind(node)}"
    elif named := owner(above):
        yield f"{named} > {kind(node)}"


def _followed(page: Page, node: LexborNode) -> list[str]:
    """Selectors of the way on that find the element or the link around it."""
    numbers = {number_of(node), *(number_of(above) for above in ancestors(page, node))}
    return [
        selector
        for selector, _ in islice(onward(page), MOST_CHOICES)
        if (found := _find(page, selector)) and found[0] in numbers
    ]
