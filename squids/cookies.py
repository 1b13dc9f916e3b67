"""Cookies as people bring them: a browser extension's JSON, a cookies.txt, or a Cookie header.

No message here holds any part of what was given but its line or entry number: it may be a secret.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from itertools import islice
from typing import Any

SIZE_LIMIT = 256 * 1024
"""Bytes of what is given, in a file or as text."""
COUNT_LIMIT = 300
LONGEST = 4096
"""Characters of a cookie's name and value together, as browsers have it."""
HOST_LIMIT = 253
_LAST_MOMENT = 253_402_300_799.0
"""The end of the year 9999, in seconds; what is far past it is meant in milliseconds."""
_HTTP_ONLY = "#HttpOnly_"
_NOT_IN_NAME = re.compile(r"[\x00-\x20\x7f;=,\ud800-\udfff]")
_NOT_IN_VALUE = re.compile(r"[\x00-\x1f\x7f;\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:]*:[0-9a-f:.]+")
_YES_NO = {"TRUE": True, "FALSE": False}


class CookieError(ValueError):
    """What cannot be read as cookies; ``message`` says which line or entry is wrong, and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Cookie:
    """``domain`` has no leading point, and is empty where none was given; ``expires`` is seconds
    since 1970, None for as long as the session lasts."""

    name: str
    value: str = field(repr=False)
    domain: str = ""
    path: str = "/"
    expires: float | None = None
    secure: bool = False
    host_only: bool = False

    def at(self, site: str) -> Cookie:
        """The same for all hosts of a site, as one that does not say whose it is."""
        return replace(self, domain=site, host_only=_alone(site))

    def fits_site(self, site: str) -> bool:
        """Whether the browser would send it to ``site`` or to a host under it."""
        to_parent = not self.host_only and site.endswith(f".{self.domain}")
        return self.domain == site or self.domain.endswith(f".{site}") or to_parent


def parse(text: str) -> list[Cookie]:
    """At least one cookie, each (name, domain, path) once. Raises CookieError.

    Takes a JSON list as browser extensions export it (or an object that holds it as ``cookies``),
    a JSON object of names and values, a Netscape ``cookies.txt``, or a header ``a=b; c=d``.
    """
    if len(text.encode(errors="surrogatepass")) > SIZE_LIMIT:
        raise CookieError(f"This is longer than {SIZE_LIMIT // 1024} KB; export one site only.")
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise CookieError("There is nothing in it.")
    given = list(islice(_read(text), COUNT_LIMIT + 1))
    if not given:
        raise CookieError("There is no cookie in it.")
    if len(given) > COUNT_LIMIT:
        raise CookieError(f"More than {COUNT_LIMIT} cookies; export those of one site only.")
    return list({(cookie.name, cookie.domain, cookie.path): cookie for cookie in given}.values())


def host_of(site: str) -> str:
    """The host of an address or of a host name, in lower case. Raises CookieError."""
    text = site.strip().lower()
    text = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text)
    host = re.split(r"[/?#]", text, maxsplit=1)[0].rpartition("@")[2]
    if host.startswith("["):
        return _domain(host[1:].partition("]")[0], "The site")
    return _domain(host if host.count(":") > 1 else host.partition(":")[0], "The site")


def _read(text: str) -> Iterator[Cookie]:
    if text[0] in "[{":
        return _from_json(text)
    lines = text.splitlines()
    if text[0] == "#" or any("\t" in line for line in lines):
        return _from_file(lines)
    return _from_header(lines)


# --- JSON ---------------------------------------------------------------------------------------
def _from_json(text: str) -> Iterator[Cookie]:
    data = _load(text)
    if isinstance(data, dict) and isinstance(data.get("cookies"), list):
        data = data["cookies"]
    if isinstance(data, dict):
        return _from_pairs(data)
    return (_entry(entry, f"Entry {number}") for number, entry in enumerate(data, start=1))


def _load(text: str) -> Any:
    """Without the decoder's own error, which holds the whole text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError):
        where = "a number too long, or lists too deep"
    raise CookieError(f"This begins as JSON and is none: {where}.")


def _from_pairs(data: Mapping[str, Any]) -> Iterator[Cookie]:
    for number, (name, value) in enumerate(data.items(), start=1):
        place = f"Entry {number}"
        yield Cookie(_name(name, place), _value(name, value, place))


def _entry(entry: Any, place: str) -> Cookie:
    if not isinstance(entry, dict):
        raise CookieError(f"{place} is no object with “name” and “value”.")
    name = _name(entry.get("name"), place)
    given = entry.get("domain") or ""
    if not isinstance(given, str):
        raise CookieError(f"{place}: its domain is no text.")
    domain = _domain(given, f"{place}: its domain") if given else ""
    host_only = entry.get("hostOnly", not given.strip().startswith("."))
    expires = entry.get("expirationDate", entry.get("expires"))
    return Cookie(
        name=name,
        value=_value(name, entry.get("value"), place),
        domain=domain,
        path=_path(entry.get("path")),
        expires=None if entry.get("session") is True else _moment(expires, place),
        secure=entry.get("secure") is True,
        host_only=host_only is True or _alone(domain),
    )


# --- cookies.txt --------------------------------------------------------------------------------
def _from_file(lines: Iterable[str]) -> Iterator[Cookie]:
    for number, line in enumerate(lines, start=1):
        http_only = line.startswith(_HTTP_ONLY)
        if http_only or (line.strip() and not line.lstrip().startswith("#")):
            yield _line(line.removeprefix(_HTTP_ONLY), f"Line {number}")


def _line(line: str, place: str) -> Cookie:
    parts = line.split("\t") if "\t" in line else line.split(maxsplit=6)
    if len(parts) == 6:  # an empty value, whose tab was lost
        parts.append("")
    if len(parts) != 7:
        raise CookieError(f"{place} has {len(parts)} parts; a line of a cookies.txt has 7.")
    given, wide, path, secure, expires, name, value = parts
    for flag in (wide, secure):
        if flag.strip().upper() not in _YES_NO:
            raise CookieError(f"{place}: its second and fourth part are TRUE or FALSE.")
    domain = _domain(given, f"{place}: its domain")
    return Cookie(
        name=_name(name, place),
        value=_value(name, value, place),
        domain=domain,
        path=_path(path),
        expires=_moment(expires, place),
        secure=_YES_NO[secure.strip().upper()],
        host_only=not _YES_NO[wide.strip().upper()] or _alone(domain),
    )


# --- header -------------------------------------------------------------------------------------
def _from_header(lines: list[str]) -> Iterator[Cookie]:
    text = re.sub(r"^cookie:\s*", "", lines[0], flags=re.IGNORECASE)
    if len(lines) > 1 or "=" not in text:
        raise CookieError("This is no JSON, no cookies.txt and no line such as “a=b; c=d”.")
    for number, part in enumerate(text.split(";"), start=1):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if part.strip() and not equals:
            raise CookieError(f"Entry {number} has no “=”.")
        if part.strip():
            place = f"Entry {number}"
            yield Cookie(_name(name, place), _value(name, value, place))


# --- parts of a cookie --------------------------------------------------------------------------
def _name(given: Any, place: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise CookieError(f"{place} has no name.")
    name = given.strip()
    if _NOT_IN_NAME.search(name):
        raise CookieError(f"{place}: its name has a character that no cookie's name may have.")
    return name


def _value(name: str, given: Any, place: str) -> str:
    if not isinstance(given, str):
        raise CookieError(f"{place}: its value is no text.")
    value = given.strip()
    if _NOT_IN_VALUE.search(value):
        raise CookieError(f"{place}: its value has a character that no cookie may have.")
    if len(name) + len(value) > LONGEST:
        raise CookieError(f"{place} is longer than {LONGEST:,} characters.")
    return value


def _domain(given: str, what: str) -> str:
    domain = given.strip().lower().lstrip(".").rstrip(".")
    try:
        if not domain.isascii() and len(domain) <= HOST_LIMIT:  # encoding takes its time
            domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if len(domain) > HOST_LIMIT or not _HOST.fullmatch(domain):
        raise CookieError(f"{what} is no host name, such as shop.example.")
    return domain


def _path(given: Any) -> str:
    path = given.strip() if isinstance(given, str) else ""
    return path if path.startswith("/") and path.isprintable() else "/"


def _alone(domain: str) -> bool:
    """Whether nothing can stand under it: an address in numbers, or a name without a point."""
    try:
        return bool(ip_address(domain))
    except ValueError:
        return bool(domain) and "." not in domain


def _moment(given: Any, place: str) -> float | None:
    """0, -1 and nothing stand for the end of the session."""
    if given is None or given == "":
        return None
    seconds = _seconds(given)
    if seconds is None or not math.isfinite(seconds):
        raise CookieError(f"{place}: its expiry is no moment.")
    seconds = seconds / 1000 if seconds > _LAST_MOMENT else seconds
    if seconds > _LAST_MOMENT:
        raise CookieError(f"{place}: its expiry is past the year 9999.")
    return seconds if seconds > 0 else None


def _seconds(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    for read in (float, _from_iso, _from_http):
        try:
            return read(str(given))
        except (TypeError, ValueError, OverflowError):
            continue
    return None


def _from_iso(given: str) -> float:
    moment = datetime.fromisoformat(given.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _from_http(given: str) -> float:
    return parsedate_to_datetime(given).timestamp()
