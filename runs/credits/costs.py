"""What a run cost, by function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from runs.models import LedgerEntry, Run
from squids.crawlers import registry
from squids.crawlers.interface import Crawler


@dataclass(frozen=True, slots=True)
class Cost:
    """What one function cost in a run; ``percent`` is its part of the run's credits."""

    function: str
    label: str
    attempts: int
    hits: int
    amount: int
    percent: float


def function_labels(crawlers: Iterable[Crawler]) -> dict[str, str]:
    """How people read what is charged for: base results, and these crawlers' functions."""
    named = {function.name: function.label for code in crawlers for function in code.functions}
    return named | {LedgerEntry.BASE: "Results"}


def _labels(run: Run) -> dict[str, str]:
    """A crawler that is no longer installed leaves its functions' names as they are."""
    code = registry.all().get(run.crawler.slug)
    return function_labels([code] if code else [])


def costs(run: Run) -> list[Cost]:
    """The run's charges by function, the largest first, straight from the ledger."""
    labels = _labels(run)
    entries = (
        LedgerEntry.objects.filter(run=run)
        .values("function")
        .annotate(attempts=Sum("attempts"), hits=Sum("hits"), amount=Sum("amount"))
        .order_by("-amount")
    )
    total = sum(entry["amount"] for entry in entries) or 1
    return [
        Cost(label=labels.get(e["function"], e["function"]), percent=100 * e["amount"] / total, **e)
        for e in entries
    ]
