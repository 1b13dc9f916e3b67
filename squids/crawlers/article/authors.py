"""Who wrote an article, as the page tells machines: surer than what stands near its title."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from squids.crawlers.selectors import fold
from squids.crawlers.structured import json_ld
from squids.crawlers.structured.item import Item, Value

_ARTICLES = frozenset(
    {"Article", "NewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "ReportageNewsArticle"}
    | {"BlogPosting", "LiveBlogPosting", "SocialMediaPosting", "Report", "TechArticle"}
    | {"ScholarlyArticle", "AdvertiserContentArticle", "SatiricalArticle"}
)
_WORKS = frozenset({"Recipe", "HowTo", "WebPage", "CreativeWork"})
_MOST = 10
_LONGEST = 200


def authors(text: str) -> str | None:
    """Names set apart by ``;``, of the first article of the page's JSON-LD that has one."""
    if "ld+json" not in text:
        return None
    try:
        scripts = LexborHTMLParser(text).css('script[type*="ld+json" i]')
    except SelectolaxError:
        return None
    items = json_ld.read([node.text() for node in scripts[: json_ld.MOST_BLOCKS]]).items
    for kinds in (_ARTICLES, _WORKS):
        for item in items:
            if item.types & kinds and (names := list(dict.fromkeys(_names(item)))):
                return "; ".join(names[:_MOST])
    return None


def _names(item: Item) -> Iterator[str]:
    for value in item.values("author"):
        if isinstance(value, str):
            yield from _name(value)
        elif not isinstance(value, int | float):
            for name in value.values("name"):
                yield from _name(name)


def _name(value: Value) -> Iterator[str]:
    """No address, which some pages give in place of a name."""
    if isinstance(value, str) and "://" not in value and (name := fold(value)):
        yield name[:_LONGEST]
