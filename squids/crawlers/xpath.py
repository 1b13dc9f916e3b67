"""XPath, and CSS beside it, on lxml: compiled once, no entities, no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from cssselect import HTMLTranslator
from cssselect import SelectorError as CssError
from lxml import etree

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

_SAMPLE = b"<html><body><p class='a'>sample</p></body></html>"
_ARGUMENTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("last", "position", "true", "false", "node", "text", "comment"), (0, 0)),
    **dict.fromkeys(("local-name", "namespace-uri", "name", "string", "string-length"), (0, 1)),
    **dict.fromkeys(("normalize-space", "number", "processing-instruction"), (0, 1)),
    **dict.fromkeys(("count", "id", "boolean", "not", "lang", "sum"), (1, 1)),
    **dict.fromkeys(("floor", "ceiling", "round"), (1, 1)),
    **dict.fromkeys(("starts-with", "contains", "substring-before", "substring-after"), (2, 2)),
    "substring": (2, 3),
    "translate": (3, 3),
    "concat": (2, 1000),
}
"""XPath 1.0's functions and node tests: how many arguments they take, at least and at most."""
_OPERATORS = {"and", "or", "div", "mod"}
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_CALL = re.compile(r"([\w-]+)\s*\(")
_NAMESPACE_AXIS = re.compile(r"\bnamespace\s*::")
_PREFIX = re.compile(r"([\w-]+):(?!:)[\w*]")
_VARIABLE = re.compile(r"\$\s*[\w-]+")


class Lxml:
    """An `Engine` for recipes with an XPath in them. No state, any number of pages."""

    def parse(self, text: str) -> Any:
        root = etree.HTML(text.encode("utf-8", "replace"), parser=_parser())
        if root is None:
            raise ValueError("no element in it")
        return root

    def finder(self, selector: Selector) -> Find:
        if not selector.path:
            return lambda node: (node,)
        return _Search(selector, _compiled(selector))

    def first_text(self, selector: Selector) -> FirstText:
        find, text_of = self.finder(selector), _taker(selector)

        def first(node: Any) -> str | None:
            for found in find(node):
                text = text_of(found)
                if text is not None:
                    return text
            return None

        return first

    def every_text(self, selector: Selector) -> EveryText:
        find, text_of = self.finder(selector), _taker(selector)

        def every(node: Any) -> list[str]:
            return [text for found in find(node) if (text := text_of(found)) is not None]

        return every


class _Search:
    """A compiled selector that answers with a list, whatever the XPath gives."""

    def __init__(self, selector: Selector, compiled: Callable[[Any], Any]) -> None:
        self.selector = selector
        self.compiled = compiled

    def __call__(self, node: Any) -> Sequence[Any]:
        try:
            found = self.compiled(node)
        except etree.XPathError as error:
            raise SelectorError(self.selector.source, f"{error}.") from None
        return found if isinstance(found, list) else _single(found)


def _single(found: Any) -> list[str]:
    """A text, number or truth value that an XPath computed, as text; not-a-number is nothing."""
    if isinstance(found, bool):
        return ["true" if found else "false"]
    if isinstance(found, float):
        return [] if found != found else [f"{found:.15g}"]
    return [found]


def _compiled(selector: Selector) -> Callable[[Any], Any]:
    try:
        path = _path(selector)
        compiled = etree.XPath(path, smart_strings=False, regexp=False)
        compiled(etree.HTML(_SAMPLE, parser=_parser()))
    except CssError as error:
        raise SelectorError(selector.source, f"this is no CSS ({error}).") from None
    except SelectorError:
        raise
    except (etree.XPathError, ValueError) as error:
        raise SelectorError(selector.source, f"this is no XPath ({error}).") from None
    return compiled  # type: ignore[no-any-return]


def _path(selector: Selector) -> str:
    if selector.language == "css":
        return str(HTMLTranslator().css_to_xpath(selector.path, prefix="descendant-or-self::"))
    _check_names(selector)
    return selector.path


def _check_names(selector: Selector) -> None:
    """What libxml2 would only find out on a page that has something to call it on."""
    bare = _LITERAL.sub("''", selector.path)
    for call in _CALL.finditer(bare):
        if call[1] not in _OPERATORS:
            _check_call(selector, call[1], _argument_count(bare[call.end() :]))
    if match := _VARIABLE.search(bare):
        raise SelectorError(selector.source, f"there is no variable “{match[0]}” to use.")
    if _NAMESPACE_AXIS.search(bare):
        raise SelectorError(selector.source, "there are no namespaces on HTML pages.")
    if match := _PREFIX.search(bare):
        raise SelectorError(selector.source, f"there is no namespace “{match[1]}” on HTML pages.")


def _check_call(selector: Selector, name: str, given: int) -> None:
    if name not in _ARGUMENTS:
        raise SelectorError(selector.source, f"XPath 1.0 has no function “{name}”.")
    least, most = _ARGUMENTS[name]
    if not least <= given <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        why = f"“{name}” takes {wanted} arguments, and here it has {given}."
        raise SelectorError(selector.source, why)


def _argument_count(rest: str) -> int:
    """How many arguments stand in ``rest`` up to the bracket that closes the call."""
    depth, commas = 0, 0
    for index, char in enumerate(rest):
        depth += (char in "([") - (char in ")]")
        commas += char == "," and depth == 0
        if depth < 0:
            return commas + 1 if rest[:index].strip() else 0
    return commas + 1


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )


def _whole(element: Any) -> str:
    return fold("".join(element.itertext()))


def _own(element: Any) -> str:
    texts = [element.text, *(child.tail for child in element)]
    return fold("".join(text for text in texts if text))


def _html(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _link(element: Any) -> str | None:
    link = next((value for name in LINKS if (value := element.get(name))), None)
    return link or written_address(_whole(element))


def _taker(selector: Selector) -> Callable[[Any], str | None]:
    if selector.take == "attribute":
        return lambda element: _attribute(element, selector.attribute)
    take = _TAKES[selector.take]
    return lambda found: fold(found) if isinstance(found, str) else take(found)


def _attribute(element: Any, name: str) -> str | None:
    value = element.get(name)
    return None if value is None else str(value).strip()


_TAKES: dict[str, Callable[[Any], str | None]] = {
    "whole": _whole,
    "own": _own,
    "html": _html,
    "link": _link,
}
