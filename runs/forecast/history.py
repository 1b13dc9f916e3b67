"""The earlier runs a forecast rests on: a bounded number of them, whatever the history holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Least

from runs.forecast.estimate import Past
from runs.models import Run, RunQuerySet, RunTask
from runs.states import FINISHED, TaskStatus
from squids.models import Squid, Task

LOOKED_AT = 60
"""Runs that are looked through for some to rest on."""
RUNS = 10
RUNS_OF_OTHERS = 20
Basis = Literal["squid", "owner", "crawler", "none"]
FIELDS = (
    "pk", "settings", "tasks_total", "tasks_done", "unique_results", "credits", "active_ms",
)  # fmt: skip
MOVING = ("fetch_since",)
"""Parameters that every launch freezes to something else."""


class History(NamedTuple):
    """``alike``: the runs had the settings of today."""

    basis: Basis
    pasts: list[Past]
    alike: bool = False


def history(squid: Squid, params: dict[str, Any], tasks: QuerySet[Task]) -> History:
    """Of this squid, else of its owner's with the crawler, else of the crawler. ``params`` are the
    crawler's, checked; ``tasks`` those of the job."""
    own = _runs(Run.objects.filter(squid=squid), squid, RUNS)
    if own:
        alike = [run for run in own if _still(run["settings"]["params"]) == _still(params)]
        return History("squid", _with_tasks(alike or own, params, tasks), bool(alike))
    for basis, runs in _others(squid):
        if found := _runs(runs, squid, RUNS_OF_OTHERS):
            return History(basis, [_past(run) for run in found])
    return History("none", [])


def _others(squid: Squid) -> list[tuple[Basis, RunQuerySet]]:
    return [
        ("owner", Run.objects.filter(owner=squid.owner_id)),
        ("crawler", Run.objects.filter(crawler=squid.crawler_id)),
    ]


def _runs(runs: RunQuerySet, squid: Squid, count: int) -> list[dict[str, Any]]:
    """The newest finished ones of the crawler that ended a task."""
    newest = runs.order_by("-id").values_list("pk", "crawler_id", "status", "tasks_done")
    fit = [
        pk
        for pk, crawler, status, done in newest[:LOOKED_AT]
        if crawler == squid.crawler_id and status in FINISHED and done
    ]
    found = Run.objects.filter(pk__in=fit[:count]).order_by("-id")
    return list(found.values(*FIELDS)) if fit else []


def _still(params: dict[str, Any]) -> dict[str, Any]:
    return {name: name in MOVING or value for name, value in params.items()}


def _with_tasks(
    runs: Sequence[dict[str, Any]], params: dict[str, Any], tasks: QuerySet[Task]
) -> list[Past]:
    """Each with what the job's own tasks gave in it, cut to today's limit of results a task."""
    most = params.get("max_results")
    rows = F("unique_results") if most is None else Least(F("unique_results"), most)
    ended = RunTask.objects.filter(
        run__in=[run["pk"] for run in runs],
        task__in=tasks,
        status__in=[TaskStatus.COMPLETED, TaskStatus.FAILED],
    )
    failed = Count("pk", filter=Q(status=TaskStatus.FAILED))
    sums = ended.values("run").annotate(ended=Count("pk"), failed=failed, gave=Sum(rows))
    known = {run: counts for run, *counts in sums.values_list("run", "ended", "failed", "gave")}
    return _telling([_past(run, *known.get(run["pk"], (0, 0, 0))) for run in runs])


def _telling(pasts: list[Past]) -> list[Past]:
    """Those that know more than half as many of the job's tasks as the one that knows the most: a
    trial with one task, or a retry, says little about all."""
    most = max(past.seen for past in pasts)
    return [past for past in pasts if not most or 2 * past.seen > most]


def _past(run: dict[str, Any], ended: int = 0, failed: int = 0, rows: int = 0) -> Past:
    settings = run["settings"]
    instances = max(min(settings["concurrency"], run["tasks_total"]), 1)
    begun = min(instances, run["tasks_total"] - run["tasks_done"])
    return Past(
        worked=run["tasks_done"] + begun / 2,
        rows=run["unique_results"],
        credits=run["credits"],
        seconds=run["active_ms"] / 1000,
        instances=instances,
        row_rate=settings["prices"]["row"],
        functions=settings["prices"]["functions"],
        completed=ended - failed,
        failed=failed,
        known_rows=rows,
    )
