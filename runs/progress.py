"""How far a run is and when it may end: the one place that works it out, for pages and API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runs.models import Run

MINUTE, HOUR, DAY = 60, 3600, 86_400
UNKNOWN = "∞"


@dataclass(frozen=True, slots=True)
class Progress:
    """``percent`` and ``tasks_left`` of its tasks; ``pages_per_second`` over the time it was
    active; ``left`` is None while nobody can know it (no task ended yet, or not at work)."""

    percent: float
    tasks_left: int
    pages_per_second: float
    left: timedelta | None

    @property
    def left_text(self) -> str:
        """``2 min``, or ``∞`` where it is not known."""
        return UNKNOWN if self.left is None else left_text(self.left)

    @property
    def speed_text(self) -> str:
        """Pages a second to three digits: ``124``, ``4.2``, ``0.07``."""
        speed = self.pages_per_second
        if not speed or speed >= 10:
            return f"{speed:,.0f}"
        return f"{speed:.1f}" if speed >= 1 else f"{speed:.2f}"


def progress(run: Run) -> Progress:
    active = run.duration.total_seconds()
    return measure(
        done=run.tasks_done,
        total=run.tasks_total,
        pages=run.pages,
        active=active,
        going=run.is_live,
    )


def measure(*, done: int, total: int, pages: int, active: float, going: bool) -> Progress:
    """From counts and active seconds; ``going`` is False for a run that is not at work."""
    tasks_left = max(total - done, 0)
    return Progress(
        percent=min(100 * done / total, 100.0) if total else 0.0,
        tasks_left=tasks_left,
        pages_per_second=pages / active if active > 0 else 0.0,
        left=timedelta(seconds=tasks_left * active / done) if going and done else None,
    )


def left_text(left: timedelta) -> str:
    """A span that is a guess, so in one unit or two small ones, rounded up: ``1 h 20 min``."""
    seconds = int(left.total_seconds())
    if seconds < MINUTE:
        return f"{max(-(-seconds // 5) * 5, 5)} s"
    if seconds < HOUR:
        return f"{-(-seconds // MINUTE)} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d} min"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"
