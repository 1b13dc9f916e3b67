"""When something repeats: the next moment after another. Plain Python, moments in UTC.

``Elapsed`` counts real time, so no change of the clock doubles or skips anything. ``OnClock`` reads
a wall clock: a time that the clock jumps over counts at the first moment after the jump, one that
it shows twice at the first of the two. ``EveryHour`` is for cron expressions that run in all hours:
they run in every real hour, the doubled one too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from squids.cron import Cron, NeverFires

__all__ = ["Elapsed", "EveryHour", "OnClock", "Rule", "at_times", "cron_rule", "moment_of"]

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
TRIES = 2_000
"""Readings of the clock in a row that may lead to nothing: more than a doubled day has."""


class Rule(ABC):
    @abstractmethod
    def after(self, moment: datetime) -> datetime:
        """The first firing later than the moment, in UTC. Raises NeverFires."""

    def each_after(self, moment: datetime) -> Iterator[datetime]:
        """Every firing later than the moment, in order."""
        while True:
            moment = self.after(moment)
            yield moment


@dataclass(frozen=True, slots=True)
class Elapsed(Rule):
    """Every ``step`` of real time, counted from ``anchor``."""

    step: timedelta
    anchor: datetime

    def after(self, moment: datetime) -> datetime:
        anchor = self.anchor.astimezone(UTC)
        return anchor + ((moment - anchor) // self.step + 1) * self.step


class Readings(Protocol):
    """What a wall clock shows when something is due."""

    def after(self, reading: datetime) -> datetime:
        """The first reading later than this one, both without a zone."""


@dataclass(frozen=True, slots=True)
class Daily:
    """At a time of day; on some weekdays only (0 is Monday), or on a day of the month only, which
    is the last one of a shorter month."""

    at: time
    weekdays: frozenset[int] = frozenset()
    day: int = 0

    def after(self, reading: datetime) -> datetime:
        first = reading.date()
        days = (first + n * DAY for n in range(2 * 31 + 1))
        dues = (datetime.combine(day, self.at) for day in days if self._falls_on(day))
        return next(due for due in dues if due > reading)

    def _falls_on(self, day: date) -> bool:
        if self.weekdays:
            return day.weekday() in self.weekdays
        return not self.day or day.day == min(self.day, monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class OnClock(Rule):
    readings: Readings
    zone: tzinfo

    def after(self, moment: datetime) -> datetime:
        reading = _reading(moment, self.zone)
        for _ in range(TRIES):
            reading = self.readings.after(reading)
            due = moment_of(reading, self.zone)
            if due > moment:  # else the clock was put back and shows this reading again
                return due
        raise NeverFires


@dataclass(frozen=True, slots=True)
class EveryHour(Rule):
    readings: Readings
    zone: tzinfo

    def after(self, moment: datetime) -> datetime:
        reading = _reading(moment, self.zone)
        dues = [self._again(moment, reading)]
        for _ in range(TRIES):
            reading = self.readings.after(reading)
            dues += moments_of(reading, self.zone)
            if later := [due for due in dues if due and due > moment]:
                return min(later)
        raise NeverFires

    def _again(self, moment: datetime, reading: datetime) -> datetime | None:
        """The first firing once the clock is put back, where that is about to double this hour."""
        twice = moments_of(reading, self.zone)
        if len(twice) == 1 or moment >= twice[1]:
            return None
        back = _change(twice[0], twice[1], self.zone)
        due = self.readings.after(_reading(back, self.zone) - SECOND)
        return next(iter(moments_of(due, self.zone)[1:]), None)


def at_times(
    at: time, zone: tzinfo, *, weekdays: frozenset[int] = frozenset(), day: int = 0
) -> OnClock:
    return OnClock(Daily(at, weekdays, day), zone)


def cron_rule(cron: Cron, zone: tzinfo) -> Rule:
    return EveryHour(cron, zone) if cron.runs_in_all_hours else OnClock(cron, zone)


# --- wall clocks ------------------------------------------------------------------------------


def _reading(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def moment_of(reading: datetime, zone: tzinfo) -> datetime:
    """When the clock first shows this; where it jumps over it, the first moment after the jump."""
    first, second = _both(reading, zone)
    if _reading(first, zone) == reading:
        return first
    return _change(second, first, zone)


def moments_of(reading: datetime, zone: tzinfo) -> list[datetime]:
    """Every moment at which the clock shows this: none, one, or two in order."""
    return sorted(at for at in set(_both(reading, zone)) if _reading(at, zone) == reading)


def _both(reading: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The moment by the offset before a change of the clock, and by the one after it."""
    first, second = (reading.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.astimezone(UTC), second.astimezone(UTC)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The second at which the clock is put to another offset, between two moments around it."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
