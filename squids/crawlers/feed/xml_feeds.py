"""RSS 0.90 to 2.0 and Atom 0.3 and 1.0, read by the names of their elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from squids.crawlers.feed import markup
from squids.crawlers.feed.dates import utc
from squids.crawlers.feed.entries import Feed, enclosure_of, row_of
from squids.crawlers.interface import BadPage, Row
from squids.crawlers.values import absolute
from squids.crawlers.xml_bytes import name_of, text_of, tree

ROOTS = ("rss", "rdf", "feed")
MAX_TAGS = 500_000
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_MEDIA = "http://search.yahoo.com/mrss/"
_PREFIX = re.compile(r"<(/?)[\w.-]+:(?=\w)")
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
Parts = dict[str, list[etree._Element]]
"""An element's children by their names."""
_PERSON = re.compile(r"\S+@\S+\s+\((.+)\)")


def read(data: bytes, url: str) -> Feed:
    """``data`` is UTF-8. Raises BadPage for what cannot be read as XML at all."""
    if data.count(b"<") > MAX_TAGS:
        raise BadPage(f"The feed has more than {MAX_TAGS:,} tags.", url)
    root, broken = tree(data)
    if root is None:
        raise BadPage(f"The feed cannot be read: {broken}.", url)
    channel = next((child for child in root if name_of(child) == "channel"), root)
    title = _text(_first(_parts(channel), "title"))
    rows = [_row(entry, url, title) for entry in root.iter("{*}item", "{*}entry")]
    return Feed(rows, _next(channel, url) or _next(root, url), broken)


def _row(entry: etree._Element, feed: str, feed_title: str | None) -> Row:
    base, parts = _base(entry, feed), _parts(entry)
    link, identity = _link(parts), _identity(entry, parts)
    return row_of(
        feed=feed,
        feed_title=feed_title,
        base=base,
        title=_text(_first(parts, "title")),
        link=link or (identity if _is_address(parts, identity) else None),
        id=identity,
        authors=list(_authors(parts)),
        published=_date(parts, "published", "pubdate", "issued", "date", "created"),
        updated=_date(parts, "updated", "modified"),
        summary=_html(_described(entry, parts)),
        content=_html(_first(parts, "encoded", "content", "body", "fullitem")),
        categories=list(_categories(parts)),
        image=_image(entry, parts),
        enclosure=_enclosure(parts, base),
    )


def _parts(element: etree._Element) -> Parts:
    """``content`` and its like of media modules are files, not texts, and left out."""
    parts: Parts = {}
    for child in element:
        if not _is_media(child):
            parts.setdefault(name_of(child), []).append(child)
    return parts


def _children(parts: Parts, *names: str) -> Iterator[etree._Element]:
    """In the order of the names, and of the document within each."""
    for name in names:
        yield from parts.get(name, ())


def _first(parts: Parts, *names: str) -> etree._Element | None:
    return next((c for c in _children(parts, *names) if len(c) or text_of(c)), None)


def _is_media(element: etree._Element) -> bool:
    return str(element.tag).startswith(f"{{{_MEDIA}")


def _text(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    if element.get("type") in ("text", "text/plain"):
        return " ".join((text_of(element) or "").split()) or None
    return markup.plain(_html(element))


def _html(element: etree._Element | None) -> str | None:
    """The markup in it, written out (as in RSS, and Atom's ``html``) or as elements (``xhtml``)."""
    if element is None:
        return None
    if len(element):
        inner = "".join(etree.tostring(c, encoding="unicode", method="html") for c in element)
        return (element.text or "") + _PREFIX.sub(r"<\1", inner)
    text = text_of(element)
    if text and element.get("type") in ("text", "text/plain"):
        return text.replace("&", "&amp;").replace("<", "&lt;")
    return text


def _date(parts: Parts, *names: str) -> str | None:
    return next((d for child in _children(parts, *names) if (d := utc(text_of(child)))), None)


def _link(parts: Parts) -> str | None:
    """The page of the entry: a link in words, or Atom's ``alternate``."""
    for child in _children(parts, "origlink", "link"):
        if text := text_of(child):
            return text
        if child.get("rel", "alternate") == "alternate" and child.get("href"):
            return str(child.get("href"))
    return None


def _identity(entry: etree._Element, parts: Parts) -> str | None:
    about = entry.get(_ABOUT)
    return text_of(_first(parts, "guid", "id", "identifier")) or (str(about) if about else None)


def _is_address(parts: Parts, identity: str | None) -> bool:
    """Whether the page of an entry without a link is what identifies it."""
    guid = _first(parts, "guid")
    if guid is None:
        return bool(identity) and str(identity).lower().startswith(("http://", "https://"))
    return str(guid.get("isPermaLink", "true")).strip().lower() == "true"


def _authors(parts: Parts) -> Iterator[str | None]:
    for name in ("author", "creator", "contributor"):
        found = [_person(child) for child in _children(parts, name)]
        if any(found):
            yield from found
            return


def _person(element: etree._Element) -> str | None:
    name = _first(_parts(element), "name", "email")
    text = text_of(name if name is not None else element)
    named = _PERSON.fullmatch(text) if text and len(text) < 500 else None
    return named[1] if named else text


def _categories(parts: Parts) -> Iterator[str | None]:
    for child in _children(parts, "category", "subject"):
        yield child.get("label") or child.get("term") or child.get("text") or text_of(child)


def _described(entry: etree._Element, parts: Parts) -> etree._Element | None:
    """In words of its own, or by a media module, as video sites do."""
    found = _first(parts, "description", "summary", "subtitle")
    return next(entry.iter(f"{{{_MEDIA}}}description"), None) if found is None else found


def _image(entry: etree._Element, parts: Parts) -> str | None:
    for child in entry.iter("{*}thumbnail", "{*}image", "{*}content"):
        name, kind = name_of(child), child.get("type", "")
        address = child.get("url") or child.get("href")
        if name == "content" and not (_is_media(child) and _is_picture(child, kind)):
            continue
        if address:
            return str(address)
    pictures = (c for c in _children(parts, "enclosure") if c.get("type", "").startswith("image/"))
    return next((c.get("url") for c in pictures if c.get("url")), None)


def _is_picture(element: etree._Element, kind: str) -> bool:
    return kind.startswith("image/") or element.get("medium") == "image"


def _enclosure(parts: Parts, base: str) -> dict[str, object] | None:
    for child in _children(parts, "enclosure", "link"):
        rel = child.get("rel", "enclosure" if name_of(child) == "enclosure" else "")
        if rel == "enclosure":
            address = child.get("url") or child.get("href")
            if found := enclosure_of(address, child.get("type"), child.get("length"), base):
                return found
    return None


def _next(channel: etree._Element, url: str) -> str | None:
    """The next page, or the older archive (RFC 5005)."""
    links = {
        c.get("rel", ""): c.get("href") for c in _children(_parts(channel), "link") if c.get("href")
    }
    found = links.get("next") or links.get("prev-archive")
    address = absolute(found, _base(channel, url)) if found else None
    return address if address != url else None


def _base(element: etree._Element, url: str) -> str:
    """What its links are relative to: the ``xml:base`` of all that is around it."""
    written = [e.get(_BASE) for e in (element, *element.iterancestors())]
    for part in reversed([part for part in written if part]):
        url = absolute(part, url) or url
    return url
