"""Requests of kind ``dns``: questions to the machine's resolver, or to the operator's.

A request names what is asked and nothing else: never the server, and only types from a short list.
An address in an answer is data. Nothing is connected to, so the guard has no say here; nor have
robots.txt, proxies and the slots of hosts: look-ups have one budget of their own.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from ipaddress import ip_address

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
import idna

from runs.engine.errors import BadUrl, DnsFailed, LookupFailed, NoSuchName
from runs.engine.politeness import Politeness
from squids.crawlers.interface import Request, Response

TYPES = ("A", "AAAA", "MX", "TXT")
NO_SUCH_NAME, UNANSWERED = 404, 503
BUDGET = "name servers"
"""Whose slots look-ups take, for all processes of the machine together; no host is called so."""
TRY = 2.5
LIFETIME = 10.0
"""Seconds for one try at a server, and for all tries of a look-up."""
KEPT = 256
PORT = 53
_URL = re.compile(r"dns:([^?#/\s]{1,300})\?type=([A-Za-z]{1,5})")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")

Server = tuple[str, int]
"""IP address and port."""


def server(text: str) -> Server:
    """``192.0.2.1``, ``192.0.2.1:5353``, ``2001:db8::1`` or ``[2001:db8::1]:5353``. Raises
    ValueError."""
    match = re.fullmatch(r"(\[[^\]]+\]|[^:\[\]]+):(\d{1,5})", text)
    host, port = (match[1], int(match[2])) if match else (text, PORT)
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port")
    return str(ip_address(host.removeprefix("[").removesuffix("]"))), port


class Lookups:
    """One per `Fetcher`. ``servers`` are asked in their order; none: those of the system."""

    def __init__(self, politeness: Politeness, servers: Sequence[Server] = ()) -> None:
        self._politeness = politeness
        self._servers = servers

    async def look_up(
        self, request: Request, timeout: float, *, sent: Callable[[], None]
    ) -> Response:
        """What `Request` promises of its kind. Raises FetchError; ``sent`` is called before
        anything goes out."""
        name, kind = _question(request.url)
        url = f"dns:{name}?type={kind}"
        taken = await self._politeness.enter(BUDGET)
        try:
            sent()
            started = time.monotonic()
            status, texts = await self._ask(name, kind, min(timeout, LIFETIME), request.accept)
        finally:
            self._politeness.leave(taken)
        body = json.dumps(texts).encode()
        return Response(url, status, {}, body, elapsed=time.monotonic() - started)

    async def _ask(
        self, name: str, kind: str, lifetime: float, accept: tuple[int, ...]
    ) -> tuple[int, list[str]]:
        try:
            answer = await self._resolver.resolve(
                dns.name.from_text(name), kind, raise_on_no_answer=False, lifetime=lifetime
            )
        except dns.resolver.NXDOMAIN:
            if NO_SUCH_NAME in accept:
                return NO_SUCH_NAME, []
            raise NoSuchName(f"There is no name {name}", f"dns:{name}") from None
        except dns.exception.DNSException as error:
            await self._blame(name, error)
            if UNANSWERED in accept:
                return UNANSWERED, []
            raise LookupFailed(f"{name} could not be looked up", f"dns:{name}") from error
        # A server turns its records round from answer to answer; a page must stay the same.
        return 200, sorted(record.to_text() for record in answer.rrset or ())

    async def _blame(self, name: str, error: Exception) -> None:
        """Whose fault it is that there is no answer. Silence, or SERVFAIL, may mean that a domain's
        servers are broken, or ours: then not even the root is known. Raises DnsFailed."""
        try:
            await self._canary.resolve(dns.name.root, "NS", raise_on_no_answer=False, lifetime=TRY)
        except dns.resolver.NXDOMAIN:
            pass
        except dns.exception.DNSException:
            text = f"{name} could not be looked up: no name server of ours answers"
            raise DnsFailed(text, f"dns:{name}") from error

    @cached_property
    def _resolver(self) -> dns.asyncresolver.Resolver:
        made = self._made()
        made.cache = dns.resolver.LRUCache(KEPT)
        return made

    @cached_property
    def _canary(self) -> dns.asyncresolver.Resolver:
        """Without a cache, which would answer for a server that is gone."""
        return self._made()

    def _made(self) -> dns.asyncresolver.Resolver:
        try:
            made = dns.asyncresolver.Resolver(configure=not self._servers)
        except dns.resolver.NoResolverConfiguration as error:
            raise DnsFailed("No name server is known; LOBSTR_DNS can name one") from error
        if self._servers:
            made.nameservers = [dns.nameserver.Do53Nameserver(*one) for one in self._servers]
        made.timeout = TRY
        return made


def _question(url: str) -> tuple[str, str]:
    """Name, in ASCII, and type. Raises BadUrl."""
    match = _URL.fullmatch(url)
    if match is None:
        raise BadUrl(f"{url[:200]!r} is not a look-up such as dns:example.com?type=MX", url)
    name, kind = match[1].rstrip(".").lower(), match[2].upper()
    if kind not in TYPES:
        raise BadUrl(f"{kind} is not looked up, only {', '.join(TYPES)}", url)
    try:
        name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise BadUrl(f"{name[:200]!r} is not a host name", url) from error
    if not _NAME.fullmatch(name):
        raise BadUrl(f"{name[:200]!r} is not a host name", url)
    return name, kind
