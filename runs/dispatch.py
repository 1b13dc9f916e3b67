"""Due schedules: one firing for a squid and due time, whoever looks and however late."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice, takewhile

from django.db import Error as DatabaseError
from django.db import transaction

from runs import lifecycle
from runs.figures import duration_text
from runs.models import Firing, FiringOutcome
from runs.states import Origin
from squids import errors, schedules
from squids.models import Schedule, Squid

log = logging.getLogger(__name__)

STALE = timedelta(hours=1)
"""A firing that is this late is not made up for."""
LATE = timedelta(minutes=1)
"""From here on the list says how late a firing was."""
LISTED = 5_000
"""Missed firings that are listed one by one: more than two weeks of one every five minutes."""
ROOM = 20.0
"""Seconds of a tick for launching: it has more to do, and the queue ends one that takes long."""
BY = "schedule"

MISSED = "The site was down. Only the latest firing is made up for, and only within an hour."
MISSED_ALL = "The site was down for very long: this and all firings up to the next one listed."
NO_OWNER = "The account of the squid's owner is deactivated."
BROKEN = "The launch failed unexpectedly; the site's log tells more."


def fire_due(now: datetime, seconds: float = ROOM) -> int:
    """Launch what is due; answers how many runs began. Any number may run at once; a schedule that
    fails is put aside, with the problem for its owner to read, and stops no other. After so many
    seconds the rest is left to the next call."""
    ends = time.monotonic() + seconds
    due = Schedule.objects.filter(
        is_active=True, next_at__lte=now, squid__is_active=True, squid__deleted_at=None
    )
    found = list(due.order_by("next_at").values_list("pk", "squid_id"))
    launched = 0
    for pk, squid_id in found:
        launched += _try_fire(pk, squid_id, now)
        if time.monotonic() >= ends:
            break
    return launched


def _try_fire(pk: int, squid_id: int, now: datetime) -> bool:
    try:
        return _fire(pk, squid_id, now)
    except DatabaseError:
        log.exception("Schedule %s waits for the database", pk)  # it stays due
    except schedules.BrokenSchedule as broken:
        log.warning("Schedule %s is put aside: %s", pk, broken)
        _put_aside(pk, squid_id, str(broken), now)
    except Exception:
        log.exception("Schedule %s is put aside", pk)
        _put_aside(pk, squid_id, BROKEN, now)
    return False


def _fire(pk: int, squid_id: int, now: datetime) -> bool:
    """Its next firing, what is listed and the run, in one transaction. The squid's lock lets one
    dispatcher in at a time, and the others find nothing due any more."""
    with transaction.atomic():
        squid = lifecycle.lock_squid(squid_id)
        schedule = _due(pk, squid, now)
        if schedule is None:
            return False
        dues = _dues(schedule, now)
        following = schedules.next_after(schedule, now)
        at_this = Schedule.objects.filter(pk=pk, next_at=schedule.next_at)
        if not at_this.update(next_at=following):
            return False
        _list_missed(squid, dues, now)
        return dues.latest is not None and _launch(squid, dues.latest, now)


def _due(pk: int, squid: Squid, now: datetime) -> Schedule | None:
    """None where another was quicker, or a person has switched it off."""
    if not squid.is_active or squid.deleted_at:
        return None
    return Schedule.objects.filter(pk=pk, is_active=True, next_at__lte=now).first()


def _put_aside(pk: int, squid_id: int, problem: str, now: datetime) -> None:
    """Not due any more until it is saved or switched on again."""
    try:
        with transaction.atomic():
            squid = lifecycle.lock_squid(squid_id)
            schedule = _due(pk, squid, now)
            if schedule is None or schedule.next_at is None:
                return
            _list_skipped(squid, schedule.next_at, problem, now)
            schedule.next_at, schedule.problem = None, problem
            schedule.save(update_fields=["next_at", "problem"])
    except Exception:
        log.exception("Schedule %s could not be put aside", pk)


# --- due times --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dues:
    """``latest`` is to be launched, ``missed`` to be listed. Past the bound there are more: from
    ``unlisted`` up to the last hour they are listed together."""

    missed: list[datetime]
    latest: datetime | None
    unlisted: datetime | None


def _dues(schedule: Schedule, now: datetime) -> Dues:
    assert schedule.next_at is not None
    every = chain([schedule.next_at], schedules.each_after(schedule, schedule.next_at))
    listed = list(islice(_until(every, now), LISTED))
    rest = list(islice(_until(schedules.each_after(schedule, listed[-1]), now), 1))
    recent = list(_until(schedules.each_after(schedule, max(listed[-1], now - STALE)), now))
    *missed, last = [*listed, *recent]
    unlisted = rest[0] if rest and rest[0] not in recent else None
    if now - last < STALE:
        return Dues(missed, last, unlisted)
    return Dues([*missed, last], None, unlisted)


def _until(moments: Iterator[datetime], now: datetime) -> Iterator[datetime]:
    return takewhile(lambda moment: moment <= now, moments)


# --- what is listed ---------------------------------------------------------------------------


def _list_missed(squid: Squid, dues: Dues, now: datetime) -> None:
    notes = dict.fromkeys(dues.missed, MISSED)
    if dues.unlisted:
        notes[dues.unlisted] = MISSED_ALL
    rows = [
        Firing(squid=squid, due_at=due, outcome=FiringOutcome.MISSED, note=note, at=now)
        for due, note in notes.items()
    ]
    Firing.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _launch(squid: Squid, due: datetime, now: datetime) -> bool:
    """Launch, or list why not. Nothing where this due time has its firing: the site's own clock
    was put back."""
    if Firing.objects.filter(squid=squid, due_at=due).exists():
        return False
    try:
        if not squid.owner.is_active:
            raise errors.Refused(NO_OWNER)
        run = lifecycle.start(squid, by=BY, origin=Origin.SCHEDULE)
    except errors.Refused as refused:
        _list_skipped(squid, due, refused.message, now)
        return False
    late = now - due
    note = f"{duration_text(late)} late: the site was down or busy." if late >= LATE else ""
    values = {"outcome": FiringOutcome.FIRED, "note": note, "run": run, "at": now}
    Firing.objects.create(squid=squid, due_at=due, **values)
    return True


def _list_skipped(squid: Squid, due: datetime, note: str, now: datetime) -> None:
    values = {"outcome": FiringOutcome.SKIPPED, "note": note, "at": now}
    Firing.objects.get_or_create(squid=squid, due_at=due, defaults=values)
