"""Months and days of a zone. Their boundaries are local midnights, given in UTC, so that they can
be compared across a change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from squids.models import Interval

DAY = timedelta(days=1)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins there; where the clocks skip midnight, when they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_midnight(at: datetime, zone: tzinfo) -> datetime:
    return midnight(at.astimezone(zone).date() + DAY, zone)


def period(at: datetime, interval: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The day or month around a moment: its beginning, and that of the next one."""
    first = at.astimezone(zone).date()
    if interval == Interval.DAY:
        return midnight(first, zone), midnight(first + DAY, zone)
    first = first.replace(day=1)
    return midnight(first, zone), midnight((first + 32 * DAY).replace(day=1), zone)


def days_left(at: datetime, end: datetime, zone: tzinfo) -> int:
    """How many days there are until ``end``, today included; at least one."""
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    return max((last - at.astimezone(zone).date()).days + 1, 1)
