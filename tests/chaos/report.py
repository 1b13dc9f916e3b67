"""What is printed: a line for a kill, a line for a run that ended, the table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runs.models import Run
from tests.chaos.kills import Victims


@dataclass(frozen=True)
class Record:
    """A run that ended; ``without`` is its longest time in seconds without a living worker."""

    run: Run
    verdict: str
    without: float

    @property
    def cells(self) -> tuple[str, ...]:
        run = self.run
        return (
            f"{run.pk}",
            f"{run.pages:,}",
            f"{run.results:,}",
            run.status,
            f"{run.active_ms / 1000:.0f}",
            f"{self.without:.1f}",
            self.verdict,
        )


HEADS = ("run", "pages", "results", "status", "seconds", "without a worker", "digest")


def killed(
    number: int,
    at: float,
    kind: str,
    victims: Victims,
    pages: dict[int, int],
    broken: Sequence[str],
    late: str,
    took: float,
) -> str:
    who = f"{kind} ({victims[0].pid}{f' and {len(victims) - 1} more' if len(victims) > 1 else ''})"
    where = " and ".join(str(count) for count in pages.values())
    found = f"BROKEN: {'; '.join(broken)}" if broken else "counters, ledger, requests, lines exact"
    back = f"NOT MENDED: {late}" if late else f"all going on after {took:.1f} s"
    return f"{number:3d}  {at:6.1f} s  {who:42}  at page {where:13}  {found}; {back}"


def ended(at: float, record: Record) -> str:
    run = record.run
    return f"     {at:6.1f} s  run {run.pk} is {run.status}: {run.pages:,} pages, {record.verdict}"


def table(
    records: Sequence[Record], breaches: Sequence[str], kills: int, seed: int, seconds: float
) -> None:
    rows = [HEADS, *(record.cells for record in records)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    print()
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    for breach in breaches:
        print(f"BREACH: {breach}")
    verdict = f"{len(breaches)} breaches" if breaches else "nothing lost, nothing twice"
    print(f"\n{kills} kills in {seconds:.0f} s, SEED={seed}: {verdict}", flush=True)
