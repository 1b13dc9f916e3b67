"""CSS on selectolax's Lexbor: parsed as browsers do, and fast."""

from __future__ import annotations

from typing import Any

from cssselect import SelectorSyntaxError
from cssselect import parse as cssselect_parse
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from squids.crawlers.selectors import Find, Selector, SelectorError, Take, TakeText, fold

_SAMPLE = "<p>sample</p>"
_LINKS = ("href", "src")


class Lexbor:
    """An `Engine` for recipes whose selectors are all CSS. No state, any number of pages."""

    def parse(self, text: str) -> LexborNode:
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

    def first_finder(self, selector: Selector) -> Find:
        """The first alone would do for texts, but an attribute may be on a later one."""
        path = _checked(selector)
        if not path or selector.take == "attribute":
            return self.finder(selector)
        return lambda node: () if (found := node.css_first(path)) is None else (found,)

    def taker(self, take: Take, attribute: str) -> TakeText:
        if take == "attribute":
            return lambda node: _attribute(node, attribute)
        return {"whole": _whole, "own": _own, "html": _html, "link": _link}[take]


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


def _attribute(node: LexborNode, name: str) -> str | None:
    attributes = node.attributes
    if name not in attributes:
        return None
    return (attributes[name] or "").strip()


def _link(node: LexborNode) -> str:
    attributes = node.attributes
    return next((value for name in _LINKS if (value := attributes.get(name))), None) or _whole(node)
