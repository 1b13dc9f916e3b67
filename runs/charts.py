"""What the Credits tab and the Usage page draw and say: slices of a donut, columns of days and
months, and one line of insight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runs.credits import CREDIT, Cost
from runs.figures import credits_text
from runs.models import LedgerEntry
from runs.usage import Span

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


# --- columns --------------------------------------------------------------------------------------

TOP, FOOT = 12, 152
"""Pixels from the drawing's top to the highest column's, and to the ground line."""
LABELS = 12
"""Columns that each have their label; of more, every fifth does."""


@dataclass(frozen=True, slots=True)
class Column:
    """A span's bar: place and width in per cent of the drawing, top and height in pixels."""

    label: str
    short: str
    amount: int
    left: float
    width: float
    top: float
    height: float

    @property
    def x(self) -> str:
        return f"{self.left:.3f}%"

    @property
    def middle(self) -> str:
        return f"{self.left + self.width / 2:.3f}%"

    @property
    def thickness(self) -> str:
        return f"{self.width:.3f}%"


@dataclass(frozen=True, slots=True)
class Columns:
    """The bars, and the lines behind them: each with its height in pixels and its amount."""

    columns: list[Column]
    lines: list[tuple[float, int]]

    @property
    def gutter(self) -> int:
        """Pixels at the left that the lines' amounts take."""
        return 8 + 7 * max(len(credits_text(amount)) for _, amount in self.lines)


def columns(spans: Sequence[Span], amounts: Sequence[int]) -> Columns:
    """A bar a span, against a round number above the highest. What is not nothing is seen."""
    most = _round_above(max(amounts, default=0))
    step = 100 / max(len(spans), 1)
    found = []
    for place, (span, amount) in enumerate(zip(spans, amounts, strict=True)):
        height = max((FOOT - TOP) * amount / most, 2) if amount else 0
        labelled = len(spans) <= LABELS or (len(spans) - 1 - place) % 5 == 0
        short = span.short if labelled else ""
        left, width = step * (place + 0.15), step * 0.7
        found.append(Column(span.label, short, amount, left, width, FOOT - height, height))
    lines = [(FOOT - (FOOT - TOP) * part, round(most * part)) for part in (0, 0.5, 1)]
    return Columns(found, lines)


def _round_above(amount: int) -> int:
    """1, 2 or 5 with noughts, in credits: the least that is no smaller."""
    scale = CREDIT
    while scale * 10 <= amount:
        scale *= 10
    return next(n * scale for n in (1, 2, 5, 10) if n * scale >= amount)
