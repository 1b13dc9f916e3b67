"""Put tasks into a squid and take them out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from squids import errors
from squids.crawlers.interface import ParamError, canonical
from squids.crawlers.params import NO_TEXT
from squids.models import TASK_LIMIT, Squid, Task, new_uid

CHUNK = 500
"""Rows a transaction inserts; on SQLite each one is the write lock."""
INSERT = """
    INSERT INTO squids_task (uid, squid_id, position, params, digest, created_at, is_active)
    VALUES (%s, %s, %s, %s, %s, %s, TRUE)
"""


@dataclass(slots=True)
class Added:
    """What came of rows offered as tasks. ``invalid`` has (number of the row, what is wrong);
    ``left_out`` counts good rows that the squid has no room for."""

    tasks: list[Task] = field(default_factory=list)
    duplicates: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)
    left_out: int = 0


@dataclass(slots=True)
class Checked:
    """Rows that a crawler has looked at: the good ones by digest, each once, and what is wrong."""

    fresh: dict[str, dict[str, Any]] = field(default_factory=dict)
    duplicates: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)

    @property
    def valid(self) -> int:
        return len(self.fresh) + self.duplicates


def add_tasks(
    squid: Squid, rows: Iterable[Mapping[str, Any]], *, all_or_none: bool = False
) -> Added:
    """Add input rows, numbered from 1; those already there are counted, invalid ones named, the
    rest inserted. Raises TaskLimitExceeded, with nothing inserted, when they would not all fit;
    where it is ``all_or_none``, TaskNotValid for the first invalid row likewise.
    """
    checked = check_rows(squid, enumerate(rows, start=1), all_or_none=all_or_none)
    with transaction.atomic():
        added = insert(squid, checked)
        if added.left_out:
            room = len(added.tasks)
            raise errors.TaskLimitExceeded(TASK_LIMIT, room)
    return added


def check_rows(
    squid: Squid, rows: Iterable[tuple[int, Mapping[str, Any]]], *, all_or_none: bool = False
) -> Checked:
    """Let the crawler look at (number, row) pairs. Touches no row of the database."""
    checked, code = Checked(), squid.crawler.code
    for number, row in rows:
        try:
            params = code.check_task(row)
            digest = _digest(params)
        except ParamError as error:
            if all_or_none:
                raise errors.TaskNotValid(number, error.param, error.message) from error
            checked.invalid.append((number, error.message))
            continue
        checked.duplicates += digest in checked.fresh
        checked.fresh.setdefault(digest, params)
    return checked


def _digest(params: Mapping[str, Any]) -> str:
    """What makes two tasks the same. Refuses what a database cannot keep as text."""
    for name, value in params.items():
        if isinstance(value, str) and NO_TEXT.search(value):
            raise ParamError(name, "It has characters that are no text, such as NUL.")
    return hashlib.blake2b(canonical(params).encode(), digest_size=16).hexdigest()


def insert(squid: Squid, checked: Checked) -> Added:
    """Insert what is new and what there is room for, in order, inside the caller's transaction.

    The squid's row is the lock: two at once can neither double a task nor pass the limit.
    """
    Squid.objects.select_for_update(no_key=True).get(pk=squid.pk)
    known = _known(squid, list(checked.fresh))
    new = [(digest, params) for digest, params in checked.fresh.items() if digest not in known]
    room = max(TASK_LIMIT - Task.objects.visible().filter(squid=squid).count(), 0)
    return Added(
        tasks=_insert(squid, new[:room]),
        duplicates=checked.duplicates + len(known),
        invalid=checked.invalid,
        left_out=max(len(new) - room, 0),
    )


def _insert(squid: Squid, new: list[tuple[str, dict[str, Any]]]) -> list[Task]:
    """Without models: to build 10,000 of them takes a second, during which SQLite is locked."""
    last = Task.objects.filter(squid=squid).aggregate(last=Max("position"))["last"] or 0
    params_field, time_field = Task._meta.get_field("params"), Task._meta.get_field("created_at")
    now = time_field.get_db_prep_save(timezone.now(), connection)
    rows = [
        (new_uid(), squid.pk, n, params_field.get_db_prep_save(params, connection), digest, now)
        for n, (digest, params) in enumerate(new, start=last + 1)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, rows)
    return list(Task.objects.filter(squid=squid, position__gt=last).order_by("position"))


def _known(squid: Squid, digests: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(digests), CHUNK):
        chunk = digests[start : start + CHUNK]
        tasks = Task.objects.visible().filter(squid=squid, digest__in=chunk)
        known.update(tasks.values_list("digest", flat=True))
    return known


def delete_task(task: Task) -> None:
    """Take it out of the squid; runs that used it keep showing it."""
    task.deleted_at = timezone.now()
    task.save(update_fields=["deleted_at"])


def set_task_active(task: Task, active: bool) -> None:
    task.is_active = active
    task.save(update_fields=["is_active"])


def empty(squid: Squid) -> int:
    """Remove every task; past runs and their results stay. Answers how many."""
    count: int = Task.objects.visible().filter(squid=squid).update(deleted_at=timezone.now())
    return count
