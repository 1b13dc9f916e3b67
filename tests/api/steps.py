"""What a list costs in the database itself: the steps SQLite takes, the same at every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Counts SQLite's virtual machine instructions of the block, to the hundred."""
    connection.ensure_connection()
    ticks: list[None] = []
    raw = connection.connection
    raw.set_progress_handler(lambda: ticks.append(None), 100)
    try:
        yield lambda: 100 * len(ticks)
    finally:
        raw.set_progress_handler(None, 100)
