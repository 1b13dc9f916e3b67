"""What a sitemap says, in each of the forms that search engines take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from squids.crawlers.interface import BadPage, Row
from squids.crawlers.values import absolute, iso_date, page_address
from squids.crawlers.xml_bytes import Elements, name_of, root_name, text_of

MAX_URLS = 100_000
"""Of one sitemap. The protocol allows half as many."""
LONGEST_URL = 8_192
_ROBOTS_LINE = re.compile(r"^\s*site-?map\s*:\s*(\S+)", re.I | re.M)
_YEAR_MONTH = re.compile(r"\d{4}(?:-\d\d)?")
_FREQUENCIES = {"always", "hourly", "daily", "weekly", "monthly", "yearly", "never"}
_FEEDS = ("rss", "rdf", "feed")


@dataclass(slots=True)
class Found:
    """``pages`` are rows without what the site says of the pages themselves, ``sitemaps`` the
    addresses of further sitemaps; ``notes`` is what was wrong, in words."""

    pages: list[Row] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def of_robots(text: str, url: str) -> list[str]:
    """The sitemaps that a robots.txt names, each once."""
    found = (absolute(line, url) for line in _ROBOTS_LINE.findall(text))
    return list(dict.fromkeys(filter(None, found)))


def read(data: bytes, url: str) -> Found:
    """``data`` is UTF-8, ``url`` where it was found. Raises BadPage for what is no sitemap."""
    if not data.startswith(b"<"):
        return _of_text(data.decode("utf-8", "replace"), url)
    root = root_name(data)
    found = Found()
    elements = Elements(data, ("url", "sitemap", "item", "entry"))
    for element in elements:
        if len(found.pages) >= MAX_URLS:
            found.notes.append(f"Only the first {MAX_URLS:,} addresses of this sitemap were read")
            break
        _take(element, url, found)
    if elements.broken:
        found.notes.append(
            f"This XML is broken, and was read as far as it goes ({elements.broken})"
        )
    known = root in ("urlset", "sitemapindex", *_FEEDS)
    if not known and not found.pages and not found.sitemaps:
        kind = f"XML of the kind “{root[:40]}”" if root else "no XML that can be read"
        raise BadPage(f"This is no sitemap: {kind}.", url)
    return found


def _take(element: etree._Element, url: str, found: Found) -> None:
    name = name_of(element)
    if name == "sitemap":
        address = _address(_child(element, "loc"), url)
        found.sitemaps += [address] if address else []
        return
    row = _page(element, url) if name == "url" else _entry(element, url)
    if row:
        found.pages.append(row)


def _page(element: etree._Element, sitemap: str) -> Row | None:
    texts: dict[str, str | None] = {}
    alternates: dict[str, str] = {}
    images = news = 0
    for child in element:
        name = name_of(child)
        images += name == "image"
        news += name == "news"
        if name == "link":
            alternates |= _alternate(child, sitemap)
        elif name in ("loc", "lastmod", "changefreq", "priority"):
            texts.setdefault(name, text_of(child))
    address = _address(texts.get("loc"), sitemap)
    if address is None:
        return None
    frequency = (texts.get("changefreq") or "").lower()
    return row_of(
        address,
        sitemap,
        lastmod=_moment(texts.get("lastmod")),
        changefreq=frequency if frequency in _FREQUENCIES else None,
        priority=_priority(texts.get("priority")),
        images=images,
        news=news,
        alternates=alternates or None,
    )


def row_of(url: str, sitemap: str, **more: object) -> Row:
    """A row with all of its fields, None for what is not told."""
    row: Row = {"url": url, "lastmod": None, "changefreq": None, "priority": None}
    return row | {"images": 0, "news": 0, "alternates": None, "sitemap": sitemap} | more


def _entry(element: etree._Element, sitemap: str) -> Row | None:
    """Of a feed in a sitemap's place: its link, and when it last changed."""
    link = date = None
    for child in element:
        name = name_of(child)
        if name == "link" and not link and child.get("rel", "alternate") == "alternate":
            link = child.get("href") or text_of(child)
        elif name in ("updated", "modified") or (name in ("pubdate", "date") and not date):
            date = text_of(child)
    address = _address(link, sitemap)
    return row_of(address, sitemap, lastmod=_moment(date)) if address else None


def _alternate(link: etree._Element, base: str) -> dict[str, str]:
    address = _address(link.get("href"), base)
    language = link.get("hreflang")
    return {language[:40]: address} if address and language else {}


def _child(element: etree._Element, name: str) -> str | None:
    return next((text_of(child) for child in element if name_of(child) == name), None)


def _address(text: str | None, base: str) -> str | None:
    if not text or len(text) > LONGEST_URL:
        return None
    address = absolute("".join(text.split()), base)
    return page_address(address) if address else None


def _moment(text: str | None) -> str | None:
    """ISO, as exact as it was told: a year, a month, a day or a moment."""
    if not text or len(text) > 100:
        return None
    return text if _YEAR_MONTH.fullmatch(text) else iso_date(text)


def _priority(text: str | None) -> float | None:
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.0 else None


def _of_text(text: str, url: str) -> Found:
    """One address a line; lines that are none are counted."""
    found, odd = Found(), 0
    for line in _lines(text):
        address = _address(line, url) if line.lower().startswith(("http://", "https://")) else None
        if address is None:
            odd += 1
        elif len(found.pages) < MAX_URLS:
            found.pages.append(row_of(address, url))
    if not found.pages or odd > len(found.pages):
        raise BadPage("This is no sitemap: neither XML nor a list of addresses.", url)
    if odd:
        found.notes.append(f"{odd:,} line{' is' if odd == 1 else 's are'} no address")
    return found


def _lines(text: str) -> Iterator[str]:
    return (line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#"))
