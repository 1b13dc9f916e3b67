"""Every change of state of this app. Views, API, admin and jobs fetch, guard and call one of these.

All raise ``squids.errors.Refused`` (``FieldRefused`` where a field is at fault) and change nothing
then. What also touches a live run (deactivate, delete) starts in ``runs.lifecycle``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from squids import errors
from squids.crawlers import registry
from squids.crawlers.interface import ParamError, canonical
from squids.models import TASK_LIMIT, Crawler, Squid, Task, User

CHUNK = 500
"""Rows a transaction inserts; on SQLite each one is the write lock."""


# --- crawlers ---------------------------------------------------------------------------------


def sync_crawlers() -> None:
    """A row for every crawler in the registry, with its present name and version."""
    for code in registry.all().values():
        Crawler.objects.update_or_create(
            slug=code.slug,
            defaults={
                "uid": code.id,
                "name": code.name,
                "version": code.version,
                "description": code.description,
            },
        )


def report_problem(crawler: Crawler, text: str) -> None:
    """Say what is wrong with a crawler; it cannot be launched until that is cleared."""
    crawler.problem = text
    crawler.save(update_fields=["problem"])


def clear_problem(crawler: Crawler) -> None:
    report_problem(crawler, "")


# --- squids -----------------------------------------------------------------------------------


def create_squid(owner: User, crawler: Crawler, *, name: str = "", source: str = "web") -> Squid:
    """A new squid with the crawler's defaults, named ``Crawler (N)`` unless it is given a name."""
    if not crawler.is_available:
        raise errors.CrawlerUnavailable
    check_slots(owner, 1)
    name = name.strip() or _free_name(owner, crawler)
    params = {p.name: p.default for p in crawler.code.squid_params if p.default is not None}
    squid = Squid(owner=owner, crawler=crawler, name=name, params=params, created_from=source)
    _save_named(squid)
    return squid


def _free_name(owner: User, crawler: Crawler) -> str:
    taken = set(Squid.objects.visible().filter(owner=owner).values_list("name", flat=True))
    number = 1
    while f"{crawler.name} ({number})" in taken:
        number += 1
    return f"{crawler.name} ({number})"


def _save_named(squid: Squid, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            squid.save(update_fields=fields)
    except IntegrityError as error:
        raise errors.DuplicateSquid(squid.name) from error


def check_slots(owner: User, wanted: int) -> None:
    """Refuse what the owner's plan has no room for."""
    free = owner.slots - owner.used_slots
    if wanted > free:
        raise errors.SlotsLimitExceeded(wanted, max(free, 0))


SETTINGS = (
    "name",
    "concurrency",
    "params",
    "functions",
    "to_complete",
    "export_unique_results",
    "no_line_breaks",
    "delay",
    "obey_robots",
)


def update_squid(squid: Squid, changes: Mapping[str, Any]) -> Squid:
    """Save the given settings (of ``SETTINGS``), each checked. A live run keeps its own copy."""
    fields = [name for name in SETTINGS if name in changes]
    checked = {name: _checked(squid, name, changes[name]) for name in fields}
    for name, value in checked.items():
        setattr(squid, name, value)
    _save_named(squid, [*fields, "updated_at"])
    return squid


def _checked(squid: Squid, name: str, value: Any) -> Any:
    check = {"name": _check_name, "concurrency": _check_concurrency, "params": check_params}
    return check[name](squid, value) if name in check else value


def _check_name(squid: Squid, name: str) -> str:
    name = name.strip()
    if not name:
        raise errors.FieldRefused("name", "Give the squid a name.")
    if len(name) > 300:
        raise errors.FieldRefused("name", "A name has at most 300 characters.")
    return name


def _check_concurrency(squid: Squid, wanted: int) -> int:
    most = squid.crawler.code.max_concurrency
    if not 1 <= wanted <= most:
        raise errors.FieldRefused("concurrency", f"Choose from 1 to {most}.")
    if squid.is_active and wanted > squid.concurrency:
        check_slots(squid.owner, wanted - squid.concurrency)
    return wanted


def check_params(squid: Squid, params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return squid.crawler.code.check_settings(params)
    except ParamError as error:
        raise errors.FieldRefused(error.param, error.message) from error


def activate(squid: Squid) -> None:
    """Allow launching again; its slots must be free."""
    if not squid.is_active:
        check_slots(squid.owner, squid.concurrency)
        squid.is_active = True
        squid.save(update_fields=["is_active", "updated_at"])


def deactivate(squid: Squid) -> None:
    squid.is_active = False
    squid.save(update_fields=["is_active", "updated_at"])


def delete(squid: Squid) -> None:
    """Hide it and free its name and slots; its charges stay in the ledger."""
    squid.is_active, squid.deleted_at = False, timezone.now()
    squid.save(update_fields=["is_active", "deleted_at", "updated_at"])


# --- tasks ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Added:
    """What came of rows offered as tasks; ``invalid`` has (row number from 1, what is wrong)."""

    tasks: list[Task] = field(default_factory=list)
    duplicates: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)


def add_tasks(squid: Squid, rows: Iterable[Mapping[str, Any]]) -> Added:
    """Add input rows; those already there are counted, invalid ones named, the rest inserted.

    Raises TaskLimitExceeded, with nothing inserted, when they would not all fit.
    """
    added, fresh = Added(), {}
    for number, row in enumerate(rows, start=1):
        try:
            params = squid.crawler.code.check_task(row)
        except ParamError as error:
            added.invalid.append((number, error.message))
            continue
        digest = _digest(params)
        added.duplicates += digest in fresh
        fresh.setdefault(digest, params)
    _insert_tasks(squid, fresh, added)
    return added


def _digest(params: Mapping[str, Any]) -> str:
    return hashlib.blake2b(canonical(params).encode(), digest_size=16).hexdigest()


def _insert_tasks(squid: Squid, fresh: dict[str, dict[str, Any]], added: Added) -> None:
    """The squid's row is the lock: two uploads at once can neither double a task nor pass the limit."""
    with transaction.atomic():
        Squid.objects.select_for_update(no_key=True).get(pk=squid.pk)
        known = _known(squid, list(fresh))
        new = [(digest, params) for digest, params in fresh.items() if digest not in known]
        added.duplicates += len(fresh) - len(new)
        _check_room(squid, len(new))
        last = Task.objects.filter(squid=squid).aggregate(last=Max("position"))["last"] or 0
        added.tasks = Task.objects.bulk_create(
            [
                Task(squid=squid, position=position, params=params, digest=digest)
                for position, (digest, params) in enumerate(new, start=last + 1)
            ],
            batch_size=CHUNK,
        )


def _known(squid: Squid, digests: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(digests), CHUNK):
        chunk = digests[start : start + CHUNK]
        tasks = Task.objects.visible().filter(squid=squid, digest__in=chunk)
        known.update(tasks.values_list("digest", flat=True))
    return known


def _check_room(squid: Squid, wanted: int) -> None:
    room = TASK_LIMIT - Task.objects.visible().filter(squid=squid).count()
    if wanted > room:
        raise errors.TaskLimitExceeded(TASK_LIMIT, max(room, 0))


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
