"""Selectors as a recipe writes them: CSS or XPath, and what to take of the element found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Language = Literal["css", "xpath"]
Take = Literal["whole", "own", "attribute", "html", "link"]
Find = Callable[[Any], Sequence[Any]]
"""From a node to what a selector finds at or under it, in page order, each once."""
FirstText = Callable[[Any], str | None]
EveryText = Callable[[Any], list[str]]

_XPATH_STARTS = ("/", "./", "(")
_PSEUDO = re.compile(r"::(?:(text)|attr\(\s*([^\s()\"']+)\s*\))\s*$")
_LONGEST = 2000
LINKS = ("href", "src")
"""Where an element keeps its link, the first that it has."""


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
        """For rows. What an XPath gives may also be text.

        This and the two below raise SelectorError for a selector that cannot work; what they
        return raises it where that shows only on a page.
        """

    def first_text(self, selector: Selector) -> FirstText:
        """The text of the first thing found that has it (an attribute may be on a later one)."""

    def every_text(self, selector: Selector) -> EveryText:
        """The texts of all that is found; things without the attribute are passed over."""


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


def written_address(text: str) -> str | None:
    """A text that is a whole address itself; other text is no link, least of all a relative one."""
    return text if text.startswith(("http://", "https://", "//")) else None


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
