"""Texts of pages into the values of a recipe's types. What does not match is None."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal, get_args
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from squids.crawlers.interface import ColumnType

FieldType = Literal["text", "number", "integer", "boolean", "url", "date", "html"]
FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)
COLUMN_TYPES: dict[str, ColumnType] = {
    "text": "string",
    "number": "float",
    "integer": "integer",
    "boolean": "boolean",
    "url": "string",
    "date": "string",
    "html": "text",
    "json": "json",
}
"""What columns of a recipe's fields hold, by the field's type."""
Value = str | float | int | bool
Convert = Callable[[str, str], Value | None]

TRUE = {"true", "yes", "on", "1", "y", "t"}
FALSE = {"false", "no", "off", "0", "n", "f"}
LARGEST_INTEGER = 2**63 - 1

# In this order: groups of three set apart by spaces or apostrophes; by commas; by points; none.
_NUMBER = re.compile(
    r"(?:(?<![\w.,])(?P<minus>[-\u2212])\s?(?:[$€£¥₹₽₩₺฿]|[A-Z]{3})?\s?)?"
    r"(?<![\d])"
    r"(?:(?P<spaced>\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?!\d))(?:[.,](?P<s>\d+))?"
    r"|(?P<commas>[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?!\d))(?:\.(?P<c>\d+))?"
    r"|(?P<points>[1-9]\d{0,2}(?:\.\d{3})+),(?P<p>\d+)"
    r"|(?P<millions>[1-9]\d{0,2}(?:\.\d{3}){2,}(?!\d))"
    r"|(?P<plain>\d+)(?:[.,](?P<d>\d+))?"
    r"|(?<![\w.])\.(?P<fraction>\d+))"
)
_NOT_DIGITS = re.compile(r"\D+")
_SIMPLE = re.compile(r"[^\d\s.,'’\u2212-]?(\d+\.\d\d?)(?![\d.,])")

_PLAIN_LINK = re.compile(
    r"(?P<folder>(?:(?:\.\./)*|/)(?:[\w-][\w.-]*/)*)(?P<file>[\w-][\w.-]*(?:\?[\w.=&%-]*)?)", re.A
)

_MONTH_NAMES = ["january", "february", "march", "april", "may", "june", "july", "august"]
_MONTH_NAMES += ["september", "october", "november", "december"]
_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTHS |= {name: number for number, name in enumerate(_MONTH_NAMES, start=1)} | {"sept": 9}
_TIME = r"(?:\D{1,5}(?P<H>\d\d?):(?P<M>\d\d)(?::(?P<S>\d\d))?(?:\s*(?P<half>[ap])\.?m\b\.?)?)?"
_DAY = r"(?P<d>\d\d?)(?:st|nd|rd|th)?"
_DATES = [
    re.compile(pattern + _TIME, re.I)
    for pattern in (
        rf"(?<!\d){_DAY}[\s.-]*(?:of\s+)?(?P<month>[a-z]{{3,9}})\b[\s.,-]*(?P<y>\d{{4}})(?!\d)",
        rf"\b(?P<month>[a-z]{{3,9}})\b\.?\s*{_DAY},?\s+(?P<y>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d\d?)[-/.](?P<d>\d\d?)(?!\d)",
        r"(?<!\d)(?P<d>\d\d?)\.\s?(?P<m>\d\d?)\.\s?(?P<y>\d{4})(?!\d)",
        r"(?<!\d)(?P<a>\d\d?)[/-](?P<b>\d\d?)[/-](?P<y>\d{4})(?!\d)",
    )
]
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:Z|[+-]\d\d:?\d\d)?)?")


def number(text: str) -> float | None:
    """The first number in a text, its groups and decimal sign understood.

    Where one sign stands once, a comma before exactly three digits groups (``1,234``), any other
    comma and every point is a decimal sign (``12,50``, ``1.234``).
    """
    simple = _SIMPLE.fullmatch(text)
    if simple:
        return _finite(simple[1])
    match = _NUMBER.search(text)
    if match is None:
        return None
    return _finite(("-" if match["minus"] else "") + _whole(match) + "." + _fraction(match))


def integer(text: str) -> int | None:
    """The first number in a text where it is whole and fits 64 bits."""
    match = _NUMBER.search(text)
    if match is None or _fraction(match).strip("0"):
        return None
    digits = _whole(match)
    if len(digits) > 19 or int(digits) > LARGEST_INTEGER:
        return None
    return -int(digits) if match["minus"] else int(digits)


def boolean(text: str) -> bool | None:
    """True for yes, true, on, 1 and for an attribute without a value; False for their contrary."""
    word = text.strip().lower()
    if word in TRUE or not word:
        return True
    return False if word in FALSE else None


def absolute(text: str, base: str) -> str | None:
    """The whole http or https address a link leads to, as a browser would read it."""
    if plain := _PLAIN_LINK.fullmatch(text):
        folder = _folder(plain["folder"] or "./", base)
        return folder and folder + plain["file"]
    link = text.strip()
    if not link.isascii() or not link.isprintable() or " " in link:
        link = quote(re.sub(r"[\t\r\n]", "", link), safe="!#$%&'()*+,/:;=?@[]~")
    return _joined(link, base)


@lru_cache(maxsize=256)
def _folder(path: str, base: str) -> str | None:
    """Links of a page share their folder, and joining is dear."""
    return _joined(path, base)


def _joined(link: str, base: str) -> str | None:
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url if usable else None


def page_address(url: str) -> str:
    """An address without its fragment: what is asked for."""
    return urldefrag(url).url


def iso_date(text: str) -> str | None:
    """A date, with its time and zone where they are given, in ISO 8601.

    Reads ISO, RFC 2822, English month names, year first, and day first with points. A date such as
    03/04/2025 is two dates, so it is None.
    """
    iso = _ISO.search(text)
    try:
        if iso:
            return _from_iso(iso[0])
        if "," in text[:4]:
            return parsedate_to_datetime(text).isoformat()
    except (ValueError, OverflowError):  # a year past what C counts
        pass
    found = (_from_match(match) for form in _DATES if (match := form.search(text)))
    return next((value for value in found if value), None)


def convert(kind: FieldType) -> Convert:
    """A function of a text and the page's base address."""
    return _CONVERT[kind]


def _whole(match: re.Match[str]) -> str:
    digits = match["spaced"] or match["commas"] or match["points"] or match["millions"]
    return _NOT_DIGITS.sub("", digits) if digits else match["plain"] or "0"


def _fraction(match: re.Match[str]) -> str:
    return match["s"] or match["c"] or match["p"] or match["d"] or match["fraction"] or "0"


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if abs(value) != float("inf") else None


def _from_iso(text: str) -> str:
    if len(text) == 10:
        return date.fromisoformat(text).isoformat()
    return datetime.fromisoformat(re.sub(r"\s(?=[Z+-])", "", text)).isoformat()


def _from_match(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    month, day = _month_and_day(groups)
    try:
        found = date(int(groups["y"]), month, day)
        if not groups["H"]:
            return found.isoformat()
        hour = _hour(int(groups["H"]), groups["half"])
        clock = time(hour, int(groups["M"]), int(groups["S"] or 0))
        return datetime.combine(found, clock).isoformat()
    except ValueError:
        return None


def _month_and_day(groups: dict[str, str | None]) -> tuple[int, int]:
    """(0, 0) where they cannot be told apart."""
    if groups.get("month"):
        return _MONTHS.get(str(groups["month"]).lower(), 0), int(groups["d"] or 0)
    if groups.get("m"):
        return int(groups["m"] or 0), int(groups["d"] or 0)
    first, second = int(groups["a"] or 0), int(groups["b"] or 0)
    if first == second or second > 12:
        return first, second
    return (second, first) if first > 12 else (0, 0)


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    return hour % 12 + (12 if half.lower() == "p" else 0)


_CONVERT: dict[FieldType, Convert] = {
    "text": lambda text, base: text,
    "html": lambda text, base: text,
    "number": lambda text, base: number(text),
    "integer": lambda text, base: integer(text),
    "boolean": lambda text, base: boolean(text),
    "url": absolute,
    "date": lambda text, base: iso_date(text),
}
