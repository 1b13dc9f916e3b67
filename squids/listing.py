"""The List of Squids: found, filtered, sorted and read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OrderBy, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from runs.models import Run
from runs.states import LIVE, Status
from squids.access import squids_of
from squids.models import Schedule, Squid, SquidQuerySet, Task, User

PER_PAGE = 200
RECENT = 7
"""Runs that a row shows as bars."""

FILTERS: dict[str, tuple[str, Q]] = {
    "running": ("Running", Q(last_status__in=LIVE)),
    "paused": ("Paused", Q(last_status=Status.PAUSED)),
    "done": ("Done", Q(last_status=Status.DONE)),
    "aborted": ("Aborted", Q(last_status=Status.ABORTED)),
    "error": ("Error", Q(last_status=Status.ERROR)),
    "never": ("Never run", Q(last_status=None)),
    "inactive": ("Deactivated", Q(is_active=False)),
}
SORTS: dict[str, Any] = {
    "name": Lower("name"),
    "status": F("last_status"),
    "last": F("last_run"),
    "unique": F("last_unique"),
    "credits": F("last_credits"),
    "next": F("next_launch"),
    "slots": F("concurrency"),
    "tasks": F("task_count"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A run as a bar of the last seven: where it stands (0 to 6), and its height of 24."""

    place: int
    height: int
    status: str
    unique_results: int

    @property
    def x(self) -> int:
        return self.place * 10

    @property
    def y(self) -> int:
        return 24 - self.height


@dataclass(slots=True)
class Entry:
    """A row of the list: the squid, its current or last run, its number of tasks, its last runs."""

    squid: Squid
    run: Run | None = None
    task_count: int = 0
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of entries, with what was asked for. ``total`` counts the user's squids in all."""

    entries: list[Entry]
    page: Page[Squid]
    total: int
    q: str
    status: str
    sort: str


def listing(
    user: User, *, q: str = "", status: str = "", sort: str = "", page: str = ""
) -> Listing:
    """``q`` is a part of the name, ``status`` a key of FILTERS, ``sort`` one of SORTS, with a minus
    in front for the largest first; anything else counts as not given."""
    squids = _ordered(_filtered(_measured(squids_of(user)), q, status), sort)
    found = Paginator(squids, PER_PAGE).get_page(page)
    return Listing(entries(found.object_list), found, squids_of(user).count(), q, status, sort)


def entries_of(squids: SquidQuerySet) -> list[Entry]:
    """The rows of these squids, as a socket or a verb answers with them."""
    return entries(_measured(squids))


def _measured(squids: SquidQuerySet) -> SquidQuerySet:
    runs = Run.objects.filter(squid=OuterRef("pk")).order_by("-id")
    last = {
        "last_run": Subquery(runs.values("id")[:1]),
        "last_status": Subquery(runs.values("status")[:1]),
        "last_unique": Subquery(runs.values("unique_results")[:1]),
        "last_credits": Subquery(runs.values("credits")[:1]),
    }
    tasks = Task.objects.visible().filter(squid=OuterRef("pk")).order_by().values("squid")
    tries = runs.filter(status=Status.PAUSED).values("wake_at")[:1]
    following = Coalesce(Subquery(tries), F("schedule__next_at"))
    count = Coalesce(Subquery(tasks.annotate(n=Count("pk")).values("n")), 0)
    measured = squids.select_related("crawler", "schedule")
    return measured.annotate(**last, next_launch=following, task_count=count)


def next_launch(run: Run | None, schedule: Schedule | None) -> datetime | None:
    """The next try of a paused run, or what the schedule has next; the rows of the list too."""
    tried = run.wake_at if run and run.is_paused else None
    return tried or (schedule.next_at if schedule else None)


def _filtered(squids: SquidQuerySet, q: str, status: str) -> SquidQuerySet:
    if q:
        squids = squids.filter(name__icontains=q)
    return squids.filter(FILTERS[status][1]) if status in FILTERS else squids


def _ordered(squids: SquidQuerySet, sort: str) -> SquidQuerySet:
    name = sort.removeprefix("-")
    if name not in SORTS:
        return squids.order_by("-created_at", "-id")
    by = OrderBy(SORTS[name], descending=sort.startswith("-"), nulls_last=True)
    return squids.order_by(by, Lower("name"), "id")


def entries(squids: Iterable[Any]) -> list[Entry]:
    """Rows for measured squids, in three queries however many they are."""
    measured = list(squids)
    rows = {squid.pk: Entry(squid, task_count=squid.task_count) for squid in measured}
    for run in _last_runs([squid.last_run for squid in measured]):
        rows[run.squid_id].run = run
    for squid, bars in _recent(list(rows)).items():
        rows[squid].bars = bars
    return list(rows.values())


def _last_runs(ids: list[int | None]) -> QuerySet[Run]:
    runs: QuerySet[Run] = Run.objects.filter(pk__in=[pk for pk in ids if pk])
    return runs.defer("settings", "message", "traceback")


def _recent(squids: list[int]) -> dict[int, list[Bar]]:
    """The last runs of each squid, oldest first. Seven index lookups a squid: a window over all
    of their runs would read every one."""
    runs = Run.objects.filter(squid=OuterRef("pk")).order_by("-id").values("id")
    nth = {f"run_{n}": Subquery(runs[n : n + 1]) for n in range(RECENT)}
    ids = Squid.objects.filter(pk__in=squids).annotate(**nth).values_list(*nth)
    wanted = [pk for row in ids for pk in row if pk]
    found: dict[int, list[tuple[str, int]]] = {}
    for squid, status, unique in (
        Run.objects.filter(pk__in=wanted)
        .order_by("id")
        .values_list("squid_id", "status", "unique_results")
    ):
        found.setdefault(squid, []).append((status, unique))
    return {squid: _bars(runs_of_squid) for squid, runs_of_squid in found.items()}


def _bars(runs: list[tuple[str, int]]) -> list[Bar]:
    """Heights against the best of them; a run without results keeps a foot to be seen by."""
    most = max(unique for _, unique in runs) or 1
    first = RECENT - len(runs)
    return [
        Bar(first + n, max(24 * unique // most, 2), status, unique)
        for n, (status, unique) in enumerate(runs)
    ]
