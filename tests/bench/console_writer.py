"""Console lines as the committer writes them: numbered under the run's row lock, in batches, with a
ring on commit. ``python -m tests.bench.console_writer RUN LINES_A_SECOND``; until it is killed."""

from __future__ import annotations

import sys
import time

import django

EACH = 0.025
"""Seconds between two commits."""


def main(run_id: int, speed: int) -> None:
    django.setup()
    due = time.monotonic()
    while True:
        write(run_id, round(speed * EACH))
        due += EACH
        time.sleep(max(0.0, due - time.monotonic()))


def write(run_id: int, count: int) -> None:
    """One commit. Each line carries the moment before the transaction began."""
    from django.db import transaction
    from django.utils import timezone

    from runs import lifecycle, live, sql
    from runs.models import Line

    stamp = time.time_ns()
    text = f"page 7 · 20 results · 0.05 s #{stamp}"
    with transaction.atomic():
        run = lifecycle.lock(run_id)
        first, at = run.last_line + 1, sql.moment(timezone.now())
        numbers = range(first, first + count)
        rows = [
            (run_id, n, at, "info", n % 64 + 1, "", f"Task {n % 64 + 1} · {text}") for n in numbers
        ]
        columns = ("run_id", "number", "at", "level", "task_position", "url", "text")
        sql.insert(Line, columns, rows)
        run.last_line += count
        run.save(update_fields=["last_line"])
        live.announce(run)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
