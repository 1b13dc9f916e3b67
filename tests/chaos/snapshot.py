"""The database as it was at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from runs.models import Run
from tests.runs.invariants import broken


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Every read of the block sees the same moment; it never waits for a writer, nor blocks one."""
    if connection.vendor == "sqlite":
        # Not atomic(): that begins IMMEDIATE, and would wait for a writer that was stopped.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def broken_at_once(runs: Iterable[int]) -> list[str]:
    """Each rule that these runs break, all read in one snapshot."""
    with one_snapshot():
        found = [broken(run) for run in Run.objects.filter(pk__in=runs)]
    return [text for texts in found for text in texts]
