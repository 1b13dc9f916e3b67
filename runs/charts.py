"""What pages draw and say: slices of a donut and one line of insight, columns of days and months,
a crawler's days."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from runs.credits import CREDIT, Cost, Priced
from runs.figures import credits_text
from runs.models import LedgerEntry
from runs.pace import Tally
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


@dataclass(frozen=True, slots=True)
class Step:
    """How a function fared: ``colour`` is its own on the ring, 0 as long as it was not tried."""

    label: str
    rate: int
    colour: int
    tried: int
    paid: int
    amount: int

    @property
    def share(self) -> float:
        """Of its tries, those that were paid, in per cent."""
        return 100 * self.paid / self.tried if self.tried else 0.0

    @property
    def width(self) -> str:
        return f"{min(self.share, 100):.3f}%"

    @property
    def percent(self) -> str:
        return percent_text(self.share)


def steps(functions: Sequence[Priced], ring: Sequence[Slice]) -> list[Step]:
    """What became of each function that is on."""
    charged = {part.cost.function: part for part in ring}
    return [_step(one, charged.get(one.function)) for one in functions]


def _step(one: Priced, part: Slice | None) -> Step:
    if part is None:
        return Step(one.label, one.rate, 0, 0, 0, 0)
    cost = part.cost
    return Step(one.label, one.rate, part.colour, cost.attempts, cost.hits, cost.amount)


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


# --- days of a crawler ----------------------------------------------------------------------------

TALL, LEAST = 32, 3
"""Pixels of a day on which all went well, and of one that is only to be seen."""


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day as a bar as high as its success; place and width in per cent of the drawing."""

    label: str
    tally: Tally
    left: float
    width: float

    @property
    def x(self) -> str:
        return f"{self.left:.3f}%"

    @property
    def thickness(self) -> str:
        return f"{self.width:.3f}%"

    @property
    def height(self) -> int:
        return max(int(TALL * self.tally.percent / 100), LEAST)

    @property
    def top(self) -> int:
        return TALL - self.height


def day_bars(tallies: Mapping[date, Tally]) -> list[DayBar]:
    step = 100 / max(len(tallies), 1)
    return [
        DayBar(f"{day.day} {day:%b %Y}", tally, step * (place + 0.15), step * 0.7)
        for place, (day, tally) in enumerate(tallies.items())
    ]


def success_text(tally: Tally) -> str:
    """Per cent rounded down, so that no grade has the number of a better one."""
    percent = tally.percent
    return percent_text(percent if percent < 0.1 else math.floor(percent * 10) / 10)
