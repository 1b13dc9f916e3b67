"""Proxies: their address is checked like any other, and they are given checked addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from runs.engine.errors import BadUrl
from runs.engine.transport import Profile
from runs.engine.urls import Origin, target

SCHEMES = {"http": 8080, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """``url`` carries the user and password; it is not for messages."""

    scheme: str
    url: str
    origin: Origin

    @classmethod
    def parse(cls, url: str) -> Proxy:
        """Raises BadUrl, without the password in it."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port or SCHEMES[parts.scheme]
            place = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
            origin = target(f"http://{place or ''}:{port}").origin
        except (KeyError, ValueError, BadUrl) as error:
            raise BadUrl("the proxy is not an http, https, socks5 or socks5h address") from error
        userinfo = parts.netloc.rpartition("@")[0]
        credentials = userinfo + "@" if userinfo else ""
        return cls(parts.scheme, f"{parts.scheme}://{credentials}{origin.key}", origin)

    def sends_names(self, scheme: str) -> bool:
        """Whether the proxy gets the host's name and resolves it itself.

        So it is for plain HTTP through an HTTP proxy, whose request line is the whole address;
        every other way takes the checked IP.
        """
        return scheme == "http" and self.scheme in ("http", "https")


def through(proxy: Proxy, address: str, profile: Profile) -> Profile:
    """The profile with the proxy, whose own checked address is ``address``."""
    bracketed = f"[{address}]" if ":" in address else address
    pin = None if proxy.origin.is_ip else f"{proxy.origin.key}:{bracketed}"
    return replace(profile, proxy=proxy.url, proxy_pin=pin)
