"""Set a schedule, switch it on and off, delete it. Each is worked out anew whenever it changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Required, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from squids import cron, errors, schedules, zones
from squids.models import Repeat, Schedule, Squid

MOST_MINUTES = 24 * 60
MOST_HOURS = 31 * 24
NO_ZONE = "There is no such time zone."


class ScheduleValues(TypedDict, total=False):
    """``cron`` is the expression; which of the others count depends on ``repeat``."""

    repeat: Required[str]
    time_zone: Required[str]
    every: int | None
    at: time | None
    weekdays: Iterable[int]
    day: int | None
    cron: str


def draft_schedule(squid: Squid, **values: Unpack[ScheduleValues]) -> Schedule:
    """The schedule as it would be, checked and not saved. What ``repeat`` does not use is dropped.
    Raises FieldRefused: repeat, every, at, weekdays, day, cron, time_zone."""
    if values["repeat"] not in Repeat.values:
        raise errors.FieldRefused("repeat", "Choose how often it repeats.")
    if values["time_zone"] not in zones.names():
        raise errors.FieldRefused("time_zone", NO_ZONE)
    draft = Schedule(squid=squid, repeat=values["repeat"], time_zone=values["time_zone"])
    match Repeat(draft.repeat):
        case Repeat.MINUTES:
            draft.every = _whole("every", values.get("every"), cron.APART, MOST_MINUTES)
        case Repeat.HOURS:
            draft.every = _whole("every", values.get("every"), 1, MOST_HOURS)
        case Repeat.CRON:
            draft.cron = _check_cron(draft, values.get("cron", ""))
        case _:
            _read_clock_time(draft, values)
    return draft


def _read_clock_time(draft: Schedule, values: ScheduleValues) -> None:
    """Daily, weekly, monthly."""
    if draft.repeat == Repeat.WEEKLY:
        draft.weekdays = _check_weekdays(values.get("weekdays", ()))
    if draft.repeat == Repeat.MONTHLY:
        draft.day = _whole("day", values.get("day"), 1, 31)
    draft.at = _check_time(values.get("at"))


def _whole(field: str, value: int | None, lowest: int, highest: int) -> int:
    if value is None or not lowest <= value <= highest:
        raise errors.FieldRefused(field, f"Choose from {lowest} to {highest:,}.")
    return value


def _check_time(at: time | None) -> time:
    if at is None:
        raise errors.FieldRefused("at", "Give a time of day, such as 09:00.")
    return time(at.hour, at.minute)


def _check_weekdays(weekdays: Iterable[int]) -> list[int]:
    found = sorted(set(weekdays))
    if not found or not set(found) <= set(range(7)):
        raise errors.FieldRefused("weekdays", "Choose at least one day of the week.")
    return found


def _check_cron(draft: Schedule, text: str) -> str:
    now = timezone.now().astimezone(schedules.zone_of(draft)).replace(tzinfo=None)
    try:
        return cron.check(text, now).text
    except cron.BadCron as bad:
        raise errors.FieldRefused("cron", str(bad)) from bad


def set_schedule(squid: Squid, **values: Unpack[ScheduleValues]) -> Schedule:
    """Have the squid launched by itself from now on, as ``draft_schedule`` says it. A schedule
    that says what it said before keeps its beginning. Raises FieldRefused."""
    draft = draft_schedule(squid, **values)
    with transaction.atomic():
        squid = _lock(squid)
        before = Schedule.objects.filter(squid=squid).first()
        if before:
            draft.pk = before.pk
            draft.starts_at = before.starts_at if _alike(before, draft) else draft.starts_at
        _plan(draft, squid, timezone.now())
        draft.save()
    return draft


def _alike(one: Schedule, other: Schedule) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in ("repeat", "every", "time_zone")
    )


def move_schedule(squid: Squid, time_zone: str) -> None:
    """Have its schedule, where it has one, follow the clock of another zone; one that is off stays
    off. Raises FieldRefused: time_zone."""
    if time_zone not in zones.names():
        raise errors.FieldRefused("time_zone", NO_ZONE)
    with transaction.atomic():
        squid = _lock(squid)
        schedule = Schedule.objects.filter(squid=squid).first()
        if schedule is None:
            return
        if schedule.time_zone != time_zone:
            schedule.time_zone, schedule.starts_at = time_zone, timezone.now()
        _plan(schedule, squid, timezone.now())
        schedule.save()


def switch_schedule(squid: Squid, on: bool) -> None:
    """Off, nothing is due and nothing is missed; on, it goes on with the next firing, also one
    that was put aside for a problem. Raises Refused where it still cannot be worked out."""
    with transaction.atomic():
        squid = _lock(squid)
        for schedule in Schedule.objects.filter(squid=squid):
            schedule.is_active = on
            _plan(schedule, squid, timezone.now())
            schedule.save(update_fields=["is_active", "next_at", "problem"])


def delete_schedule(squid: Squid) -> None:
    """The squid is launched by hand again; what its schedule did stays listed."""
    with transaction.atomic():
        Schedule.objects.filter(squid=_lock(squid)).delete()


def replan(squid: Squid) -> None:
    """Work out the next firing of a squid that was switched on or off: none while it is off. The
    caller holds the transaction."""
    for schedule in Schedule.objects.filter(squid=squid, problem=""):
        try:
            _plan(schedule, squid, timezone.now())
        except errors.Refused as refused:
            schedule.next_at, schedule.problem = None, refused.message
        schedule.save(update_fields=["next_at", "problem"])


def _plan(schedule: Schedule, squid: Squid, now: datetime) -> None:
    """Set the next firing. Raises Refused."""
    schedule.problem, schedule.next_at = "", None
    if not (schedule.is_active and squid.is_active):
        return
    try:
        schedule.next_at = schedules.next_after(schedule, now)
    except schedules.BrokenSchedule as broken:
        raise errors.Refused(str(broken)) from broken


def _lock(squid: Squid) -> Squid:
    """The squid as it is now; its row orders launches, firings and changes of its schedule."""
    found: Squid = Squid.objects.select_for_update(no_key=True).get(pk=squid.pk)
    if found.deleted_at:
        raise errors.Refused("This squid was deleted.")
    return found
