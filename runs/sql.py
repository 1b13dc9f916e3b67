"""Many rows in one statement, on SQLite and PostgreSQL alike.

The hot tables are written this way: a statement a row would give up the interpreter's lock for
each, and building model instances costs more than the insert itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model

PARAMETERS = 900
"""Values of one statement; every SQLite build takes 999."""

Values = Sequence[Any]
T = TypeVar("T")


def moment(at: datetime) -> Any:
    """A time as this database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(at)


def for_update() -> str:
    """What locks a selected row; SQLite's transactions are one at a time anyway."""
    return " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""


def insert(
    model: type[Model], columns: Sequence[str], rows: Sequence[Values], tail: str = ""
) -> list[tuple[Any, ...]]:
    """Insert rows; ``tail`` may ignore conflicts and return columns of what was inserted."""
    names = ", ".join(columns)
    one = f"({', '.join(['%s'] * len(columns))})"
    returned: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for chunk in chunks(rows, PARAMETERS // len(columns)):
            values = ", ".join([one] * len(chunk))
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) VALUES {values} {tail}",
                [value for row in chunk for value in row],
            )
            if "RETURNING" in tail:
                returned += cursor.fetchall()
    return returned


def chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def add(
    model: type[Model],
    columns: Sequence[str],
    rows: Sequence[Values],
    also: str,
    values: Values,
    beside: Sequence[str] = (),
) -> None:
    """Add to counters: each row is a primary key, then what is added to each column, then what
    ``also`` calls ``v.<name>``, of the names ``beside``. ``also`` is set on every row, with its
    values; it reads the counters as they were before."""
    names = ["pk", *columns, *beside]
    sums = ", ".join(f"{name} = {model._meta.db_table}.{name} + v.{name}" for name in columns)
    one = f"({', '.join(['%s'] * len(names))})"
    with connection.cursor() as cursor:
        for chunk in chunks(rows, PARAMETERS // len(names)):
            cursor.execute(
                f"WITH v ({', '.join(names)}) AS (VALUES {', '.join([one] * len(chunk))}) "
                f"UPDATE {model._meta.db_table} SET {sums}, {also} FROM v WHERE id = v.pk",
                [*(value for row in chunk for value in row), *values],
            )


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
