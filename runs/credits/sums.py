"""The ledger summed up by the quarter of an hour, so that charts over a year are read at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from runs import sql
from runs.models import Run, Spending

QUARTER = 15
"""Minutes: every zone's days begin at a whole quarter of an hour of UTC."""


def quarter_of(at: datetime) -> datetime:
    return at.replace(minute=at.minute // QUARTER * QUARTER, second=0, microsecond=0)


def sum_up(run: Run, charges: Iterable[tuple[str, int, int]], at: datetime) -> None:
    """Add charges (function, hits, amount) to their sums: in the transaction that enters them in
    the ledger, under the run's lock."""
    sums: dict[str, tuple[int, int]] = {}
    for function, hits, amount in charges:
        before = sums.get(function, (0, 0))
        sums[function] = before[0] + hits, before[1] + amount
    quarter = sql.moment(quarter_of(at))
    sql.insert(
        Spending,
        ("owner_id", "run_id", "function", "at", "hits", "amount"),
        [
            (run.owner_id, run.pk, function, quarter, hits, amount)
            for function, (hits, amount) in sums.items()
            if hits
        ],
        "ON CONFLICT (run_id, function, at) DO UPDATE SET hits = runs_spending.hits"
        " + excluded.hits, amount = runs_spending.amount + excluded.amount",
    )
