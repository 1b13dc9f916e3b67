"""A forecast as a bill: what each service of a launch is likely to come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runs.forecast.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Service:
    """Rows (``function`` is empty) or a function: how many are charged, in thousandths of a
    credit."""

    function: str
    results: int
    credits: int


def bill(forecast: Forecast, prices: dict[str, Any]) -> list[Service]:
    """The rows and each function in use, in the middle of the forecast's ranges. Without history:
    as many rows as the limits let through, or else one a task, with something found for each by
    every function."""
    rows = _rows(forecast)
    rates: dict[str, int] = prices["functions"]
    base = rows * forecast.rate
    spent = _middle(forecast.credits) - base if forecast.credits else rows * sum(rates.values())
    return [Service("", rows, base), *_shared(max(spent, 0), rates)]


def _rows(forecast: Forecast) -> int:
    if forecast.rows is not None:
        return _middle(forecast.rows)
    return forecast.tasks if forecast.most is None else forecast.most


def _middle(found: tuple[int, int]) -> int:
    return (found[0] + found[1] + 1) // 2


def _shared(spent: int, rates: dict[str, int]) -> list[Service]:
    """What functions take, as though all found something equally often. The last takes what
    rounding leaves."""
    services, whole, left = [], sum(rates.values()), spent
    for place, (name, rate) in enumerate(rates.items(), start=1):
        part = left if place == len(rates) else spent * rate // max(whole, 1)
        services.append(Service(name, -(-part // rate) if rate else 0, part))
        left -= part
    return services
