"""CSS on selectolax's Lexbor: parsed as browsers do, and fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cssselect import SelectorSyntaxError
from cssselect import parse as cssselect_parse
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from squids.crawlers.nesting import check_nesting
from squids.crawlers.selectors import (
    LINKS,
    EveryText,
    Find,
    FirstText,
    Selector,
    SelectorError,
    fold,
    written_address,
)

_SAMPLE = "<p>sample</p>"


class Lexbor:
    """An `Engine` for recipes whose selectors are all CSS. No state, any number of pages."""

    def parse(self, text: str) -> LexborNode:
        check_nesting(text)
        try:
            root = LexborHTMLParser(text).root
        except SelectolaxError as error:
            raise ValueError(str(error)) from error
        if root is None:
            raise ValueError("no element in it")
        return root

    def finder(self, selector: Selector) -> Find:
        path = _checked(selector)
        if not path:
            return lambda node: (node,)
        if "," in path:  # an element that two parts of the list match comes twice
            return lambda node: _each_once(node.css(path))
        return lambda node: node.css(path)

    def first_text(self, selector: Selector) -> FirstText:
        path, text_of, every = _checked(selector), _taker(selector), self.every_text(selector)
        if not path:
            return text_of

        def first(node: LexborNode) -> str | None:
            found = node.css_first(path)
            if found is None:
                return None
            text = text_of(found)
            return next(iter(every(node)), None) if text is None else text

        return first

    def every_text(self, selector: Selector) -> EveryText:
        find, text_of = self.finder(selector), _taker(selector)

        def every(node: LexborNode) -> list[str]:
            return [text for found in find(node) if (text := text_of(found)) is not None]

        return every


def _checked(selector: Selector) -> str:
    if selector.path:
        try:
            LexborHTMLParser(_SAMPLE).css(selector.path)
        except SelectolaxError:
            raise SelectorError(selector.source, _why(selector.path)) from None
    return selector.path


def _why(path: str) -> str:
    """Lexbor does not say; cssselect says where the grammar was left, where it was."""
    try:
        cssselect_parse(path)
    except SelectorSyntaxError as error:
        return f"this is no CSS ({error})."
    return "it uses something that is not part of CSS; XPath may say it."


def _each_once(nodes: list[Any]) -> list[Any]:
    return list({node.mem_id: node for node in nodes}.values())


def _whole(node: LexborNode) -> str:
    return fold(node.text())


def _own(node: LexborNode) -> str:
    return fold(node.text(deep=False))


def _html(node: LexborNode) -> str:
    return node.html or ""


def _link(node: LexborNode) -> str | None:
    attributes = node.attributes
    link = next((value for name in LINKS if (value := attributes.get(name))), None)
    return link or written_address(_whole(node))


def _taker(selector: Selector) -> Callable[[LexborNode], str | None]:
    if selector.take != "attribute":
        return _TAKES[selector.take]
    name = selector.attribute

    def attribute(node: LexborNode) -> str | None:
        attributes = node.attributes
        if name not in attributes:
            return None
        return (attributes[name] or "").strip()

    return attribute


_TAKES: dict[str, Callable[[LexborNode], str | None]] = {
    "whole": _whole,
    "own": _own,
    "html": _html,
    "link": _link,
}
