"""How a run's functions fare: summed up while it goes, told in the console from time to time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from runs.figures import credits_text
from runs.models import LedgerEntry, Run
from runs.worker.hold import Note, Tally

FIRST = 10
"""Tries before anything is said; from there on at 25, 50, 100, 250, 500, 1,000…"""
STEPS = (10, 25, 50)


@dataclass(frozen=True, slots=True)
class Told:
    """The tallies as they are after a batch, and what the console says of them."""

    tallies: Mapping[str, Tally]
    notes: list[Note]


def tallies(run: Run) -> dict[str, Tally]:
    """What the run's functions did so far, from the ledger. One that was not tried is left out."""
    charges = LedgerEntry.objects.filter(run=run).exclude(function=LedgerEntry.BASE)
    sums = charges.values_list("function").order_by()
    found = sums.annotate(tried=Sum("attempts"), paid=Sum("hits"), spent=Sum("amount"))
    return {name: Tally(tried, paid, spent) for name, tried, paid, spent in found}


def tell(
    before: Mapping[str, Tally],
    charges: Iterable[tuple[str, Tally]],
    labels: Mapping[str, str],
    *,
    ends: bool,
) -> Told:
    """``charges`` are a batch's; at the run's end every function that was tried has its line."""
    after = dict(before)
    for name, charge in charges:
        if name != LedgerEntry.BASE:
            after[name] = after.get(name, Tally()) + charge
    names = [name for name in labels if name in after]
    return Told(after, list(_notes(names, before, after, labels, ends)))


def _notes(
    names: Iterable[str],
    before: Mapping[str, Tally],
    after: Mapping[str, Tally],
    labels: Mapping[str, str],
    ends: bool,
) -> Iterator[Note]:
    for name in names:
        tally = after[name]
        passed = mark(tally.tried) > mark(before.get(name, Tally()).tried)
        if tally.tried and (ends or passed):
            when = "in all" if ends else "so far"
            counts = f"{tally.tried:,} tried, {tally.paid:,} paid"
            spent = credits_text(tally.spent)
            unit = "credit" if spent == "1" else "credits"
            yield Note("info", f"{labels[name]} {when}: {counts} · {spent} {unit}")


def mark(tried: int) -> int:
    """The last of the marks that so many tries have reached; 0 before the first."""
    if tried < FIRST:
        return 0
    unit = int("1".ljust(len(str(tried)) - 1, "0"))
    return max(step for step in STEPS if step * unit <= tried) * unit
