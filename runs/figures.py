"""Numbers and times as people read them; pages, exports and console texts use the same words."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86_400
AGO_LIMIT = 7 * DAY
"""Past this age a date says more than a count of days."""


def thousands(value: int | float) -> str:
    """``1234567`` → ``1,234,567``."""
    return f"{value:,}"


def credits_text(thousandths: int | float) -> str:
    """Credits from their thousandths: ``1234500`` → ``1,234.5``, without idle zeros."""
    text = f"{thousandths / 1000:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rounded_credits_text(thousandths: int | float) -> str:
    """The same in whole credits from ten on, with one digit behind the point below."""
    return f"{thousandths / 1000:,.0f}" if thousandths >= 9_950 else f"{thousandths / 1000:.1f}"


def duration_text(value: timedelta) -> str:
    """The two largest units: ``1 h 04 m``, ``4 m 09 s``, ``12 s``, ``2 d 03 h``."""
    seconds = max(int(value.total_seconds()), 0)
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} m {seconds % MINUTE:02d} s"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d} m"
    return f"{seconds // DAY} d {seconds % DAY // HOUR:02d} h"


def ago_text(moment: datetime, now: datetime) -> str:
    """How far a moment lies from now, in its largest unit; a date once that is more than a week."""
    seconds = int((now - moment).total_seconds())
    away = abs(seconds)
    if away < 5:
        return "just now"
    if away >= AGO_LIMIT:
        return f"{moment.day} {moment:%b %Y}"
    text = _largest_unit(away)
    return f"{text} ago" if seconds > 0 else f"in {text}"


def until_text(moment: datetime, now: datetime) -> str:
    """How long it is until a moment: ``in 6 d``, ``in 5 h``, ``in a minute``, ``now``."""
    seconds = int((moment - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {_largest_unit(seconds)}" if seconds > MINUTE else "in a minute"


def _largest_unit(seconds: int) -> str:
    for size, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
