"""A run beside what was foretold for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from runs.figures import credits_text, duration_text, thousands
from runs.forecast import texts
from runs.forecast.forecast import kept
from runs.models import Run
from runs.states import Status


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of the table: what was foretold, what it came to, and how far off that is."""

    name: str
    foretold: str
    actual: str
    off: str


def compare(run: Run) -> list[Compared]:
    """Nothing for a run without ranges. How far off is told of one that went to its end."""
    told = kept(run)
    if told is None or told.rows is None or told.credits is None or told.seconds is None:
        return []
    seconds = int(run.duration.total_seconds())
    whole = run.status == Status.DONE
    return [
        Compared(name, foretold, actual, off(range_, value) if whole else "")
        for name, range_, value, foretold, actual in (
            ("Credits", told.credits, run.credits, texts.credits_range(told.credits),
             credits_text(run.credits)),
            ("Unique results", told.rows, run.unique_results, texts.rows_range(told.rows),
             thousands(run.unique_results)),
            ("Time", told.seconds, seconds, texts.time_range(told.seconds),
             duration_text(timedelta(seconds=seconds))),
        )
    ]  # fmt: skip


def off(foretold: tuple[int, int], actual: int) -> str:
    """Within the range, or how far past its nearer end."""
    low, high = foretold
    if low <= actual <= high:
        return "as foretold"
    if actual > high:
        return (
            f"{_percent(actual - high, high)} more than foretold" if high else "none was foretold"
        )
    return f"{_percent(low - actual, low)} less than foretold"


def _percent(part: int, whole: int) -> str:
    percent = 100 * part / whole
    return "under 1 %" if percent < 1 else f"{percent:,.0f} %"
