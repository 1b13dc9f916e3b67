"""From one page of a JSON interface to the next: its address, or that there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from squids.crawlers.interface import Response
from squids.crawlers.json_api.recipe import Paging
from squids.crawlers.values import absolute

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]*))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))', re.I)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page leads: the next ``url``, none at the end; ``at`` is its number or offset."""

    url: str | None
    at: int = 0


def first_url(url: str, paging: Paging | None) -> str:
    """The task's address with what the first page must say."""
    if paging is None:
        return url
    given: dict[str, str] = {}
    if paging.by in ("page", "offset"):
        given[paging.param] = str(paging.first)
    if paging.size_param:
        given[paging.size_param] = str(paging.size)
    return with_query(url, given)


def turn(paging: Paging, response: Response, asked: str, at: int, body: Any, found: int) -> Turn:
    """``asked`` is the address of this page, ``at`` its number or offset, ``found`` its rows."""
    match paging.by:
        case "page":
            return _numbered(paging, asked, at, body, found)
        case "offset":
            ended = not found or found < paging.size
            after = at + (paging.size or found)
            return Turn(None if ended else with_query(asked, {paging.param: str(after)}), after)
        case "cursor":
            return Turn(_by_cursor(paging, asked, body))
        case "next":
            return Turn(_address(paging.next and paging.next.search(body), response.url, asked))
        case "link":
            return Turn(_address(_linked(response.headers.get("link", "")), response.url, asked))


def with_query(url: str, values: dict[str, str]) -> str:
    """The address with these parameters, others as they are; one that was there is replaced."""
    if not values:
        return url
    parts = urlsplit(url)
    kept = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in values
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()])))


def _numbered(paging: Paging, asked: str, at: int, body: Any, found: int) -> Turn:
    pages = paging.pages.search(body) if paging.pages else None
    last = isinstance(pages, int) and at >= pages + paging.first - 1
    if not found or last or found < paging.size:
        return Turn(None)
    return Turn(with_query(asked, {paging.param: str(at + 1)}), at + 1)


def _by_cursor(paging: Paging, asked: str, body: Any) -> str | None:
    cursor = paging.next.search(body) if paging.next else None
    if isinstance(cursor, bool) or not isinstance(cursor, str | int) or cursor == "":
        return None
    url = with_query(asked, {paging.param: str(cursor)})
    return url if url != asked else None


def _address(link: Any, base: str, asked: str) -> str | None:
    """None also where it leads to the page that it stands on."""
    url = absolute(link, base) if isinstance(link, str) and link.strip() else None
    return url if url not in (asked, base) else None


def _linked(header: str) -> str | None:
    """The target of ``rel="next"`` (RFC 8288)."""
    for target, params in _LINK.findall(header[:20_000]):
        rel = _REL.search(params)
        if rel and "next" in (rel[1] or rel[2] or "").lower().split():
            return str(target)
    return None
