"""What a run cost, by function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from runs.models import LedgerEntry, Run, Spending
from squids.crawlers import registry
from squids.crawlers.interface import Crawler as Code
from squids.models import Crawler, Squid


@dataclass(frozen=True, slots=True)
class Cost:
    """What one function cost in a run; ``percent`` is its part of the run's credits."""

    function: str
    label: str
    attempts: int
    hits: int
    amount: int
    percent: float


def function_labels(crawlers: Iterable[Code]) -> dict[str, str]:
    """How people read what is charged for: base results, and these crawlers' functions."""
    named = {function.name: function.label for code in crawlers for function in code.functions}
    return named | {LedgerEntry.BASE: "Results"}


def _labels(crawler: Crawler) -> dict[str, str]:
    """A crawler that is no longer installed leaves its functions' names as they are."""
    code = registry.all().get(crawler.slug)
    return function_labels([code] if code else [])


@dataclass(frozen=True, slots=True)
class Priced:
    """A function that a run has switched on, ``rate`` in thousandths of a credit."""

    function: str
    label: str
    rate: int


def switched_on(run: Run) -> list[Priced]:
    """The run's functions, at the prices it was launched with."""
    labels, rates = _labels(run.crawler), run.settings["prices"]["functions"]
    return [Priced(name, labels.get(name, name), rate) for name, rate in rates.items()]


def costs(run: Run) -> list[Cost]:
    """The run's charges by function, the largest first, straight from the ledger."""
    charges = LedgerEntry.objects.filter(run=run).values("function")
    sums = charges.annotate(attempts=Sum("attempts"), hits=Sum("hits"), amount=Sum("amount"))
    return _costs(run.crawler, [{**found} for found in sums.order_by("-amount")])


def costs_of_squid(squid: Squid) -> list[Cost]:
    """The same of all its runs, from the ledger's sums: those know of no attempts."""
    spent = Spending.objects.filter(run__squid=squid).values("function")
    sums = spent.annotate(hits=Sum("hits"), amount=Sum("amount")).order_by("-amount")
    return _costs(squid.crawler, [{"attempts": 0} | found for found in sums])


def _costs(crawler: Crawler, sums: Sequence[dict[str, Any]]) -> list[Cost]:
    labels = _labels(crawler)
    total = sum(found["amount"] for found in sums) or 1
    return [
        Cost(
            label=labels.get(found["function"], found["function"]),
            percent=100 * found["amount"] / total,
            **found,
        )
        for found in sums
    ]
