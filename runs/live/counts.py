"""The figures beside the names of a run page's tabs: what may have come since the page was read."""

from __future__ import annotations

from typing import NamedTuple

from runs.figures import thousands
from runs.models import Run


class Count(NamedTuple):
    """``number`` is what a page compares with what it shows; ``text`` is what people read."""

    name: str
    number: int
    text: str
    failed: str = ""


def counts(run: Run) -> dict[str, Count]:
    """By the region's name; from the run's row alone, so that it costs no question more."""
    found = [
        Count("results", run.unique_results, thousands(run.unique_results)),
        Count("unique", run.unique_results, thousands(run.unique_results)),
        Count("all", run.results, thousands(run.results)),
        Count("tasks", run.tasks_done, _tasks(run), _failed(run)),
        Count("lines", run.last_line, thousands(run.last_line)),
    ]
    return {count.name: count for count in found}


def _tasks(run: Run) -> str:
    total = thousands(run.tasks_total)
    return total if run.tasks_done == run.tasks_total else f"{thousands(run.tasks_done)} of {total}"


def _failed(run: Run) -> str:
    return f"{thousands(run.tasks_failed)} failed" if run.tasks_failed else ""
