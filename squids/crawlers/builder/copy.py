"""A copy of a page to look at: it shows what the page says, and can do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

import nh3
from selectolax.lexbor import LexborNode

from squids.crawlers.builder.page import NUMBER, Page, open_page
from squids.crawlers.builder.steps import words_of
from squids.crawlers.interface import Response
from squids.crawlers.values import absolute

MOST_SHEETS = 6
MOST_STYLES = 2 * 1024 * 1024
"""Characters of style sheets in a copy."""

_TAGS = words_of(
    """
    a abbr address article aside b bdi bdo blockquote br button caption center cite code col
    colgroup data dd del details dfn div dl dt em fieldset figcaption figure font footer form h1 h2
    h3 h4 h5 h6 header hgroup hr i img input ins kbd label legend li main mark menu meter nav ol
    option optgroup output p picture pre progress q rp rt ruby s samp section select small span
    strike strong sub summary sup table tbody td textarea tfoot th thead time tr tt u ul var wbr
    """
)
# Left out with all that is in them.
_GONE = words_of(
    """
    script style template iframe frame frameset noembed noframes object embed applet svg math audio
    video canvas title portal fencedframe
    """
)
_ATTRIBUTES = {
    "*": {NUMBER, "class", "id", "title", "lang", "dir", "style", "role"},
    "img": {"alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "col": {"span"},
    "ol": {"start", "reversed", "type"},
    "details": {"open"},
    "input": {"type", "value", "placeholder", "checked"},
    "progress": {"value", "max"},
    "meter": {"value", "min", "max"},
}
# Of a style sheet: what loads, and what could end the element it stands in.
_IMPORT = re.compile(r"@import\b[^;]*(?:;|$)", re.I)
_LOADS = re.compile(
    r"(?:url|image|image-set|-webkit-image-set|src)\s*\((?:[^()\"']|\"[^\"]*\"|'[^']*')*\)?", re.I
)
_TAG = re.compile(r"<(?=[/!?a-zA-Z<])")
# Its content is shown where no script runs, and a recipe sees it.
_NO_SCRIPT = re.compile(r"<(/?)noscript\b", re.I)


def sheets(response: Response) -> list[str]:
    """Addresses of the page's style sheets, as they stand. Raises Unreadable."""
    page = open_page(response)
    found = (absolute(href, page.base) for href in _sheet_links(page.root))
    return list(dict.fromkeys(address for address in found if address))[:MOST_SHEETS]


def _sheet_links(root: LexborNode) -> Iterator[str]:
    for link in root.css("link[rel~=stylesheet i][href]"):
        if (link.attributes.get("media") or "").strip().lower() not in ("print", "speech"):
            yield link.attributes["href"] or ""


@dataclass(frozen=True, slots=True)
class Copy:
    """HTML of a body, and the text of its style sheets: safe to stand in a document as they are."""

    body: str
    style: str


def copy(response: Response, styles: Mapping[str, str]) -> Copy:
    """Without scripts, frames and addresses, each element with its number. ``styles`` are the
    texts of its sheets by address. Raises Unreadable."""
    page = open_page(response)
    return Copy(_clean(page), _style(page, styles))


def _clean(page: Page) -> str:
    """The body's own class and id go with it, since styles speak of them."""
    inside = nh3.clean(
        _NO_SCRIPT.sub(r"<\1div", page.html),
        tags=set(_TAGS),
        clean_content_tags=set(_GONE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_shown,
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )
    body = page.root.css_first("body")
    named = body.attributes if body is not None else {}
    kept = {name: value for name in ("class", "id", "dir") if (value := named.get(name))}
    shown = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
    return f"<body{shown}>{inside}</body>"


def _shown(tag: str, name: str, value: str) -> str:
    return _quiet(value) if name == "style" else value


def _style(page: Page, styles: Mapping[str, str]) -> str:
    own = (node.text() for node in page.root.css("style"))
    text = "\n".join([*styles.values(), *own])[:MOST_STYLES]
    return _TAG.sub(r"\\3c ", _quiet(text))


def _quiet(style: str) -> str:
    """Without what would be loaded. A copy is served so that nothing can be; this is the second
    lock, and needs not know every way to write an address."""
    return _LOADS.sub("none", _IMPORT.sub("", style))
