"""Rings through Redis, for web and worker processes that do not share a machine."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import cache

import redis
import redis.asyncio

CHANNEL = "lobstr-bells"
PATIENCE = 0.2
"""Seconds for Redis to take a ring, and to connect."""
SULK = 5.0
"""Seconds without trying after Redis was not there: a ring must not hold up a commit."""


def publish(url: str, data: bytes) -> None:
    """Never raises; waits ``PATIENCE`` at most, and not again for a while once that was in vain."""
    _publisher(os.getpid(), url).publish(data)


class _Publisher:
    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )
        self.resume_at = 0.0

    def publish(self, data: bytes) -> None:
        if time.monotonic() < self.resume_at:
            return
        try:
            self.client.publish(CHANNEL, data)
        except redis.RedisError:
            self.resume_at = time.monotonic() + SULK


@cache
def _publisher(pid: int, url: str) -> _Publisher:
    """One for each process: a fork must not share its parent's connection."""
    return _Publisher(url)


async def subscribe(url: str) -> AsyncIterator[bytes]:
    """Ring after ring until the connection breaks, which raises ``redis.RedisError``."""
    client = redis.asyncio.Redis.from_url(url)
    async with client, client.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(CHANNEL)
        async with aclosing(channel.listen()) as messages:
            async for message in messages:
                yield message["data"]
