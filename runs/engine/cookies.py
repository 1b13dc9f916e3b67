"""A run's cookies (RFC 6265), kept in memory and sent back where they belong."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from runs.engine.urls import Target

PER_HOST = 180
LONGEST = 4096


@dataclass(slots=True)
class Cookie:
    name: str
    value: str
    domain: str
    path: str
    secure: bool
    host_only: bool
    expires: float | None
    http_only: bool = False

    def fits(self, target: Target, now: float) -> bool:
        if self.expires is not None and self.expires <= now:
            return False
        if self.secure and target.origin.scheme != "https":
            return False
        host = target.origin.host
        at_home = host == self.domain if self.host_only else matches(host, self.domain)
        return at_home and _within(target.path, self.path)


class Cookies:
    """Empty for most runs, and then it costs nothing."""

    def __init__(self, cookies: Iterable[Cookie] = ()) -> None:
        self._by_domain: dict[str, dict[tuple[str, str], Cookie]] = {}
        self.put(cookies)

    def header(self, target: Target) -> str:
        """The Cookie header for a request, longer paths first; empty when nothing fits."""
        if not self._by_domain:
            return ""
        now = time.time()
        fitting = [
            cookie
            for domain in _domains(target.origin.host)
            for cookie in self._by_domain.get(domain, {}).values()
            if cookie.fits(target, now)
        ]
        fitting.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in fitting)

    def __iter__(self) -> Iterator[Cookie]:
        return (cookie for kept in self._by_domain.values() for cookie in kept.values())

    def put(self, cookies: Iterable[Cookie]) -> None:
        """What a browser has by now."""
        for cookie in cookies:
            self._store(cookie)

    def take(self, lines: list[str], target: Target) -> None:
        """Set-Cookie lines of an answer. What the site may not set is ignored."""
        for line in lines:
            if (cookie := parse(line, target)) is not None:
                self._store(cookie)

    def _store(self, cookie: Cookie) -> None:
        kept = self._by_domain.setdefault(cookie.domain, {})
        key = (cookie.name, cookie.path)
        if cookie.expires is not None and cookie.expires <= time.time():
            kept.pop(key, None)
        elif key in kept or len(kept) < PER_HOST:
            kept[key] = cookie


def parse(line: str, target: Target) -> Cookie | None:
    """One Set-Cookie line, or None where it is empty, too long or for somebody else's host."""
    pair, *rest = line.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name or len(pair) > LONGEST:
        return None
    given = dict(_attribute(part) for part in rest)
    host = target.origin.host
    domain = given.get("domain", "").lstrip(".").lower()
    foreign = domain and (target.origin.is_ip or "." not in domain or not matches(host, domain))
    if foreign and domain != host:
        return None
    path = given.get("path", "")
    return Cookie(
        name=name,
        value=value,
        domain=domain or host,
        path=path if path.startswith("/") else _default_path(target.path),
        secure="secure" in given,
        host_only=not domain,
        expires=_expiry(given),
        http_only="httponly" in given,
    )


def matches(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _attribute(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip()


def _domains(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _within(path: str, scope: str) -> bool:
    path = path.partition("?")[0]
    return path == scope or path.startswith(scope if scope.endswith("/") else scope + "/")


def _default_path(path: str) -> str:
    folder = path.partition("?")[0].rpartition("/")[0]
    return folder or "/"


def _expiry(given: dict[str, str]) -> float | None:
    age = given.get("max-age", "")
    if age.removeprefix("-").isdecimal():
        return time.time() + int(age)
    try:
        return parsedate_to_datetime(given["expires"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
