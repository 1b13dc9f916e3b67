"""Browsers that watch a run's console, in a process of their own.

``python -m tests.bench.viewers SITE PATH RUN COUNT SECONDS``; cookies as JSON on its standard
input. Says ``open`` when all are; from then on lines are to be written, each with a text that ends
in the nanosecond at which that began. Answers ``p50`` and ``p99`` of the milliseconds from there to
the browser, over all lines and sockets, and how many came.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from functools import cache

import aiohttp

from tests.bench.browser import Browser, browser
from tests.bench.place import answer

STAMP = re.compile(r' id="line-(\d+)".*?#(\d{19})</span>')
LAST = re.compile(r'data-last="(\d+)"')
OPENING = 0.05
"""Seconds between two openings of pages."""
SETTLING = 3.0


class Seen:
    """Delays by the millisecond, each with how many lines had it."""

    def __init__(self) -> None:
        self.delays: Counter[int] = Counter()
        self.is_counting = False
        self.gaps = 0

    def take(self, stamps: Counter[int]) -> None:
        now = time.time_ns()
        if self.is_counting:
            for stamp, lines in stamps.items():
                self.delays[(now - stamp) // 1_000_000] += lines

    def percentile(self, part: float) -> float:
        left = part * self.delays.total()
        for delay in sorted(self.delays):
            left -= self.delays[delay]
            if left <= 0:
                return delay
        return 0


@cache
def read(html: str) -> tuple[int, int, Counter[int]]:
    """First and last number of a message's lines, and the lines of each stamp. Sockets get the
    same text, so most of it is read once."""
    found = STAMP.findall(html)
    numbers = [int(number) for number, _ in found]
    if not found:
        return 0, 0, Counter()
    return numbers[0], numbers[-1], Counter(int(stamp) for _, stamp in found)


async def watch(person: Browser, path: str, run: str, seen: Seen) -> None:
    """A page that is opened, shows its lines and says so, as live.js does."""
    last = int(LAST.findall(await person.read(path))[0])
    async with person.socket(f"/ws{path}", run, last) as socket:
        async for message in socket:
            if message.type != aiohttp.WSMsgType.TEXT or not message.data.startswith("<li"):
                continue
            first, end, stamps = read(message.data)
            seen.take(stamps)
            seen.gaps += bool(first and first != last + 1)
            last = end or last
            await socket.send_str(json.dumps({"run": run, "have": last}))


async def main(site: str, path: str, run: str, count: int, seconds: float) -> None:
    seen = Seen()
    async with browser(site, json.load(sys.stdin)) as person:
        sockets = []
        for _ in range(count):
            sockets.append(asyncio.create_task(watch(person, path, run, seen)))
            await asyncio.sleep(OPENING)
        print("open", flush=True)
        await asyncio.sleep(SETTLING)
        seen.is_counting = True
        await asyncio.sleep(seconds)
        seen.is_counting = False
        open_ones = sum(not socket.done() for socket in sockets)
        for socket in sockets:
            socket.cancel()
        await asyncio.gather(*sockets, return_exceptions=True)
    found = {"p50": seen.percentile(0.5), "p99": seen.percentile(0.99)}
    lines = seen.delays.total() / count / seconds
    answer(found | {"lines": lines, "gaps": seen.gaps, "open": open_ones})


if __name__ == "__main__":
    _, site, path, run, count, seconds = sys.argv
    asyncio.run(main(site, path, run, int(count), float(seconds)))
