"""A run that this worker holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.engine.loop import Plan
from runs.seats import Seat
from squids.crawlers.interface import Level


@dataclass(frozen=True, slots=True)
class Tally:
    """What a function did: tries, those that were paid, and the thousandths of a credit for it."""

    tried: int = 0
    paid: int = 0
    spent: int = 0

    def __add__(self, more: Tally) -> Tally:
        return Tally(self.tried + more.tried, self.paid + more.paid, self.spent + more.spent)


@dataclass(frozen=True, slots=True)
class Hold:
    """``token`` is the fence; ``alone`` is the run task that goes on apart from everything else,
    for one page, since a worker died while it was in flight."""

    run_id: int
    squid_id: int
    owner_id: int
    lease_id: int
    token: str
    plan: Plan
    prices: dict[str, Any]
    max_results: int | None
    """Rows of a task, at most."""
    max_unique: int | None
    """Unique rows of the run, at most."""
    to_complete: bool
    """Out of credits, the run waits for more instead of ending."""
    delay: float
    obey_robots: bool
    alone: int | None = None
    seats: Sequence[Seat] = ()
    """The accounts it works with; none: it works without."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """Of the run's functions, as they are committed."""


@dataclass(frozen=True, slots=True)
class Note:
    """A console line on its way to the table."""

    level: Level
    text: str
    position: int | None = None
    url: str = ""
