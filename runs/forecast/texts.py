"""A forecast in words."""

from __future__ import annotations

from collections.abc import Callable

from runs.figures import credits_text

Range = tuple[int, int]
MINUTE, HOUR = 60, 3600


def parts(cost: Range, rows: Range, seconds: Range) -> list[str]:
    """``40–60 credits``, ``45–60 rows``, ``1–2 min``"""
    return [credits_range(rounded(cost)), rows_range(rounded(rows)), time_range(seconds)]


def rounded(found: Range) -> Range:
    """Outward, to no more digits than its width is worth: 2,240 to 3,026 as 2,200 to 3,100."""
    width = found[1] - found[0]
    unit = 10 ** (len(str(width)) - 1)
    if unit > 1 and width < 5 * unit:
        unit //= 2
    return found[0] // unit * unit, -(-found[1] // unit) * unit


def unknown(rate: int, most: int | None) -> str:
    text = f"{_credits(rate)} a result"
    return text if most is None else f"{text}, at most {_credits(rate * most)}"


def rests_on(basis: str, runs: int, alike: bool) -> str:
    count = "the last run" if runs == 1 else f"the last {runs} runs"
    match basis:
        case "squid":
            return f"from {count} of this squid" + ("" if alike else ", under other settings")
        case "owner":
            return f"from {_runs(runs)} of your other squids with this crawler"
        case "crawler":
            return f"from {_runs(runs)} of this crawler"
    return "no history yet"


def credits_range(found: Range) -> str:
    unit = 1000 if found[1] >= 10_000 else 100
    low, high = found[0] // unit * unit, -(-found[1] // unit) * unit
    return f"{_span(low, high, credits_text)} {'credit' if low == high == 1000 else 'credits'}"


def rows_range(found: Range) -> str:
    return f"{_span(*found, '{:,}'.format)} {'row' if found == (1, 1) else 'rows'}"


def time_range(found: Range) -> str:
    """In the unit that fits its high end."""
    units = ((1, "s"), (MINUTE, "min"))
    unit, name = next((each for each in units if found[1] < 90 * each[0]), (HOUR, "h"))
    low, high = found[0] // unit, -(-found[1] // unit)
    return f"{_span(low, high, '{:,}'.format) if low else f'up to {high:,}'} {name}"


def _span(low: int, high: int, text: Callable[[int], str]) -> str:
    return text(low) if low == high else f"{text(low)}–{text(high)}"


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _credits(thousandths: int) -> str:
    return f"{credits_text(thousandths)} credit{'' if thousandths == 1000 else 's'}"
