"""The arithmetic of a forecast: from what earlier runs took to a range of what the next one takes.

Pure: numbers in, numbers out. A range is (low, high), both within reach; money is in thousandths of
a credit, time in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

Range = tuple[float, float]

MARGIN = 0.2
"""Divided by one more than the runs it rests on: 10 % for one, 5 % for three."""
STRANGE = 0.5
"""How much wider it is where the runs had other settings, or were of other squids."""
FASTER, SLOWER, MOMENT = 0.6, 1.6, 2.0
"""How much quicker or slower a run may be than an earlier one, and a moment besides."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier run. ``worked`` tasks of it give its means: those that ended, and half of those it
    was at. Of the job's own tasks it ``completed`` some, which with the ``failed`` ones gave
    ``known_rows``."""

    worked: float
    rows: int
    credits: int
    seconds: float
    instances: int
    row_rate: int
    functions: dict[str, int] = field(default_factory=dict)
    completed: int = 0
    failed: int = 0
    known_rows: int = 0

    @property
    def seen(self) -> int:
        """Of the job's tasks."""
        return self.completed + self.failed

    @property
    def mean(self) -> float:
        """Unique rows a task."""
        return self.rows / self.worked


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be launched. ``most`` is what its limits let through, in unique rows."""

    tasks: int
    instances: int
    row_rate: int
    functions: dict[str, int] = field(default_factory=dict)
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Whole numbers, low and high: unique rows, thousandths of a credit, seconds."""

    rows: tuple[int, int]
    credits: tuple[int, int]
    seconds: tuple[int, int]


def estimate(job: Job, pasts: Sequence[Past], *, strange: bool = False) -> Estimate:
    """``strange``: the runs had other settings, or were of other squids. At least one is needed."""
    free = _widened(_rows(job, pasts), _margin(job, pasts, strange))
    rows = _limited(free, job.most)
    a_row = _credits_a_row(job, pasts)
    seconds = _cut(_seconds(job, pasts), free, job.most)
    return Estimate(
        rows=_outward(rows),
        credits=_outward((math.floor(rows[0]) * a_row[0], math.ceil(rows[1]) * a_row[1])),
        seconds=_outward((seconds[0] * FASTER, seconds[1] * SLOWER + MOMENT)),
    )


def span(values: Sequence[float]) -> Range:
    """From the least to the most, with the fifth at either end left aside."""
    found = sorted(values)
    aside = len(found) // 5
    return found[aside], found[len(found) - 1 - aside]


def _rows(job: Job, pasts: Sequence[Past]) -> Range:
    """What its tasks gave, and for those not seen before the mean. A task that failed gives nothing
    again at the low end, and as much as any other at the high one."""
    unseen = [max(job.tasks - past.seen, 0) for past in pasts]
    low = [p.known_rows + new * p.mean for p, new in zip(pasts, unseen, strict=True)]
    high = [least + past.failed * past.mean for past, least in zip(pasts, low, strict=True)]
    return span(low)[0], span(high)[1]


def _margin(job: Job, pasts: Sequence[Past], strange: bool) -> float:
    """Of a task that was never seen, a mean of few says little."""
    seen = max(past.seen for past in pasts)
    new = max(job.tasks - seen, 0) / job.tasks
    little = max(past.worked for past in pasts)
    return MARGIN / (1 + len(pasts)) + new / math.sqrt(max(little, 1)) + STRANGE * strange


def _widened(found: Range, margin: float) -> Range:
    return max(found[0] * (1 - margin), 0.0), found[1] * (1 + margin)


def _limited(found: Range, most: int | None) -> Range:
    return found if most is None else (min(found[0], most), min(found[1], most))


def _credits_a_row(job: Job, pasts: Sequence[Past]) -> Range:
    """At today's prices. How often functions hit is known from runs that used the same ones; of
    others only that it is at most once a row."""
    most = sum(job.functions.values())
    hits = [
        _hits(past) for past in pasts if past.rows and past.functions.keys() == job.functions.keys()
    ]
    low, high = span(hits) if hits else (0.0, 1.0)
    return job.row_rate + low * most, job.row_rate + high * most


def _hits(past: Past) -> float:
    """The part of its functions' rates that a row of it cost, the mean over all."""
    rates = sum(past.functions.values())
    if not rates:
        return 0.0
    return max(past.credits / past.rows - past.row_rate, 0) / rates


def _seconds(job: Job, pasts: Sequence[Past]) -> Range:
    """Twice the instances take half the time at best, and at worst no less: the site may be what
    it waits for."""
    low, high = [], []
    for past in pasts:
        alike = past.seconds / past.worked * job.tasks
        scale = past.instances / job.instances
        low.append(alike * min(scale, 1))
        high.append(alike * max(scale, 1))
    return span(low)[0], span(high)[1]


def _cut(seconds: Range, free: Range, most: int | None) -> Range:
    """A run that ends at its limit of rows takes as much less time."""
    if most is None:
        return seconds
    low, high = (min(most / rows, 1.0) if rows else 1.0 for rows in (free[1], free[0]))
    return seconds[0] * low, seconds[1] * high


def _outward(found: Range) -> tuple[int, int]:
    """To whole numbers, the range never smaller; a trillionth is an error of the floats."""
    return math.floor(found[0] + 1e-6), math.ceil(found[1] - 1e-6)
