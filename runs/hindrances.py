"""What keeps a run from going on now: the one place that says so, asked when a worker takes a run,
when a paused one may wake, and when a person presses Resume.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from runs import credits
from runs.models import Run
from runs.states import Reason, Status


@dataclass(frozen=True, slots=True)
class Hindrance:
    """``target`` is where it leads: paused (until ``wake_at`` where that is known), done or
    aborted. ``detail`` says more than the reason's own text."""

    reason: Reason
    target: Status = Status.PAUSED
    wake_at: datetime | None = None
    detail: str = ""

    @property
    def text(self) -> str:
        return f"{self.reason.label} {self.detail}".strip()


def of(run: Run, now: datetime) -> Hindrance | None:
    """The first one, or None: it may go on."""
    found = (check(run, now) for check in (_maintenance, _slots, _credits))
    return next(filter(None, found), None)


def _maintenance(run: Run, now: datetime) -> Hindrance | None:
    crawler = run.crawler
    if crawler.is_available and not crawler.has_problem:
        return None
    return Hindrance(Reason.MODULE_UNDER_MAINTENANCE, detail=crawler.problem)


def _slots(run: Run, now: datetime) -> Hindrance | None:
    """Checked before the first page only: a run that works goes on after a change of plan."""
    slots = run.owner.slots
    if run.started_at or run.concurrency <= slots:
        return None
    detail = f"It works on {run.concurrency} tasks at once; the plan has {slots} slots."
    return Hindrance(Reason.SLOTS_LIMIT_EXCEEDED, Status.ABORTED, detail=detail)


def _credits(run: Run, now: datetime) -> Hindrance | None:
    balance = credits.present(run.owner_id, now)
    if balance.remaining > 0:
        return None
    if not run.settings["to_complete"]:
        return Hindrance(Reason.NO_CREDITS_LEFT, Status.DONE)
    return Hindrance(Reason.NO_CREDITS_LEFT, wake_at=balance.refresh_at)
