"""What keeps a run from going on now: the one place that says so, asked when a worker takes a run,
when a paused one may wake, and when a person presses Resume.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from runs import credits, seats
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
    found = (check(run, now) for check in (_maintenance, _slots, _credits, accounts))
    return next(filter(None, found), None)


def _maintenance(run: Run, now: datetime) -> Hindrance | None:
    crawler = run.crawler
    if crawler.is_in_service:
        return None
    return Hindrance(Reason.MODULE_UNDER_MAINTENANCE, detail=crawler.problem_sentence)


def _slots(run: Run, now: datetime) -> Hindrance | None:
    """Checked before the first page only: a run that works goes on after a change of plan."""
    slots = run.owner.slots
    if run.started_at or run.concurrency <= slots:
        return None
    detail = f"It works on {run.concurrency} tasks at once; the plan has {slots} slots."
    return Hindrance(Reason.SLOTS_LIMIT_EXCEEDED, Status.ABORTED, detail=detail)


def _credits(run: Run, now: datetime) -> Hindrance | None:
    if credits.is_free(run.settings["prices"]):
        return None
    balance = credits.present(run.owner_id, now)
    if balance.remaining > 0:
        return None
    if not run.settings["to_complete"]:
        return Hindrance(Reason.NO_CREDITS_LEFT, Status.DONE)
    return Hindrance(Reason.NO_CREDITS_LEFT, wake_at=balance.refresh_at)


def accounts(run: Run, now: datetime, labels: seats.Labels = seats.ANY) -> Hindrance | None:
    """None where one of them may read pages of these labels, or none is needed. Of several causes
    the one that clears first decides."""
    needed = run.settings.get("needs_account", False)
    if not needed and not run.settings.get("accounts"):
        return None
    uses = list(seats.of(run))
    if not uses:
        return Hindrance(Reason.NO_ACCOUNTS, Status.ABORTED) if needed else None
    bars = [bar for use in uses if (bar := seats.bar(use, run, now, labels))]
    if len(bars) < len(uses):
        return None
    # An account that is idle may have room for other pages, though for none of these. A run that
    # said it waits for a busy one would be woken for that room again and again.
    timed = [bar for bar in bars if bar.until] if labels != seats.ANY else []
    first = min(timed or bars, key=_clears)
    wake_at = min((bar.until for bar in bars if bar.until), default=None)
    return Hindrance(first.reason, wake_at=wake_at, detail=" ".join(bar.text for bar in bars))


def _clears(bar: seats.Bar) -> tuple[int, float]:
    """What another run may end at any moment, then what has a time, then what a person must do."""
    if bar.reason == Reason.NO_ACCOUNT_AVAILABLE:
        return 0, 0.0
    if bar.until:
        return 1, bar.until.timestamp()
    return (2 if bar.reason == Reason.COOKIES_EXPIRED else 3), 0.0
