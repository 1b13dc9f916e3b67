"""What a run collected, whatever the order: equal for two runs that came to the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from runs.models import LedgerEntry, Line, Request, Result, Run, RunTask

REQUEST = ("request__run_task__position", "request__fingerprint")
TASK = ("position", "status", "reason", "message", "pages", "results", "unique_results")
COUNTERS = ("status", "reason", "tasks_done", "tasks_failed", "pages", "results",
            "unique_results", "credits")  # fmt: skip


def digest(run: Run) -> dict[str, str]:
    """A digest of each part. Ids, numbers, moments and tries are left out: they say in which order
    and how often a page was asked for. Tasks must not share items, since which page won a
    duplicate depends on the order too."""
    rows = Result.objects.filter(run=run).values_list(*REQUEST, "digest", "data", "unique_number")
    charges = LedgerEntry.objects.filter(run=run)
    lines = Line.objects.filter(run=run, level="info").exclude(url="")
    return {
        "rows": _sum((*row, number is not None) for *row, number in rows),
        "ledger": _sum(
            charges.values_list(*REQUEST, "function", "attempts", "hits", "rate", "amount")
        ),
        "requests": _sum(
            Request.objects.filter(run=run).values_list(
                "run_task__position", "fingerprint", "data", "state"
            )
        ),
        "tasks": _sum(RunTask.objects.filter(run=run).values_list(*TASK)),
        "pages' lines": _sum(lines.values_list("task_position", "url")),
        "counters": _sum(Run.objects.filter(pk=run.pk).values_list(*COUNTERS)),
    }


def _sum(entries: Iterable[tuple[Any, ...]]) -> str:
    together = hashlib.blake2b(digest_size=16)
    for entry in sorted(orjson.dumps(entry) for entry in entries):
        together.update(entry + b"\n")
    return together.hexdigest()
