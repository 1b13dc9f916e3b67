"""Database calls of the live pages: one thread of the process, apart from the requests' threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, connections

T = TypeVar("T")

CONNECTION_AGE = 30.0
"""Seconds a connection is used: opening one for each of many small reads costs more than they."""

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-reads")
_opened_at = 0.0


async def read(call: Callable[..., T], *args: object) -> T:
    """Run a short read in the reading thread."""
    return await asyncio.get_running_loop().run_in_executor(_thread, _with_connection, call, args)


async def rest() -> None:
    """Close the thread's connections; the next read opens new ones."""
    await asyncio.get_running_loop().run_in_executor(_thread, _close)


def _with_connection(call: Callable[..., T], args: tuple[object, ...]) -> T:
    global _opened_at
    now = time.monotonic()
    if now - _opened_at > CONNECTION_AGE:
        _close()
        _opened_at = now
    try:
        return call(*args)
    except DatabaseError:
        _close()
        raise


def _close() -> None:
    connections.close_all()
