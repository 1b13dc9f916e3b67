"""What the Credits tab draws and says: slices of the donut, and one line of insight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runs.credits import Cost
from runs.figures import credits_text
from runs.models import LedgerEntry

COLOURS = 6


@dataclass(frozen=True, slots=True)
class Slice:
    """A cost with its place on the ring: ``start`` and ``length`` in hundredths of the round."""

    cost: Cost
    start: float
    length: float
    colour: int

    @property
    def dashes(self) -> str:
        """As ``stroke-dasharray`` takes it, on a circle whose ``pathLength`` is 100."""
        return f"{self.length:.3f} {100 - self.length:.3f}"

    @property
    def offset(self) -> str:
        return f"{-self.start:.3f}"

    @property
    def width(self) -> str:
        return f"{self.length:.3f}%"

    @property
    def percent(self) -> str:
        return percent_text(self.cost.percent)


def percent_text(percent: float) -> str:
    """One digit after the point, and never 0 or 100 by rounding alone."""
    if 0 < percent < 0.1:
        return "< 0.1"
    if 99.9 < percent < 100:
        return "> 99.9"
    return f"{percent:.1f}".removesuffix(".0")


def slices(costs: Sequence[Cost]) -> list[Slice]:
    """The costs around the ring, in their order."""
    start, found = 0.0, []
    for number, cost in enumerate(costs):
        colour = min(number, COLOURS - 1) + 1
        found.append(Slice(cost, start, cost.percent, colour))
        start += cost.percent
    return found


def insight(costs: Sequence[Cost]) -> str:
    """One sentence on where the credits went; empty where nothing was spent."""
    spent = [cost for cost in costs if cost.amount]
    if not spent:
        return ""
    first = spent[0]
    if len(spent) == 1:
        return f"All of it went to {_name(first)}."
    share = f"{percent_text(first.percent)} % of the credits"
    if first.percent > 50 and first.function != LedgerEntry.BASE:
        return f"{first.label} took {share}: {_each(first)}."
    return f"{first.label} cost the most: {_each(first)}, {share}."


def _name(cost: Cost) -> str:
    name = "the results themselves" if cost.function == LedgerEntry.BASE else cost.label
    return f"{name}, {_each(cost)}"


def _each(cost: Cost) -> str:
    """``40 at 6 credits each``; the mean, where rates differed between charges."""
    each = credits_text(cost.amount / cost.hits) if cost.hits else "0"
    return f"{cost.hits:,} at {each} {'credit' if each == '1' else 'credits'} each"
