"""HTML inside feeds: as plain text, or with nothing left in it but harmless markup."""

from __future__ import annotations

import re
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from squids.crawlers.nesting import check_nesting
from squids.crawlers.selectors import fold
from squids.crawlers.values import absolute

_MARKUP = re.compile(r"<[a-z!/]|&(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[0-9a-f]{1,6});", re.I)
_HARMLESS = (
    "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em"
    " figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp"
    " section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u"
    " ul var wbr audio video source picture"
)
_KEPT = frozenset(_HARMLESS.split())
_VOID = frozenset({"br", "col", "hr", "img", "source", "wbr"})
_UNSEEN = (
    "script style noscript template iframe object embed applet form input button select textarea"
    " svg math head title base link meta frame frameset noframes noembed plaintext xmp"
)
_SILENT = frozenset(_UNSEEN.split())
_STRIPPED = sorted(_SILENT)
_ADDRESSES = frozenset({"href", "src", "cite", "poster"})
_PLAIN = "alt title width height colspan rowspan datetime lang dir start type controls"
_ATTRIBUTES = _ADDRESSES | frozenset(_PLAIN.split())


def plain(text: str | None) -> str | None:
    """The text without markup, white space folded; what only looks like text stays as it is."""
    if not text:
        return None
    if not _MARKUP.search(text):
        return fold(text) or None
    body = _body(text)
    if body is None:
        return None
    body.strip_tags(_STRIPPED, recursive=True)
    return fold(body.text(separator=" ")) or None


def clean(markup: str | None, base: str) -> str | None:
    """Written anew from its elements: text, and of tags and attributes those that can do no harm,
    with whole addresses. None where nothing is left."""
    body = _body(markup) if markup else None
    if body is None:
        return None
    out: list[str] = []
    opened: list[tuple[LexborNode, str]] = []
    node = body.first_child
    while node is not None or opened:
        if node is None:
            element, end = opened.pop()
            out.append(end)
            node = element.next
        elif node.is_text_node:
            out.append(escape(node.text_content or "", quote=False))
            node = node.next
        else:
            node = _enter(node, base, out, opened)
    return "".join(out).strip() or None


def _enter(
    node: LexborNode, base: str, out: list[str], opened: list[tuple[LexborNode, str]]
) -> LexborNode | None:
    """Write an element's beginning; answers the node that comes next."""
    tag = node.tag or ""
    if not node.is_element_node or tag in _SILENT:
        return node.next
    kept = tag in _KEPT
    if kept:
        out.append(f"<{tag}{_attributes(node, base)}>")
    if tag in _VOID:
        return node.next
    opened.append((node, f"</{tag}>" if kept else " "))
    return node.first_child


def _attributes(node: LexborNode, base: str) -> str:
    parts = []
    for name, value in node.attributes.items():
        if name in _ADDRESSES:
            value = absolute(value, base) if value else None
        if name in _ATTRIBUTES and value is not None:
            parts.append(f' {name}="{escape(value)}"')
    return "".join(parts)


def _body(markup: str) -> LexborNode | None:
    """None where it is nested so deep that nobody could read it."""
    text = markup.replace("\0", "")
    try:
        check_nesting(text)
        return LexborHTMLParser(text).body
    except (SelectolaxError, ValueError):
        return None
