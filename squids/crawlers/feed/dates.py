"""Dates as feeds write them, into ISO and UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from squids.crawlers.values import iso_date

_LONGEST = 100
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s?([Zz]|[+-]\d\d:?\d\d|[+-]\d\d)?)?"
)
_FRACTION = re.compile(r"[.,]\d+")


def utc(text: str | None) -> str | None:
    """A moment in UTC, one without a zone taken for UTC; a day where there is no time."""
    text = (text or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _iso(text) or _mail(text) or _other(text)
    except (ValueError, OverflowError):  # a date that no calendar has
        return None


def _iso(text: str) -> str | None:
    found = _ISO.match(text)
    if found is None:
        return None
    day, clock, zone = found.groups()
    if clock is None:
        return datetime.fromisoformat(day).date().isoformat()
    zone = "+00:00" if not zone or zone in "Zz" else zone
    return _at(datetime.fromisoformat(f"{day}T{_FRACTION.sub('', clock)}{zone}"))


def _mail(text: str) -> str | None:
    """As in e-mails, with or without the weekday."""
    try:
        return _at(parsedate_to_datetime(text)) if ":" in text else None
    except ValueError:
        return None


def _other(text: str) -> str | None:
    found = iso_date(text)
    return found if found is None or len(found) == 10 else _at(datetime.fromisoformat(found))


def _at(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds")
