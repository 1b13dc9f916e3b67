"""The links on a page, and addresses in the one form that tells whether two are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import SplitResult, urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from squids.crawlers.html_page import html_text
from squids.crawlers.interface import BadPage, Response
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.selectors import fold
from squids.crawlers.values import absolute

LONGEST_URL = 4_096
LONGEST_TEXT = 300
NODES_READ = 100
MOST_LINKS = 10_000
"""Of one page."""
_SELECTOR = (
    "a[href], area[href], link[href], img[src], script[src], iframe[src], frame[src], embed[src],"
    " source[src], track[src], video[src], audio[src], object[data]"
)
LEADING = frozenset({"a", "area", "iframe", "frame"})
"""Elements whose link may be a page to read on."""
_ONLY_HINTS = {"preconnect", "dns-prefetch"}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Link:
    """``url`` is None where ``written`` is no address that anybody could ask for."""

    url: str | None
    written: str
    tag: str
    text: str | None


def links_of(response: Response) -> list[Link]:
    """Each address once, in page order, one past the most that are taken; what is not for the web
    (``mailto:``) left out. Raises BadPage."""
    text = html_text(response).replace("\0", "")
    try:
        root = Lexbor().parse(text)
    except ValueError as error:
        raise BadPage(f"The page cannot be read as HTML: {error}.", response.url) from error
    based = root.css_first("base[href]")
    href = based.attributes.get("href") if based is not None else None
    base = absolute(href, response.url) if href else None
    found: dict[str, Link] = {}
    for link in _links(root, base or response.url):
        found.setdefault(link.url or link.written, link)
        if len(found) > MOST_LINKS:
            break
    return list(found.values())


def _links(root: LexborNode, base: str) -> Iterator[Link]:
    for node in root.css(_SELECTOR):
        attributes, tag = node.attributes, node.tag or ""
        written = (attributes.get("href") or attributes.get("src") or attributes.get("data")) or ""
        written = "".join(re.split(r"[\t\r\n]", written)).strip()
        if not written or written.startswith("#") or _is_for_others(written):
            continue
        if _ONLY_HINTS & set((attributes.get("rel") or "").lower().split()):
            continue
        url = absolute(written, base) if len(written) <= LONGEST_URL else None
        yield Link(url and normal(url), written[:LONGEST_URL], tag, text_of(node))


def _is_for_others(written: str) -> bool:
    """Of another scheme: mail, a telephone, a script."""
    scheme = _SCHEME.match(written)
    return scheme is not None and scheme[1].lower() not in _PORTS


def text_of(node: LexborNode) -> str | None:
    """What a link says; of a picture, what stands in its place."""
    attributes = node.attributes
    said = _said(node) if node.tag == "a" else ""
    text = said or fold(attributes.get("alt") or attributes.get("title") or "")
    return text[:LONGEST_TEXT] or None


def _said(node: LexborNode) -> str:
    """The beginning of its text: links can be inside one another, and all hold the same."""
    inside = islice(node.traverse(include_text=True), NODES_READ)
    texts = [(n.text_content or "")[: 2 * LONGEST_TEXT] for n in inside if n.is_text_node]
    return fold("".join(texts))


def normal(url: str) -> str:
    """Without fragment, host in lower case, without the scheme's own port, the root as ``/``."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    netloc = f"{user}{at}{host_of(parts)}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", parts.query, ""))


def host_of(parts: SplitResult) -> str:
    """Host, with its port where it is not the scheme's own."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, _PORTS.get(parts.scheme.lower()))
    return host if usual else f"{host}:{parts.port}"


def site_of(url: str) -> str:
    """What makes two addresses belong to one site: their host, with or without ``www.``."""
    return host_of(urlsplit(url)).removeprefix("www.")
