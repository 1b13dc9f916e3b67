"""How far back a task reads: what a person wrote, as a moment; and which dates lie before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from squids.crawlers.params import Param, ParamError, Params

SINCE, ZONE = "fetch_since", "fetch_since_timezone"
LONGEST = timedelta(days=3650)
"""A relative one that is longer counts as this."""
EARLIEST = 1900
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_RELATIVE = re.compile(r"(\d{1,9})\s?([hdw])", re.ASCII | re.IGNORECASE)
_ABSOLUTE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?", re.ASCII)

PARAMS = (
    Param(
        SINCE,
        label="Fetch since",
        help="Leaves out rows older than this: 24h, 7d or 2w before the launch, or a date with or"
        " without a time. The listing must be sorted newest first: a task ends with the page"
        " whose last row is older. The recipe's “date” names the field that tells.",
        example="7d or 2025-06-30 or 2025-06-30 09:00",
    ),
    Param(
        ZONE,
        label="Time zone of that date",
        help="Also of dates on the pages that name none. Empty: UTC.",
        example="Europe/Paris",
    ),
)


@dataclass(frozen=True, slots=True)
class Since:
    """``zone`` is where dates without one count."""

    moment: datetime
    zone: tzinfo

    def is_older(self, value: str | None) -> bool:
        """Whether an ISO date lies before the moment; a day without a time, when all of it does.
        Without a date nobody can tell, so it does not."""
        return value is not None and _latest(value, self.zone) < self.moment

    def __str__(self) -> str:
        return f"{self.moment.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"


def _latest(value: str, zone: tzinfo) -> datetime:
    if len(value) == 10:
        return datetime.combine(date.fromisoformat(value), time.max, zone)
    return _aware(datetime.fromisoformat(value), zone)


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def check(params: Params) -> None:
    """Raises ParamError for what is no moment, and for a time zone that does not fit."""
    given, zone = params.get(SINCE), params.get(ZONE)
    if zone is not None:
        _zone(zone)
    if given is None:
        return
    if not _RELATIVE.fullmatch(given):
        _absolute(given, UTC)
    elif _length(given) == timedelta():
        raise ParamError(SINCE, "This must be at least one hour.")
    elif zone is not None:
        raise ParamError(ZONE, f"A time zone goes with a date; “{given}” needs none.")


def freeze(params: Params, now: datetime) -> dict[str, Any]:
    """The parameters with the moment in place of what was written: a run that is paused goes on
    with the line it began with. Raises ParamError for one that is yet to come."""
    given = params.get(SINCE)
    if given is None:
        return dict(params)
    if _RELATIVE.fullmatch(given):
        moment = now - _length(given)
    else:
        moment = _absolute(given, _zone(params.get(ZONE)))
    if moment > now:
        raise ParamError(SINCE, f"“{given}” is yet to come, so every row would be left out.")
    return {**params, SINCE: moment.astimezone(UTC).isoformat(timespec="seconds")}


def read(params: Mapping[str, Any]) -> Since | None:
    """From parameters that ``freeze`` gave."""
    given = params.get(SINCE)
    if given is None:
        return None
    zone = _zone(params.get(ZONE))
    return Since(_aware(datetime.fromisoformat(given), zone), zone)


def _length(given: str) -> timedelta:
    """Of a relative one, cut to the longest."""
    number, unit = given[:-1].strip(), given[-1].lower()
    return min(int(number), LONGEST // UNITS[unit]) * UNITS[unit]


def _absolute(given: str, zone: tzinfo) -> datetime:
    if not _ABSOLUTE.fullmatch(given):
        text = given if len(given) <= 40 else given[:39] + "…"
        raise ParamError(SINCE, f"“{text}” is no such time; write 24h, 7d, 2w or 2025-06-30.")
    try:
        moment = _aware(datetime.fromisoformat(given), zone)
    except ValueError:
        raise ParamError(SINCE, f"There is no such date as “{given}”.") from None
    if moment.year < EARLIEST:
        raise ParamError(SINCE, f"The earliest year is {EARLIEST}.")
    return moment


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ParamError(
            ZONE, f"There is no time zone “{name[:40]}”; one is called Europe/Paris."
        ) from None
