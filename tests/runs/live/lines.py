"""Console lines as the committer writes them, and a process that writes them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from runs import lifecycle, live
from runs.models import Line, Run
from tests.runs.live.web import ROOT, database_url


def write(run_id: int, count: int, *, task: int | None = None, text: str = "") -> None:
    """Append lines to the run in one transaction, and ring."""
    with transaction.atomic():
        run = lifecycle.lock(run_id)
        numbers = range(run.last_line + 1, run.last_line + 1 + count)
        Line.objects.bulk_create(
            Line(
                run=run,
                number=number,
                at=timezone.now(),
                task_position=task,
                text=text or f"Page {number} · 20 results",
            )
            for number in numbers
        )
        run.last_line += count
        run.save(update_fields=["last_line"])
        live.announce(run)


@contextmanager
def writing(run: Run, count: int, *, each: int = 10, pause: float = 0.01) -> Iterator[None]:
    """Lines that another process writes meanwhile."""
    command = [sys.executable, "-m", "tests.runs.live.writer"]
    process = subprocess.Popen(
        [*command, str(run.pk), str(count), str(each), str(pause)],
        env=os.environ | {"DATABASE_URL": database_url()},
        cwd=ROOT,
    )
    try:
        yield
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
