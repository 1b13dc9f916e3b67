"""Addresses: the origin that is checked and connected to, and the rest that is sent as it is."""

from __future__ import annotations

import re
import socket
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote, unquote, urljoin

import idna

from runs.engine.errors import BadUrl

DEFAULT_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(https?)://([^/?#\\]*)([^#]*)", re.I)
_UNSAFE = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
# RFC 3986's own characters stay, and so does a percent sign: the address may be encoded already.
_KEPT = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request goes. ``host`` is a lower-case name or an IP without brackets."""

    scheme: str
    host: str
    port: int
    is_ip: bool
    authorization: str | None = None

    @property
    def key(self) -> str:
        """host:port, what politeness and permissions are kept by."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def base(self) -> str:
        """scheme://host, with the port where it is not the scheme's own."""
        usual = self.port == DEFAULT_PORTS[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{self.key}"


@dataclass(frozen=True, slots=True)
class Target:
    """An address ready to be sent: ``url`` is ASCII, without fragment and without password."""

    origin: Origin
    url: str
    path: str


def target(url: str) -> Target:
    """Raises BadUrl for anything that is not a whole http or https address."""
    match = _PARTS.match(url.strip())
    if not match:
        raise BadUrl(f"{url[:200]!r} is not an http or https address", url)
    origin = _origin(match[1].lower(), match[2])
    path = match[3]
    if _UNSAFE.search(path):
        path = quote(path, safe=_KEPT)
    if not path.startswith("/"):
        path = "/" + path
    return Target(origin, origin.base + path, path)


def follow(base: str, location: str) -> Target:
    """Where a Location header leads. Raises BadUrl."""
    try:
        return target(urljoin(base, location.strip()))
    except ValueError as error:
        raise BadUrl(f"redirect to {location[:200]!r}, which is no address", base) from error


@lru_cache(maxsize=4096)
def _origin(scheme: str, netloc: str) -> Origin:
    userinfo, _, place = netloc.rpartition("@")
    name, port = _split_port(place, scheme, netloc)
    host, is_ip = _host(name, netloc)
    authorization = None
    if userinfo:
        user, _, password = userinfo.partition(":")
        pair = f"{unquote(user)}:{unquote(password)}".encode()
        authorization = "Basic " + b64encode(pair).decode()
    return Origin(scheme, host, port, is_ip, authorization)


def _split_port(place: str, scheme: str, netloc: str) -> tuple[str, int]:
    name, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        return place, DEFAULT_PORTS[scheme]
    if not port:
        return name, DEFAULT_PORTS[scheme]
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise BadUrl(f"{port!r} is not a port", f"{scheme}://{netloc}")
    return name, int(port)


def _host(name: str, netloc: str) -> tuple[str, bool]:
    """The host in its one spelling: 2130706433, 0x7f.1 and 127.0.0.1 are the same address."""
    try:
        if name.startswith("[") and name.endswith("]"):
            return str(IPv6Address(name[1:-1].split("%", 1)[0])), True
        host = _ascii(name)
        if _NUMBER.fullmatch(host):
            return str(ip_address(socket.inet_aton(host.rstrip(".")))), True
    except (ValueError, OSError) as error:
        raise BadUrl(f"{name[:200]!r} is not a host", netloc) from error
    if len(host) > 254 or not _NAME.fullmatch(host):
        raise BadUrl(f"{name[:200]!r} is not a host", netloc)
    return host.rstrip("."), False


def _ascii(name: str) -> str:
    name = unquote(name)
    if name.isascii():
        return name.lower()
    return idna.encode(name, uts46=True).decode("ascii")
