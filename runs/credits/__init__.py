"""Prices, what a user may spend, and what was spent, in thousandths of a credit. Only unique rows
are charged. Operators' grants and changes of plan start in ``runs.lifecycle``, which also wakes the
runs that wait for credits.
"""

from __future__ import annotations

from runs.credits.costs import (
    Cost,
    Priced,
    costs,
    costs_of_squid,
    function_labels,
    switched_on,
)
from runs.credits.cycles import balance_of, current, present
from runs.credits.grants import allocate, grant, set_plan
from runs.credits.prices import CREDIT, is_free, price_list
from runs.credits.spending import Standing, charge, remaining, standing
from runs.credits.sums import quarter_of, sum_up

__all__ = [
    "CREDIT",
    "Cost",
    "Priced",
    "Standing",
    "allocate",
    "balance_of",
    "charge",
    "costs",
    "costs_of_squid",
    "current",
    "function_labels",
    "grant",
    "is_free",
    "present",
    "price_list",
    "quarter_of",
    "remaining",
    "set_plan",
    "standing",
    "sum_up",
    "switched_on",
]
