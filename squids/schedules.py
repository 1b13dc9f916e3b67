"""What a schedule says: when it fires, and its text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from squids import cron, zones
from squids.models import Repeat, Schedule
from squids.recurrence import Elapsed, Rule, at_times, cron_rule, moment_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORKDAYS = [0, 1, 2, 3, 4]

T = TypeVar("T")


class BrokenSchedule(Exception):
    """A row that cannot be worked out, as with an unknown zone. The text is for its owner."""


def zone_of(schedule: Schedule) -> ZoneInfo:
    """Raises BrokenSchedule for a zone that is not known here."""
    if schedule.time_zone not in zones.names():
        raise BrokenSchedule(f"There is no time zone “{schedule.time_zone}” here.")
    return ZoneInfo(schedule.time_zone)


def each_after(schedule: Schedule, moment: datetime) -> Iterator[datetime]:
    """Every firing later than the moment, in order, in UTC. Raises BrokenSchedule."""
    zone = zone_of(schedule)
    try:
        yield from _rule(schedule, zone).each_after(moment)
    except (cron.BadCron, cron.NeverFires) as bad:
        raise BrokenSchedule(f"The cron expression cannot be used. {bad}") from bad
    except (LookupError, OverflowError, TypeError, ValueError) as wrong:
        raise BrokenSchedule("The schedule cannot be worked out.") from wrong


def next_after(schedule: Schedule, moment: datetime) -> datetime:
    """The first firing later than the moment, in UTC. Raises BrokenSchedule."""
    return next(each_after(schedule, moment))


def upcoming(schedule: Schedule, moment: datetime, count: int = 5) -> list[datetime]:
    """The next firings in the schedule's zone. Raises BrokenSchedule."""
    zone = zone_of(schedule)
    return [at.astimezone(zone) for at in islice(each_after(schedule, moment), count)]


def _rule(schedule: Schedule, zone: ZoneInfo) -> Rule:
    match schedule.repeat:
        case Repeat.MINUTES:
            return Elapsed(timedelta(minutes=_given(schedule.every)), _anchor(schedule, zone))
        case Repeat.HOURS:
            return Elapsed(timedelta(hours=_given(schedule.every)), _anchor(schedule, zone))
        case Repeat.DAILY:
            return at_times(_given(schedule.at), zone)
        case Repeat.WEEKLY:
            weekdays = frozenset(range(7)) & frozenset(schedule.weekdays)
            return at_times(_given(schedule.at), zone, weekdays=_given(weekdays))
        case Repeat.MONTHLY:
            return at_times(_given(schedule.at), zone, day=_given(schedule.day))
        case Repeat.CRON:
            return cron_rule(cron.parse(schedule.cron), zone)
    raise ValueError(schedule.repeat)


def _given(value: T | None) -> T:
    if not value:
        raise ValueError("missing")
    return value


def _anchor(schedule: Schedule, zone: ZoneInfo) -> datetime:
    """Elapsed time counts from the midnight before the schedule began, where it is: so every six
    hours begins as 00:00, 06:00, 12:00, 18:00."""
    day = schedule.starts_at.astimezone(zone).date()
    return moment_of(datetime.combine(day, time()), zone)


# --- in words ---------------------------------------------------------------------------------


def text_of(schedule: Schedule) -> str:
    """As people say it: ``Every day at 09:00, Europe/Paris``. A broken row has a text too."""
    match schedule.repeat:
        case Repeat.MINUTES:
            return _every(schedule.every, "minute")
        case Repeat.HOURS:
            return _every(schedule.every, "hour")
        case Repeat.CRON:
            return f"Cron {schedule.cron}, {schedule.time_zone}"
    at = f"{schedule.at:%H:%M}" if schedule.at else "?"
    return f"{_days(schedule)} at {at}, {schedule.time_zone}"


def _every(count: int | None, unit: str) -> str:
    return f"Every {unit}" if count == 1 else f"Every {count} {unit}s"


def _days(schedule: Schedule) -> str:
    if schedule.repeat == Repeat.MONTHLY:
        last = ", or its last day," if (schedule.day or 0) > 28 else ""
        return f"On day {schedule.day} of every month{last}"
    if schedule.repeat == Repeat.DAILY or len(schedule.weekdays) == 7:
        return "Every day"
    if schedule.weekdays == WORKDAYS:
        return "Monday to Friday"
    *others, latest = [name for n, name in enumerate(WEEKDAYS) if n in schedule.weekdays] or ["?"]
    return f"Every {', '.join(others)} and {latest}" if others else f"Every {latest}"


def cron_of(schedule: Schedule) -> str:
    """The cron expression that fires alike; empty where there is none. For hours it is alike but
    for the days on which the clock changes."""
    at, every = schedule.at, schedule.every or 0
    match schedule.repeat:
        case Repeat.MINUTES if every and 60 % every == 0:
            return "0 * * * *" if every == 60 else f"*/{every} * * * *"
        case Repeat.HOURS if every and 24 % every == 0:
            return {1: "0 * * * *", 24: "0 0 * * *"}.get(every, f"0 */{every} * * *")
        case Repeat.DAILY if at:
            return f"{at.minute} {at.hour} * * *"
        case Repeat.WEEKLY if at:
            days = ",".join(str(day) for day in sorted((day + 1) % 7 for day in schedule.weekdays))
            return f"{at.minute} {at.hour} * * {days}"
        case Repeat.MONTHLY if at and schedule.day not in (29, 30):
            return f"{at.minute} {at.hour} {'L' if schedule.day == 31 else schedule.day} * *"
        case Repeat.CRON:
            return schedule.cron
    return ""
