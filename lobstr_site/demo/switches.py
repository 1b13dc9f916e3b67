"""What the demo shop can be asked to do wrong, by the start of a path.

A switch of kind *prefix* stands before any page of the shop and before other switches:
``/slow/500/gzip/category/toys/`` is slow and compressed. The links of the page stay inside it.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from html import escape

import brotli
import zstandard

from lobstr_site.demo import members, news
from lobstr_site.demo.http import Reply, Request
from lobstr_site.demo.pages import frame

Onward = Callable[[str], Awaitable[Reply]]
Prefix = Callable[["Visit", str, str], Awaitable[Reply]]

ENCODING = re.compile(r'<meta charset="[^"]*">')


class Visit:
    """One request on its way through the switches in its path."""

    def __init__(self, request: Request, counts: Counter[str], onward: Onward) -> None:
        self.request = request
        self.counts = counts  # visits per URL, for the switches that change their mind
        self.onward = onward  # answers the rest of the path

    def count(self) -> int:
        """How often this URL was asked for before."""
        seen = self.counts[self.request.target]
        self.counts[self.request.target] += 1
        return seen


def message(status: int, title: str, text: str, *headers: tuple[str, str]) -> Reply:
    body = frame(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>", "/")
    return Reply(status, body.encode(), list(headers))


def moved(status: int, location: str, *headers: tuple[str, str]) -> Reply:
    return message(status, "Moved", location, ("Location", location), *headers)


# --- prefixes: /name/<argument>/rest ------------------------------------------------------------
async def slow(visit: Visit, argument: str, rest: str) -> Reply:
    await asyncio.sleep(int(argument) / 1000)
    return await visit.onward(rest)


async def status(visit: Visit, argument: str, rest: str) -> Reply:
    return message(int(argument), f"Status {argument}", "As you asked.")


async def flaky(visit: Visit, argument: str, rest: str) -> Reply:
    if visit.count() < int(argument):
        return message(503, "Not just now", "This page works after a few tries.")
    return await visit.onward(rest)


async def retry_after(visit: Visit, argument: str, rest: str) -> Reply:
    if visit.count() == 0:
        return message(429, "Too many requests", "Wait.", ("Retry-After", argument))
    return await visit.onward(rest)


async def redirect(visit: Visit, argument: str, rest: str) -> Reply:
    left = int(argument)
    if left < 1:
        return await visit.onward(rest)
    before = (visit.request.path + "/").rpartition(f"/redirect/{argument}/")[0]
    onward = rest if left == 1 else f"/redirect/{left - 1}{rest}"
    code = visit.request.query("code")
    return moved(int(code or 302), before + onward + (f"?code={code}" if code else ""))


async def branch(visit: Visit, argument: str, rest: str) -> Reply:
    reply = await visit.onward(rest)
    reply.body = reply.body.replace(b"LB-", b"B%d-" % int(argument))
    return reply


async def encoding(visit: Visit, argument: str, rest: str) -> Reply:
    return _encoded(await visit.onward(rest), argument, header=f"; charset={argument}")


async def meta_encoding(visit: Visit, argument: str, rest: str) -> Reply:
    return _encoded(await visit.onward(rest), argument, header="")


async def lying_encoding(visit: Visit, argument: str, rest: str) -> Reply:
    return _encoded(await visit.onward(rest), argument, header="; charset=utf-8")


def _encoded(reply: Reply, name: str, header: str) -> Reply:
    text = ENCODING.sub(f'<meta charset="{name}">', reply.body.decode())
    reply.body = text.encode(name, "xmlcharrefreplace")
    reply.content_type = f"text/html{header}"
    return reply


async def drip(visit: Visit, argument: str, rest: str) -> Reply:
    reply = await visit.onward(rest)
    reply.length = len(reply.body)
    reply.stream = _drops(reply.body, int(argument) / 1000)
    return reply


async def _drops(body: bytes, pause: float) -> AsyncIterator[bytes]:
    step = max(1, len(body) // 10)
    for start in range(0, len(body), step):
        yield body[start : start + step]
        await asyncio.sleep(pause)


async def truncated(visit: Visit, argument: str, rest: str) -> Reply:
    reply = await visit.onward(rest)
    reply.length, reply.body = len(reply.body), reply.body[: len(reply.body) // 2]
    return reply


async def chunked(visit: Visit, argument: str, rest: str) -> Reply:
    reply = await visit.onward(rest)
    pieces = [reply.body[at : at + 4096] for at in range(0, len(reply.body), 4096)] + [b""]
    reply.headers.append(("Transfer-Encoding", "chunked"))
    reply.stream = _chunks(pieces)
    return reply


async def _chunks(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)


def compressed(name: str, pack: Callable[[bytes], bytes]) -> Prefix:
    async def prefix(visit: Visit, argument: str, rest: str) -> Reply:
        reply = await visit.onward(rest)
        reply.body = pack(reply.body)
        reply.headers.append(("Content-Encoding", name))
        return reply

    return prefix


async def cookie_need(visit: Visit, argument: str, rest: str) -> Reply:
    if "visitor=demo" not in visit.request.headers.get("cookie", ""):
        return message(403, "No cookie", "This page needs the cookie that /cookie/set sets.")
    return await visit.onward(rest)


async def cookie_gate(visit: Visit, argument: str, rest: str) -> Reply:
    if "visitor=demo" in visit.request.headers.get("cookie", ""):
        return await visit.onward(rest)
    return moved(302, f"/cookie/set?next={visit.request.path}")


async def expire(visit: Visit, argument: str, rest: str) -> Reply:
    session = members.session(visit.request)
    if session and rest.startswith("/members/") and not rest.endswith("/sign-in"):
        visit.counts[f"{argument} {session}"] += 1
        if visit.counts[f"{argument} {session}"] > int(argument):
            return members.form()
    return await visit.onward(rest)


async def to_sign_in(visit: Visit, argument: str, rest: str) -> Reply:
    reply = await visit.onward(rest)
    if members.FORM not in reply.body or rest.endswith("/members/sign-in"):
        return reply
    before = visit.request.path.partition("/members/")[0]
    return moved(302, f"{before}/members/sign-in")


# --- pages that end the path --------------------------------------------------------------------
async def members_area(visit: Visit, argument: str, rest: str) -> Reply:
    if visit.request.path.endswith("/members"):
        return moved(302, visit.request.path + "/")
    reply = members.page(visit.request, rest, visit.counts)
    return reply or message(404, "No such page", visit.request.path)


async def cookie_set(visit: Visit, argument: str, rest: str) -> Reply:
    given = ("Set-Cookie", "visitor=demo; Path=/")
    onward = visit.request.query("next")
    return moved(302, onward, given) if onward else message(200, "Set", "visitor=demo", given)


async def redirect_loop(visit: Visit, argument: str, rest: str) -> Reply:
    return moved(302, visit.request.path)


async def redirect_to(visit: Visit, argument: str, rest: str) -> Reply:
    return moved(int(visit.request.query("code", "302")), visit.request.query("url", "/"))


async def echo(visit: Visit, argument: str, rest: str) -> Reply:
    asked = visit.request
    seen = {"method": asked.method, "target": asked.target, "headers": asked.headers}
    body = json.dumps(seen | {"body": asked.body.decode("utf-8", "replace")}).encode()
    return Reply(200, body, content_type="application/json")


async def reset(visit: Visit, argument: str, rest: str) -> Reply:
    visit.counts.clear()
    return message(200, "Reset", "Every URL counts from nothing again.")


async def garbage(visit: Visit, argument: str, rest: str) -> Reply:
    return Reply(raw=b"\x00\xff\x13 this is not HTTP at all \r\n\r\n" * 20)


async def nothing(visit: Visit, argument: str, rest: str) -> Reply:
    return Reply(raw=b"")


async def hang(visit: Visit, argument: str, rest: str) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError("a hanging request ends with its connection")


async def bomb(visit: Visit, argument: str, rest: str) -> Reply:
    packed = ("Content-Encoding", "gzip")
    return Reply(200, headers=[packed], stream=_bomb(int(argument or 200)))


async def _bomb(megabytes: int) -> AsyncIterator[bytes]:
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(megabytes):
        yield press.compress(bytes(1 << 20))
    yield press.flush()


async def huge(visit: Visit, argument: str, rest: str) -> Reply:
    megabytes = int(argument or 2048)
    return Reply(200, stream=_huge(megabytes), length=megabytes << 20)


async def _huge(megabytes: int) -> AsyncIterator[bytes]:
    piece = b"<p>still more of this page</p>\n".ljust(1 << 16, b" ")
    for _ in range(megabytes * 16):
        yield piece


async def news_from(visit: Visit, argument: str, rest: str) -> Reply:
    page = news.page(rest, date.fromisoformat(argument), folder="/")
    return Reply(body=page.encode()) if page else message(404, "No such page", visit.request.path)


async def endless(visit: Visit, argument: str, rest: str) -> Reply:
    return link_of_chain(int(argument or 1), None)


async def chain(visit: Visit, argument: str, rest: str) -> Reply:
    return link_of_chain(int(rest.strip("/") or 1), int(argument))


def link_of_chain(number: int, length: int | None) -> Reply:
    """A small page with one item and, before the chain's end, a link to the next."""
    sku = f"CH-{number:06d}"
    onward = number < length if length else True
    body = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Page {number}</title>'
        f'</head><body><article class="product" data-sku="{sku}"><h2><a class="title" '
        f'href="#{sku}">Link {number}</a></h2><p class="sku">{sku}</p>'
        f'<p class="price">£{number % 100}.50</p></article><ul class="pager">'
        + (f'<li class="next"><a rel="next" href="{number + 1}">Next</a></li>' if onward else "")
        + "</ul></body></html>"
    )
    ended = length is not None and not 1 <= number <= length
    return (
        message(404, "No such page", "The chain ends before.")
        if ended
        else Reply(body=body.encode())
    )


# name: (what stands behind it in the path, prefix?, what it does, the function)
Switch = tuple[str, bool, str, Prefix]
SWITCHES: dict[str, Switch] = {
    "slow": ("500", True, "Answers after so many milliseconds.", slow),
    "drip": ("200", True, "Sends the page in ten pieces, so many milliseconds apart.", drip),
    "status": ("404", True, "Answers with this status.", status),
    "flaky": ("2", True, "Each URL fails so many times with 503, then works.", flaky),
    "retry-after": ("2", True, "Each URL first says 429, wait so many seconds.", retry_after),
    "redirect": ("3", True, "So many redirects first (?code=301, 303, 307, 308).", redirect),
    "branch": ("7", True, "The same shop with other article numbers (B7-00001).", branch),
    "encoding": ("windows-1251", True, "This encoding, named in the header.", encoding),
    "meta-encoding": ("shift_jis", True, "This encoding, named only in the page.", meta_encoding),
    "lying-encoding": (
        "latin-1",
        True,
        "This encoding under a header that says UTF-8.",
        lying_encoding,
    ),
    "gzip": ("", True, "Compressed with gzip.", compressed("gzip", gzip.compress)),
    "deflate": ("", True, "Compressed with deflate.", compressed("deflate", zlib.compress)),
    "br": ("", True, "Compressed with brotli.", compressed("br", brotli.compress)),
    "zstd": ("", True, "Compressed with zstd.", compressed("zstd", zstandard.compress)),
    "chunked": ("", True, "Sent in chunks, without a length.", chunked),
    "truncated": ("", True, "Promises the whole page, sends half and closes.", truncated),
    "cookie/need": ("", True, "403 unless the cookie is sent.", cookie_need),
    "cookie/gate": ("", True, "Sets the cookie on the way, by two redirects.", cookie_gate),
    "cookie/set": ("", False, "Sets the cookie (?next= goes on from there).", cookie_set),
    "members": ("", False, "Prices for members; sign in as the page says.", members_area),
    "expire": ("3", True, "Before /members/: a session ends after so many pages.", expire),
    "to-sign-in": ("", True, "Before /members/: redirects to the form.", to_sign_in),
    "redirect-loop": ("", False, "Redirects to itself.", redirect_loop),
    "redirect-to": ("?url=/shop/", False, "Redirects to any address (?code=).", redirect_to),
    "news-from": ("2026-01-31", False, "The news (/news/), the newest of this day.", news_from),
    "chain": ("1000/1", False, "A chain of so many small pages with one item each.", chain),
    "endless": ("1", False, "The same chain without an end.", endless),
    "bomb": ("200", False, "A gzip bomb of so many megabytes.", bomb),
    "huge": ("2048", False, "A body of so many megabytes.", huge),
    "garbage": ("", False, "Answers something that is not HTTP.", garbage),
    "nothing": ("", False, "Closes without an answer.", nothing),
    "hang": ("", False, "Never answers.", hang),
    "echo": ("", False, "The request as JSON.", echo),
    "reset": ("", False, "Forgets how often each URL was asked for.", reset),
}
WITHOUT_ARGUMENT = {name for name, (example, *_) in SWITCHES.items() if not example[:1].isalnum()}


def find(path: str) -> tuple[Prefix, str, str] | None:
    """The switch at the start of ``path``, its argument, and the rest of the path."""
    parts = path.split("/")
    for width in (1, 2):
        name = "/".join(parts[1 : 1 + width])
        if name in SWITCHES:
            used = 1 + width + (name not in WITHOUT_ARGUMENT)
            argument = parts[1 + width] if used > 1 + width and len(parts) > 1 + width else ""
            return SWITCHES[name][3], argument, "/" + "/".join(parts[used:])
    return None


def index() -> str:
    """The page that documents the switches."""
    rows = "".join(_line(name, *switch[:3]) for name, switch in SWITCHES.items())
    body = (
        "<h1>Switches</h1><p>Put these before the address of any page; they can be stacked, and a "
        "crawl that starts inside stays inside. Those without a page stand alone.</p>"
        f'<table class="switches"><tr><th>Address</th><th>What it does</th></tr>{rows}</table>'
    )
    return frame("Switches", body, "./")


def _line(name: str, example: str, prefix: bool, text: str) -> str:
    address = f"/{name}" + ("" if example.startswith("?") or not example else "/") + example
    shown = f"{address}/shop/" if prefix else address
    return f'<tr><td><a href=".{shown}"><code>{shown}</code></a></td><td>{text}</td></tr>'
