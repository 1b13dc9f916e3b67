"""No request of ours goes into a private network unless the operator named the place.

The address that was checked is the one connected to: `Guard.addresses` gives it to the client,
which never resolves a name itself.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from runs.engine.errors import DnsFailed, NoSuchHost, Refused
from runs.engine.urls import Origin

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port to IP addresses, best first. Raises OSError."""

CACHE_SECONDS = 30.0
CACHE_SIZE = 4096
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")


async def system_resolver(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@lru_cache(maxsize=4096)
def is_public(address: str) -> bool:
    """Whether an IP is on the open internet, whatever other address it carries inside."""
    try:
        return all(_is_open(ip) for ip in _meanings(ip_address(address)))
    except ValueError:
        return False


def _is_open(ip: IPv4Address | IPv6Address) -> bool:
    closed = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback
    local = ip.is_link_local or ip.is_private or (isinstance(ip, IPv6Address) and ip.is_site_local)
    return ip.is_global and not closed and not local


def _meanings(ip: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address itself and each IPv4 address that a router may take out of it."""
    if isinstance(ip, IPv4Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    tail = IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _NAT64[0]:
        return [tail]
    if ip in _NAT64[1] or ip in _COMPATIBLE:
        return [ip, tail]
    inner: list[IPv4Address | IPv6Address] = [ip.sixtofour] if ip.sixtofour else []
    return [ip, *inner, *(ip.teredo or ())]


def is_local_name(host: str) -> bool:
    return host in ("localhost", "localhost.localdomain") or host.endswith(".localhost")


class Guard:
    """Resolves and checks; remembers what it found for half a minute."""

    def __init__(self, resolve: Resolver = system_resolver) -> None:
        self._resolve = resolve
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}

    async def addresses(self, origin: Origin, allowed: frozenset[str]) -> list[str]:
        """The IPs of a host that may be connected to, best first.

        ``allowed`` holds host:port pairs (name or IP) that may be private. Raises Refused when
        none of the host's addresses may be used, DnsFailed when it has none.
        """
        if origin.key in allowed:
            return await self._find(origin)
        if is_local_name(origin.host):
            raise _refusal(origin.key, origin)
        found = await self._find(origin)
        usable = [ip for ip in found if is_public(ip) or _pair(ip, origin.port) in allowed]
        if not usable:
            raise _refusal(_pair(found[0], origin.port), origin)
        return usable

    def prefer(self, origin: Origin, address: str) -> None:
        """Puts the address that answered first, for as long as the host is remembered."""
        if known := self._known.get((origin.host, origin.port)):
            known[1].sort(key=lambda ip: ip != address)

    async def _find(self, origin: Origin) -> list[str]:
        if origin.is_ip:
            return [origin.host]
        key = (origin.host, origin.port)
        known = self._known.get(key)
        if known and known[0] > time.monotonic():
            return known[1]
        found = await self._ask(origin)
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        self._known[key] = (time.monotonic() + CACHE_SECONDS, found)
        return found

    async def _ask(self, origin: Origin) -> list[str]:
        try:
            found = list(await self._resolve(origin.host, origin.port))
        except (OSError, UnicodeError) as error:
            kind = NoSuchHost if _is_lasting(error) else DnsFailed
            raise kind(f"{origin.host} has no address ({error})", origin.base) from error
        if not found:
            raise NoSuchHost(f"{origin.host} has no address", origin.base)
        return found


# Which there are differs between systems.
_LASTING = {
    getattr(socket, name)
    for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY")
    if hasattr(socket, name)
}


def _is_lasting(error: Exception) -> bool:
    """Whether the name itself is at fault, rather than those who were asked for its address."""
    lasting = isinstance(error, socket.gaierror) and error.errno in _LASTING
    return lasting or isinstance(error, UnicodeError)


def _pair(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _refusal(place: str, origin: Origin) -> Refused:
    named = "" if place == origin.key else f" ({origin.key})"
    return Refused(
        f"{place}{named} is a private address; set LOBSTR_ALLOW_PRIVATE to allow it", origin.base
    )
