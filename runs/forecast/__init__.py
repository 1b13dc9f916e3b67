"""What a launch will take in credits, rows and time, from what earlier runs took."""

from __future__ import annotations

from runs.forecast.bill import Service, bill
from runs.forecast.compare import Compared, compare
from runs.forecast.forecast import Forecast, Shown, kept, of_run, of_squid, shown

__all__ = [
    "Compared",
    "Forecast",
    "Service",
    "Shown",
    "bill",
    "compare",
    "kept",
    "of_run",
    "of_squid",
    "shown",
]
