"""Rings through Redis, and without one that is there."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from pytest_django import Settings

from runs import live
from runs.live import redis_bells
from runs.live.bells import Ring, unpack

RING = Ring(7, 8, 9)
PATIENCE = 10.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def url(tmp_path: Path, settings: Settings) -> Iterator[str]:
    port = _free_port()
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    client = redis.Redis.from_url(settings.REDIS_URL)
    deadline = time.monotonic() + PATIENCE
    while not _answers(client):
        assert time.monotonic() < deadline, "Redis did not come up"
        time.sleep(0.02)
    client.close()
    yield settings.REDIS_URL
    process.kill()
    process.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server is here")
def test_a_ring_is_heard_by_all_that_subscribed(url: str) -> None:
    async def hear() -> Ring | None:
        async for data in redis_bells.subscribe(url):
            return unpack(data)
        return None

    async def look() -> list[Ring | None]:
        listening = [asyncio.create_task(hear()) for _ in range(2)]
        async with asyncio.timeout(PATIENCE):
            while not all(task.done() for task in listening):
                await asyncio.to_thread(live.ring, *RING)
                await asyncio.sleep(0.02)
        return [task.result() for task in listening]

    assert asyncio.run(look()) == [RING, RING]


def test_a_redis_that_is_away_is_no_error_and_no_wait(settings: Settings) -> None:
    """The second ring is not even tried: a commit stands behind it."""
    settings.REDIS_URL = f"redis://127.0.0.1:{_free_port()}/0"
    for _ in range(1_000):
        live.ring(*RING)
