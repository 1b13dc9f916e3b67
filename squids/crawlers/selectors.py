"""Selectors as a recipe writes them: CSS or XPath, and what to take of the element found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Language = Literal["css", "xpath"]
Take = Literal["whole", "own", "attribute", "html", "link"]
Find = Callable[[Any], Sequence[Any]]
TakeText = Callable[[Any], str | None]

_XPATH_STARTS = ("/", "./", "(")
_PSEUDO = re.compile(r"::(?:(text)|attr\(\s*([^\s()\"']+)\s*\))\s*$")
_LONGEST = 2000


class SelectorError(ValueError):
    """A selector that cannot work; the message says why, and names it."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"The selector “{_short(source)}” cannot work: {why}")


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector, taken apart. An empty ``path`` stands for the row (or the page) itself."""

    source: str
    language: Language
    path: str
    take: Take = "whole"
    attribute: str = ""


class Engine(Protocol):
    """A parser of HTML with its search. Nodes are the parser's own and opaque to callers."""

    def parse(self, text: str) -> Any:
        """The root node of a page. Raises ValueError for a page that cannot be parsed."""

    def finder(self, selector: Selector) -> Find:
        """All that a selector finds at or under a node, in page order, each once.

        What an XPath gives may also be text. Raises SelectorError for one that cannot work, here
        or, where it shows only then, when it is used.
        """

    def first_finder(self, selector: Selector) -> Find:
        """As ``finder``; only the first found need be in the list."""

    def taker(self, take: Take, attribute: str) -> TakeText:
        """The text to take of a thing found; None where it has no such attribute."""


def read(source: str) -> Selector:
    """Raises SelectorError for what can be seen without compiling it."""
    text = source.strip()
    _check_text(text)
    if text.startswith(_XPATH_STARTS):
        return Selector(text, "xpath", text)
    match = _PSEUDO.search(text)
    path = text[: match.start()].rstrip() if match else text
    if "::" in _without_strings(path):
        raise SelectorError(text, "“::text” or “::attr(name)” may stand once, at the very end.")
    if match is None:
        return Selector(text, "css", path)
    if match[1]:
        return Selector(text, "css", path, "own")
    return Selector(text, "css", path, "attribute", match[2].lower())


def fold(text: str) -> str:
    """White space, no-break spaces too, folded to single spaces, none at the ends."""
    return " ".join(text.split())


def _check_text(text: str) -> None:
    if not text:
        raise SelectorError(text, "it is empty.")
    if len(text) > _LONGEST:
        raise SelectorError(text, f"it is longer than {_LONGEST:,} characters.")
    if not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        raise SelectorError(text, "it has a character that cannot be printed.")


def _without_strings(path: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", path)


def _short(source: str) -> str:
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in source)
    return text if len(text) <= 120 else text[:119] + "…"
