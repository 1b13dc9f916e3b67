"""How an element is named in a selector: by its kind and the words of its class that mean it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from squids.crawlers.builder.page import Page, number_of


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


MOST_WORDS = 4
"""Words of a class that are considered."""
ABOVE = 6
"""How far above an element something may name it."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{1,40}")
# Made by a machine, anew with every build: css-1x2y3z, sc-bdVaJa, _3fK2p, ab12cd34.
_MADE = re.compile(r"(?:css|sc|jsx|emotion|svelte|styled)-.*|_.*\d.*|.*\d{3}.*|.*\d[A-Za-z]+\d.*")
# How it looks or where it stands, not what it is.
_LOOKS = re.compile(
    r"(?:col|row|grid|flex|span|offset|order|w|h|m|p|[mp][trblxyse]|text|font|bg|border|rounded"
    r"|shadow|d|display|float|pull|push|align|justify|items|gap|hidden|visible|clearfix|container"
    r"|wrapper|inline|block|js|no|is|has)(?:-.*)?"
)
_STATES = words_of(
    """
    active current selected first last odd even hover focus open closed disabled new sale in out on
    off even-row odd-row alt visited lazy loaded loading lazyload lazyloaded clear left right center
    top bottom small large big half full instock outofstock in-stock out-of-stock sold-out soldout
    """
)
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}")


def words(node: LexborNode) -> list[str]:
    """Those of its class that say what it is and will on other pages, in their order."""
    written = (node.attributes.get("class") or "").split()
    return [word for word in written if _means(word)][:MOST_WORDS]


def _means(word: str) -> bool:
    if not _WORD.fullmatch(word) or word.lower() in _STATES:
        return False
    return not _MADE.fullmatch(word) and not _LOOKS.fullmatch(word.lower())


def kind(node: LexborNode) -> str:
    return node.tag or "*"


def steps(node: LexborNode) -> Iterator[str]:
    """Names of the element by itself, the tellingest first; at the end its bare kind."""
    tag, known = kind(node), words(node)
    itemprop = node.attributes.get("itemprop") or ""
    if _WORD.fullmatch(itemprop):
        yield f'[itemprop="{itemprop}"]'
    yield from (f".{word}" for word in known)
    yield from (f"{tag}.{word}" for word in known)
    yield tag


def owner(node: LexborNode) -> str | None:
    """The one name for an element that holds others; by its id where that is a word."""
    own = node.attributes.get("id") or ""
    if _PLAIN_ID.fullmatch(own) and not _MADE.fullmatch(own):
        return f"#{own}"
    known = words(node)
    return f"{kind(node)}.{known[0]}" if known else None


def place(node: LexborNode) -> str:
    """Its kind and which one of its kind it is beside its siblings."""
    before, count = node.prev, 1
    while before is not None:
        count += before.tag == node.tag
        before = before.prev
    return f"{kind(node)}:nth-of-type({count})"


def ancestors(page: Page, node: LexborNode, top: LexborNode | None = None) -> Iterator[LexborNode]:
    """The elements it lies in, the nearest first, up to ``top``, which is not among them."""
    end = -1 if top is None else number_of(top)
    above = node.parent
    while above is not None and above.is_element_node:
        number = number_of(above)
        if number in (end, -1) or page.elements[number].tag in ("html", "body"):
            return
        yield above
        above = above.parent


def within(page: Page, node: LexborNode, top: LexborNode | None = None) -> Iterator[str]:
    """Selectors that may find the element under ``top``, the simplest first; whether they do must
    be looked up."""
    own = list(steps(node))
    yield from own
    nearby = [above for above, _ in zip(ancestors(page, node, top), range(ABOVE), strict=False)]
    if nearby:
        for step in steps(nearby[0]):
            yield from (f"{step} > {mine}" for mine in own)
    for above in nearby[1:]:
        for step in list(steps(above))[:-1]:
            yield from (f"{step} {mine}" for mine in own)
    yield from _by_place(node, nearby)


def _by_place(node: LexborNode, nearby: list[LexborNode]) -> Iterator[str]:
    """What stands as the second or third of its kind, by its number; at worst all the way down."""
    mine = place(node)
    yield mine
    path = mine
    for above in nearby:
        named = owner(above)
        yield f"{named or kind(above)} > {path}"
        path = f"{place(above)} > {path}"
        yield path
