"""What a row and a function cost."""

from __future__ import annotations

from typing import Any

from squids.crawlers.interface import Crawler

CREDIT = 1000
"""A credit in the unit of every amount."""


def price_list(crawler: Crawler, functions: dict[str, bool]) -> dict[str, Any]:
    """What a run will pay, frozen at launch: a rate a row and one for each function in use."""
    used = {f.name: f.rate for f in crawler.functions if functions.get(f.name, f.default)}
    return {"row": crawler.credits_per_row, "functions": used}


def is_free(prices: dict[str, Any]) -> bool:
    """Whether a run with this price list can spend nothing."""
    return not any((prices["row"], *prices["functions"].values()))
