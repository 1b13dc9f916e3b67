"""Blocks that repeat on a page: the elements that may be rows."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import mean, median

from squids.crawlers.builder.page import Page, number_of
from squids.crawlers.builder.steps import kind, owner, words, words_of
from squids.crawlers.selectors import fold

LOOKED_AT = 20_000
"""Elements that are looked at, from the top."""
FEWEST = 3
SAMPLED = 30
ENOUGH = 12
"""Things to read in an item, above which more make it no better."""
_NEVER = words_of(
    """
    html head body script style link meta title noscript template option optgroup br hr thead tbody
    tfoot colgroup col caption svg path g use circle rect
    """
)
_ASIDE = frozenset(["nav", "header", "footer", "aside", "menu"])
_ASIDE_WORD = re.compile(
    r"(?:^|[-_])(?:nav|navbar|navigation|menu|footer|header|sidebar|breadcrumbs?|pagination|pager"
    r"|social|share|cookie|related|widget)(?:$|[-_s])",
    re.I,
)
_VALUE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:€|kr|zł|USD|EUR)|\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that a selector finds on the page, none inside another; by their numbers."""

    selector: str
    numbers: tuple[int, ...]
    score: float
    depth: int


class Outline:
    """The page's elements with what lies in them, so that any stretch of it is weighed at once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.nodes = page.elements[:LOOKED_AT]
        self.parents = [_parent(page, number) for number in range(len(self.nodes))]
        self.ends = self._ends()
        self.sums = self._sums()

    def _ends(self) -> list[int]:
        """Behind each element's last descendant."""
        ends = [number + 1 for number in range(len(self.nodes))]
        for number in range(len(self.nodes) - 1, 0, -1):
            parent = self.parents[number]
            if parent >= 0:
                ends[parent] = max(ends[parent], ends[number])
        return ends

    def _sums(self) -> list[int]:
        sums = [0]
        for node in self.nodes:
            told = fold(node.text(deep=False)) if kind(node) not in _NEVER else ""
            weight = bool(told) + bool(_VALUE.search(told))
            weight += kind(node) == "img" or (kind(node) == "a" and "href" in node.attributes)
            sums.append(sums[-1] + weight)
        return sums

    def weight(self, number: int) -> int:
        """How many things to read are in the element."""
        return self.sums[self.ends[number]] - self.sums[number]

    def depth(self, number: int) -> int:
        depth = 0
        while (number := self.parents[number]) >= 0:
            depth += 1
        return depth

    @cached_property
    def aside(self) -> list[bool]:
        """Whether an element lies in the page's frame: menus, header, footer."""
        found: list[bool] = []
        for number, node in enumerate(self.nodes):
            parent = self.parents[number]
            found.append((parent >= 0 and found[parent]) or _is_aside(node.attributes, kind(node)))
        return found


def _parent(page: Page, number: int) -> int:
    above = page.elements[number].parent
    return number_of(above) if above is not None and above.is_element_node else -1


def _is_aside(attributes: dict[str, str | None], tag: str) -> bool:
    if tag in _ASIDE or attributes.get("role") == "navigation":
        return True
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return tag not in ("html", "body", "main") and bool(_ASIDE_WORD.search(named.replace(" ", "-")))


def groups(page: Page, most: int) -> list[Group]:
    """Best first. Of groups that have each other's items, the best alone."""
    outline = Outline(page)
    found = sorted(_groups(outline), key=lambda group: (-group.score, -group.depth))
    kept: list[Group] = []
    for group in found:
        if not any(_are_one(outline, group, other) for other in kept):
            kept.append(group)
        if len(kept) == most:
            break
    return kept


def _groups(outline: Outline) -> Iterator[Group]:
    for selector, numbers in _candidates(outline).items():
        if len(numbers) >= FEWEST and _are_apart(outline, numbers):
            score = _score(outline, numbers)
            if score:
                yield Group(selector, tuple(numbers), score, outline.depth(numbers[0]))


def _candidates(outline: Outline) -> dict[str, list[int]]:
    """Elements by a selector which finds them and no other."""
    found: dict[str, list[int]] = defaultdict(list)
    owners: dict[int, str | None] = {}
    for number, node in enumerate(outline.nodes):
        tag, parent = kind(node), outline.parents[number]
        if tag in _NEVER or parent < 0:
            continue
        for word in words(node):
            found[f"{tag}.{word}"].append(number)
        if parent not in owners:
            owners[parent] = _named_parent(outline, parent)
        if owners[parent]:
            found[f"{owners[parent]} > {tag}"].append(number)
    return found


def _named_parent(outline: Outline, number: int) -> str | None:
    """A table's body and a list without a name are called by what they are in."""
    node, above = outline.nodes[number], outline.parents[number]
    named = owner(node)
    if named or kind(node) not in ("tbody", "ul", "ol", "dl"):
        return named
    around = owner(outline.nodes[above]) if above >= 0 else None
    if kind(node) == "tbody":
        around = around or "table"
    return f"{around} > {kind(node)}" if around else kind(node)


def _are_apart(outline: Outline, numbers: list[int]) -> bool:
    return all(outline.ends[one] <= other for one, other in pairwise(numbers))


def _score(outline: Outline, numbers: list[int]) -> float:
    """By how much an item says, how many there are, and their share of the page."""
    sampled = numbers[:: max(1, len(numbers) // SAMPLED)]
    says = median(outline.weight(number) for number in sampled)
    if says < 1:
        return 0
    total = outline.sums[-1] or 1
    share = sum(outline.weight(number) for number in numbers) / total
    score = min(says, ENOUGH) ** 0.8 * math.log2(1 + len(numbers)) * (0.5 + share)
    aside = sum(outline.aside[number] for number in sampled) * 2 > len(sampled)
    return float(score * _likeness(outline, sampled) * (0.2 if aside else 1))


def _likeness(outline: Outline, numbers: list[int]) -> float:
    """From 0.2 to 1: how much of what they are and hold, one level deep, they have in common."""
    labels = [_labels(outline, number) for number in numbers]
    counts = Counter(label for own in labels for label in own)
    common = {label for label, count in counts.items() if count * 2 > len(numbers)}
    shares = (len(own & common) / len(own | common) for own in labels if own | common)
    return 0.2 + 0.8 * mean(list(shares) or [1.0])


def _labels(outline: Outline, number: int) -> set[str]:
    """The words of its class, and its children by kind and first word."""
    node = outline.nodes[number]
    children = (child for child in node.iter() if child.is_element_node)
    held = {f"{kind(child)}.{next(iter(words(child)), '')}" for child in children}
    return held | {f".{word}" for word in words(node)}


def _are_one(outline: Outline, group: Group, other: Group) -> bool:
    """Whether their items lie in each other one to one, or one's items are the other's too."""
    if group.numbers == other.numbers or set(group.numbers) <= set(other.numbers):
        return True
    if len(group.numbers) != len(other.numbers):
        return False
    return all(_overlap(outline, a, b) for a, b in zip(group.numbers, other.numbers, strict=True))


def _overlap(outline: Outline, one: int, other: int) -> bool:
    return one <= other < outline.ends[one] or other <= one < outline.ends[other]


def inside(numbers: Iterable[int], page: Page, number: int) -> int | None:
    """Which of them holds the element, or is it."""
    wanted, at = set(numbers), number
    while at >= 0:
        if at in wanted:
            return at
        at = _parent(page, at)
    return None
