"""Cron expressions: five fields, checked one by one, and the clock readings that fit them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

APART = 5
"""Minutes: two firings are at least this far apart."""
HORIZON = 50
"""Years: what does not fire within these, never does. 29 February on a Sunday takes up to 40."""


class BadCron(ValueError):
    """What is wrong with an expression, in words for people."""


class NeverFires(ValueError):
    def __init__(self) -> None:
        super().__init__("This never fires: no date fits it.")


class Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MINUTE, HOUR, DAY, MONTH, WEEKDAY = FIELDS = (
    Field("Minute", 0, 59),
    Field("Hour", 0, 23),
    Field("Day of month", 1, 31),
    Field("Month", 1, 12, MONTHS),
    Field("Weekday", 0, 6, WEEKDAYS),
)
ITEM = re.compile(r"(\*|[0-9]+|[a-z]+)(?:-([0-9]+|[a-z]+))?(?:/([0-9]+))?", re.ASCII)
LAST_DAY = "l"
LAST = 0
"""Stands for the month's last day among its days."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked expression; made by ``parse``. Weekdays count from Sunday, 0. Where both the day
    and the weekday are restricted (not ``*`` or ``*/n``), a date that fits either is due."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def after(self, reading: datetime) -> datetime:
        """The first reading of a clock that fits and is later than this one. Raises NeverFires."""
        for day in self._dates(reading.date()):
            for hour in self.hours:
                for minute in self.minutes:
                    due = datetime.combine(day, time(hour, minute))
                    if due > reading:
                        return due
        raise NeverFires

    def _dates(self, first: date) -> Iterator[date]:
        for months in range(HORIZON * 12):
            years, month = divmod(first.month - 1 + months, 12)
            if month + 1 not in self.months:
                continue
            year = first.year + years
            start = 1 if months else first.day
            last = monthrange(year, month + 1)[1]
            days = (date(year, month + 1, day) for day in range(start, last + 1))
            yield from (day for day in days if self._falls_on(day, last))

    def _falls_on(self, day: date, last: int) -> bool:
        by_day = day.day in self.days or (LAST in self.days and day.day == last)
        by_weekday = day.isoweekday() % 7 in self.weekdays
        return by_day or by_weekday if self.either else by_day and by_weekday

    @property
    def runs_in_all_hours(self) -> bool:
        return len(self.hours) == 24

    @property
    def too_close(self) -> tuple[int, int, int] | None:
        """The two minutes between which the least time passes, and how much; None where it is at
        least five minutes."""
        pairs = list(zip(self.minutes, self.minutes[1:], strict=False))
        if any((hour + 1) % 24 in self.hours for hour in self.hours):
            pairs.append((self.minutes[-1], self.minutes[0]))
        gaps = [((later - earlier - 1) % 60 + 1, earlier, later) for earlier, later in pairs]
        gap, earlier, later = min(gaps, default=(60, 0, 0))
        return (earlier, later, gap) if gap < APART else None


def parse(text: str) -> Cron:
    """Raises BadCron, naming the field at fault."""
    parts = text.lower().split()
    if len(parts) != len(FIELDS):
        raise BadCron(
            "A cron expression has five fields: minute, hour, day of month, month, weekday."
            f" This one has {len(parts)}."
        )
    minutes, hours, days, months, weekdays = map(_values, parts, FIELDS)
    either = not (parts[2].startswith("*") or parts[4].startswith("*"))
    return Cron(
        " ".join(parts),
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        frozenset(days),
        frozenset(months),
        frozenset(weekdays),
        either,
    )


def check(text: str, after: datetime) -> Cron:
    """An expression that is worth keeping. Raises BadCron, also for one that never fires after
    this reading of a clock, and for one that fires too often."""
    cron = parse(text)
    if close := cron.too_close:
        earlier, later, gap = close
        minutes = f"{gap} minute{'' if gap == 1 else 's'}"
        raise BadCron(
            f"Minute: {earlier} and {later} are {minutes} apart; at least {APART} are needed."
        )
    try:
        cron.after(after)
    except NeverFires as never:
        raise BadCron(str(never)) from never
    return cron


def _values(part: str, field: Field) -> set[int]:
    return {value for item in part.split(",") for value in _item(item, field)}


def _item(item: str, field: Field) -> Iterator[int]:
    """A number, a name, ``*``, a range, each perhaps with a step; ``L`` for the last day."""
    if item == LAST_DAY and field is DAY:
        return iter((LAST,))
    found = ITEM.fullmatch(item)
    if not found or (found[1] == "*" and found[2]):
        raise BadCron(f"{field.name}: “{item}” is not understood.")
    low = field.lowest if found[1] == "*" else _number(found[1], field)
    high = field.highest if found[1] == "*" or found[3] else low
    if found[2]:
        high = _number(found[2], field)
    if field is WEEKDAY and high == 0 < low:
        high = 7  # as in fri-sun
    if low > high:
        raise BadCron(f"{field.name}: “{item}” runs backwards.")
    return (
        value % 7 if field is WEEKDAY else value
        for value in range(low, high + 1, _step(found[3], field))
    )


def _step(text: str | None, field: Field) -> int:
    if text is None:
        return 1
    if len(text) > 2 or not 1 <= int(text) <= field.highest:
        raise BadCron(f"{field.name}: a step is from 1 to {field.highest}.")
    return int(text)


def _number(text: str, field: Field) -> int:
    """7 is Sunday as 0 is, which leaves ranges such as 5-7 in order."""
    if text in field.names:
        return field.lowest + field.names.index(text)
    highest = 7 if field is WEEKDAY else field.highest
    if not text.isdecimal():
        raise BadCron(f"{field.name}: “{text}” is not understood.")
    if len(text) > 2 or not field.lowest <= int(text) <= highest:
        raise BadCron(f"{field.name}: {text[:9]} is not from {field.lowest} to {highest}.")
    return int(text)
