"""What a launch will take in credits, rows and time, from what earlier runs took."""

from __future__ import annotations

from runs.forecast.compare import Compared, compare
from runs.forecast.forecast import Forecast, Shown, kept, of_run, of_squid, shown

__all__ = ["Compared", "Forecast", "Shown", "compare", "kept", "of_run", "of_squid", "shown"]
