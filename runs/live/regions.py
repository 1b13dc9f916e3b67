"""What moves on a page, rendered from its rows with the page's own templates.

A region is an element with an id; the browser brings the element of that id up to date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple

from django.db.models import Q
from django.template.loader import get_template
from django.utils import timezone

from runs.context import figures
from runs.live.counts import counts
from runs.live.reader import owners_zone
from runs.models import Run, RunQuerySet
from squids.listing import Entry, entries_of, next_launch
from squids.models import Schedule, Squid, SquidQuerySet, User

JUST_ENDED = timedelta(seconds=60)
"""A page may be this old when its socket opens; runs that ended since are on it as running."""


class Topic(NamedTuple):
    """What a page is about: a squid, a run, or the list of a user's squids, by primary key. An
    account is what the frame of every page tells of its user."""

    kind: Literal["squid", "run", "list", "account"]
    key: int


OWNED = {"squid": "squids", "run": "runs", "list": "pk", "account": "pk"}
"""How a user is found by what a topic is about."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page's regions by id, the run whose console it shows, and whether it is ``gone``."""

    run: Run | None = None
    regions: dict[str, str] = field(default_factory=dict)
    gone: bool = False


def paint(topic: Topic, changed: frozenset[int]) -> Picture:
    """The page as it is now. Of a list only the rows of ``changed`` squids, or, where that is
    empty, of those whose run is unfinished or has just ended."""
    with owners_zone(**{OWNED[topic.kind]: topic.key}):
        if topic.kind == "list":
            return _list(topic.key, changed)
        return PAINTERS[topic.kind](topic.key)


def console(run: Run) -> str:
    with owners_zone(runs=run.pk):
        return _render("runs/_console.html", run=run, squid=run.squid)


def latest_run(squid_id: int) -> Run | None:
    runs: RunQuerySet = Run.objects.filter(squid=squid_id)
    return runs.select_related("squid", "crawler", "api_key").order_by("-id").first()


def _squid(key: int) -> Picture:
    squid = _squids().filter(pk=key).first()
    if squid is None:
        return Picture(gone=True)
    run = latest_run(key)
    regions = {"progress": _render("runs/_progress.html", squid=squid, run=run)}
    regions["next-launch"] = _next_launch(squid, run)
    if run:
        regions |= _run_rows(squid, run)
        regions["run-message"] = _render("runs/_message.html", run=run)
    return Picture(run, regions)


def _next_launch(squid: Squid, run: Run | None) -> str:
    at = next_launch(run, Schedule.objects.filter(squid=squid).first())
    return _render("squids/_next_launch.html", squid=squid, next_launch=at)


def _run_rows(squid: Squid, run: Run) -> dict[str, str]:
    """The run's row of the Runs table; the table itself as long as it has no other."""
    if Run.objects.filter(squid=squid).exclude(pk=run.pk).exists():
        return {f"run-row-{run.uid}": _render("runs/_run_row.html", squid=squid, run=run)}
    table = _render("runs/_runs_table.html", squid=squid, runs=[run], newest=True)
    return {"runs-table": table}


def _run(key: int) -> Picture:
    runs: RunQuerySet = Run.objects.filter(pk=key, squid__deleted_at=None)
    run = runs.select_related("squid", "crawler", "owner", "api_key").first()
    if run is None:
        return Picture(gone=True)
    regions = {"run-cards": _render("runs/_run_cards.html", squid=run.squid, run=run)}
    regions["tasks-head"] = _render("runs/_tasks_head.html", run=run)
    for name, count in counts(run).items():
        regions[f"count-{name}"] = _render("runs/_count.html", count=count)
    return Picture(run, regions)


def _account(key: int) -> Picture:
    user = User.objects.select_related("plan").filter(pk=key).first()
    if user is None:
        return Picture(gone=True)
    return Picture(regions={"account": _render("_figures.html", account=figures(user))})


PAINTERS = {"squid": _squid, "run": _run, "account": _account}


def _list(key: int, changed: frozenset[int]) -> Picture:
    if not User.objects.filter(pk=key, is_active=True).exists():
        return Picture(gone=True)
    squids = _squids().filter(owner=key, pk__in=changed or _moving(key))
    rows = {f"squid-row-{entry.squid.uid}": _list_row(entry) for entry in entries_of(squids)}
    return Picture(regions=rows)


def _moving(owner_id: int) -> list[int]:
    recent = Q(ended_at__gt=timezone.now() - JUST_ENDED)
    runs = Run.objects.filter(owner=owner_id)
    moving = runs.unfinished() | runs.filter(recent)
    return list(moving.values_list("squid_id", flat=True).distinct())


def _list_row(entry: Entry) -> str:
    return _render("squids/_row.html", entry=entry)


def _squids() -> SquidQuerySet:
    squids: SquidQuerySet = Squid.objects.visible().select_related("crawler", "owner")
    return squids


def _render(template: str, **context: object) -> str:
    return get_template(template).render(context).strip()
