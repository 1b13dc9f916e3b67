"""``python -m tests.bench``: measures, prints a table, writes bench.json; 1 when a goal is missed.

``ONLY`` in the environment names one figure, or one group of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tests.bench import report
from tests.bench.figures import GOALS, GROUPS, Figure, chosen
from tests.bench.place import ROOT, measure

BENCH_JSON = ROOT / "bench.json"


def main(only: str) -> int:
    try:
        groups = chosen(only)
    except KeyError:
        known = ", ".join([*GROUPS, *GOALS])
        print(f"make bench ONLY={only}: there is no such figure. There are: {known}")
        return 2
    BENCH_JSON.unlink(missing_ok=True)
    figures: list[Figure] = []
    for group, names in groups.items():
        print(f"… {group}", file=sys.stderr, flush=True)
        figures += measure(group, names)
    return conclude(figures)


def conclude(figures: Sequence[Figure]) -> int:
    """Print, write, and answer the exit status."""
    report.write(figures, BENCH_JSON)
    print(report.table(figures))
    return 1 if report.missed(figures) else 0


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "").strip()))
