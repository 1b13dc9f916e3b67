"""E-mail addresses: in links, in text, disguised from machines, and hidden by Cloudflare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from squids.crawlers.contacts.sites import can_be_a_name

LONGEST = 254
LONGEST_LOCAL, LONGEST_HOST = 64, 253
MOST_OF_A_LINK = 20
MOST_SIGNS = 5_000
"""At signs that are looked at in one page's text."""
_OPEN, _CLOSE = r"[ \xa0]?[\[({<][ \xa0]?", r"[ \xa0]?[\])}>][ \xa0]?"
_AT = re.compile(rf"{_OPEN}(?:at|ät|a|@|arobase|arroba|chiocciola|apestaart){_CLOSE}", re.I)
_DOT = re.compile(rf"{_OPEN}(?:dot|punkt|point|punto|ponto|kropka|\.){_CLOSE}", re.I)
_DOT_IN_WORDS = re.compile(r"(?<=\w)[ \xa0](?:dot|punkt|punto|ponto)[ \xa0](?=\w)", re.I)
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z")
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{0,61}[^\W_]")
_AROUND = ".'`*/=|{}&?~!#$%^"
_HEX = re.compile(r"[0-9a-fA-F]{6,600}")


@dataclass(frozen=True, slots=True)
class Address:
    """``value`` is in lower case, its domain as people write it; ``domain`` as look-ups take it.
    ``start`` is where it stands in its line."""

    value: str
    domain: str
    written: str
    start: int = 0


def address(text: str) -> Address | None:
    """Of what is said to be one, as by a link; None where it cannot be, whoever says so."""
    written = text.strip().strip("<>").removeprefix("mailto:")
    host = written.rpartition("@")[2].lower()
    if len(written) > LONGEST or "." not in host.strip("."):
        return None
    try:
        found = validate_email(written, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return Address(found.normalized.lower(), found.ascii_domain.lower(), written)


def domain_of(value: str) -> str | None:
    """The domain of an address, in ASCII."""
    found = address(value)
    return found.domain if found else None


def of_link(href: str) -> list[Address]:
    """What a ``mailto:`` link writes to: its addresses, and those in its ``to`` and ``cc``."""
    path, _, query = href.partition(":")[2].partition("?")
    fields = [field.partition("=") for field in query.split("&")[:MOST_OF_A_LINK]]
    lists = [path, *(value for name, _, value in fields if name.lower() in ("to", "cc"))]
    parts = [part for text in lists for part in re.split("[,;]", unquote(text)[:4_000])]
    found = [address(_inside(part)) for part in parts[:MOST_OF_A_LINK] if "@" in part]
    return [one for one in found if one]


def _inside(part: str) -> str:
    """The address of ``Name <address>``."""
    return part.rpartition("<")[2].partition(">")[0] if "<" in part else part


def plain(line: str) -> str:
    """A line with signs in place of words in brackets that disguise an address."""
    if not _AT.search(line):
        return line
    return _DOT_IN_WORDS.sub(".", _DOT.sub(".", _AT.sub("@", line)))


def of_line(line: str) -> Iterator[Address]:
    """What stands in a line of text."""
    place = line.find("@")
    while place >= 0:
        if found := _around(line, place):
            yield found
        place = line.find("@", place + 1)


def signs(line: str) -> int:
    """How many at signs a line has: what its reading costs."""
    return line.count("@")


def _around(line: str, place: int) -> Address | None:
    local = _LOCAL.search(line[max(place - LONGEST_LOCAL, 0) : place])
    host = _HOST.match(line[place + 1 : place + 1 + LONGEST_HOST])
    if local is None or host is None or line[place + 1 + host.end() :][:1] == "@":
        return None
    name = local[0].lstrip(_AROUND)
    found = address(f"{name}@{host[0]}") if can_be_a_name(host[0].lower()) else None
    return Address(found.value, found.domain, found.written, place - len(name)) if found else None


def of_cloudflare(code: str) -> Address | None:
    """What stands, encoded by its first byte, in ``data-cfemail`` or behind the ``#`` of a link."""
    if not _HEX.fullmatch(code) or len(code) % 2:
        return None
    key, *hidden = bytes.fromhex(code)
    return address(bytes(byte ^ key for byte in hidden).decode("utf-8", "replace"))
