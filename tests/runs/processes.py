"""Worker processes for tests that kill them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

Worker = subprocess.Popen[str]


@contextmanager
def worker(allow: str) -> Iterator[Worker]:
    """A worker on the tests' database that may scrape ``allow``; killed at the end of the block."""
    process = start(allow)
    try:
        assert next_line(process) == "ready\n"
        yield process
    finally:
        kill(process)


def start(allow: str) -> Worker:
    """The same, on its way; whoever starts it kills it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.worker_process", "120"],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "lobstr_site.settings",
            "DATABASE_URL": database_url(),
            "LOBSTR_DATA": str(settings.DATA_DIR),
            "LOBSTR_ALLOW_PRIVATE": allow,
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(process: Worker) -> None:
    process.kill()
    process.wait()
    process.communicate()


def next_line(process: Worker) -> str:
    """The next line that a worker prints; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline()


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    login = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
    return f"postgres://{login}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Look again and again until it is so; a test that waits in vain fails."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def stopped_outside_a_transaction(pid: int) -> bool:
    """Stop the process; where it holds the write lock, let it go on and say False."""
    os.kill(pid, signal.SIGSTOP)
    if nobody_writes():
        return True
    os.kill(pid, signal.SIGCONT)
    return False


def nobody_writes() -> bool:
    """Whether no other process is inside a writing transaction at this moment."""
    if connection.vendor == "sqlite":
        return _lock_is_free(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        return bool(cursor.fetchone() == (0,))


def _lock_is_free(path: str) -> bool:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True
