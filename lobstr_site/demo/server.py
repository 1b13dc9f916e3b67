"""The demo shop's server: plain pages from memory, everything else through the switches."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import cache

from lobstr_site.demo import news, pages, switches
from lobstr_site.demo.http import Connection, Reply, Request

ROBOTS = b"User-agent: *\nAllow: /\nDisallow: /forbidden/\n"


async def start(host: str, port: int) -> asyncio.Server:
    """Listen; port 0 takes a free one. Raises OSError when the port is taken."""
    counts: Counter[str] = Counter()

    async def answer(request: Request) -> Reply:
        return await respond(request, request.path, counts)

    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(plain, answer), host, port, backlog=1024)


async def respond(request: Request, path: str, counts: Counter[str]) -> Reply:
    """Answer ``path`` of ``request``: a switch and what follows it, or a page of the shop."""
    found = switches.find(path)
    if found is None:
        return plain(path.partition("?")[0]) or _missing(path)
    act, argument, rest = found
    visit = switches.Visit(request, counts, lambda onward: respond(request, onward, counts))
    try:
        return await act(visit, argument, rest)
    except (ValueError, LookupError) as problem:
        return switches.message(400, "Bad switch", f"{path}: {problem}")


def plain(target: str) -> Reply | None:
    """A page without switches, ready to be changed by the one who asked for it."""
    body = _body(target)
    if body is None:
        return None
    kind = "text/plain; charset=utf-8" if target == "/robots.txt" else "text/html; charset=utf-8"
    return Reply(body=body, content_type=kind)


@cache
def _known(target: str) -> bytes:
    body = _render(target)
    if body is None:
        raise KeyError(target)  # not kept: only the shop's own pages may fill the memory
    return body.encode()


def _body(target: str) -> bytes | None:
    if target == "/robots.txt":
        return ROBOTS
    try:
        return _known(target)
    except KeyError:
        return None


def _render(target: str) -> str | None:
    if target == "/switches":
        return switches.index()
    return news.page(target) or pages.page(target)


def _missing(path: str) -> Reply:
    return switches.message(404, "No such page", path)
