"""Followers of a console get every line once, in order, whoever is slow and however they came."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async

from runs.live import tailer as tailers
from runs.live.reading import rest
from runs.live.tailer import Follower, Tailer
from runs.models import Run
from tests.runs.live.lines import write

PATIENCE = 30.0


@asynccontextmanager
async def tailing(run: Run) -> AsyncIterator[Tailer]:
    tailer = Tailer(run.pk, run.uid)
    try:
        yield tailer
    finally:
        tailer.stop()
        await rest()


def follow(tailer: Tailer, have: int = 0) -> Follower:
    follower = Follower(tailer, have, asyncio.Event())
    tailer.followers.add(follower)
    return follower


async def collect(follower: Follower, until: int, *, acknowledge: bool = True) -> list[int]:
    """The numbers of the lines it gets, up to one of them."""
    got: list[int] = []
    async with asyncio.timeout(PATIENCE):
        while not got or got[-1] < until:
            await follower.woken.wait()
            follower.woken.clear()
            while batch := await follower.take():
                numbers = re.findall(r'id="line-(\d+)"', batch.html)
                got += map(int, numbers)
                assert got[-1] == batch.last
                if acknowledge:
                    follower.acknowledge(batch.last)
    return got


async def add(run: Run, count: int) -> None:
    await sync_to_async(write)(run.pk, count)


@pytest.mark.asyncio
async def test_who_comes_late_gets_what_was_there_and_what_follows(run: Run) -> None:
    await add(run, 1_200)
    async with tailing(run) as tailer:
        early, late = follow(tailer), follow(tailer, have=1_000)
        await add(run, 50)
        tailer.ring()
        end = run.last_line + 1_250
        assert await collect(early, end) == list(range(1, end + 1))
        assert await collect(late, end) == list(range(1_001, end + 1))


@pytest.mark.asyncio
async def test_who_falls_out_of_the_kept_batches_reads_the_table(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailers, "KEPT", 3)
    async with tailing(run) as tailer:
        quick, slow = follow(tailer), follow(tailer)
        end = run.last_line
        for _ in range(12):
            await add(run, 7)
            tailer.ring()
            end += 7
            await collect(quick, end)
        assert len(tailer.recent) == 3
        assert await collect(slow, end) == list(range(1, end + 1))


@pytest.mark.asyncio
async def test_no_more_is_sent_than_the_browser_takes_in(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailers, "UNREAD", 100)
    async with tailing(run) as tailer:
        await add(run, 2_000)
        tailer.ring()
        follower = follow(tailer)
        got = await collect(follower, 100, acknowledge=False)
        assert await follower.take() is None
        assert got[-1] < 100 + tailers.CHUNK
        follower.acknowledge(got[-1])
        rest_of_it = await collect(follower, run.last_line + 2_000)
        assert got + rest_of_it == list(range(1, run.last_line + 2_001))


@pytest.mark.asyncio
async def test_acknowledging_what_was_not_sent_gains_nothing(run: Run) -> None:
    async with tailing(run) as tailer:
        follower = follow(tailer)
        follower.acknowledge(10**9)
        assert follower.have == 0


@pytest.mark.asyncio
async def test_two_hundred_followers_miss_nothing(run: Run) -> None:
    async with tailing(run) as tailer:
        followers = [follow(tailer) for _ in range(200)]
        end = run.last_line + 400
        async with asyncio.TaskGroup() as group:
            collected = [group.create_task(collect(each, end)) for each in followers]
            for _ in range(20):
                await add(run, 20)
                tailer.ring()
        assert all(task.result() == list(range(1, end + 1)) for task in collected)


@pytest.mark.asyncio
async def test_a_lines_text_is_text(run: Run) -> None:
    await sync_to_async(write)(run.pk, 1, text="<script>alert(1)</script>")
    async with tailing(run) as tailer:
        follower = follow(tailer, have=run.last_line)
        await follower.woken.wait()
        batch = await follower.take()
    assert batch is not None
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in batch.html
    assert "<script>" not in batch.html
