"""From the press of Launch to the first console line in the browser, and to the first page
committed, with the whole site running and ten slow runs unfinished.

The site is the one `make run` starts. The slow runs wait ten seconds for each page of its demo
shop; the squid that is launched scrapes another.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from django.conf import settings

from tests.bench.browser import Browser, browser
from tests.bench.place import answer, tell
from tests.bench.processes import whole_site
from tests.bench.watch import Rows, RunRow
from tests.site.running import PATIENCE, until

SLOW_RUNS = 10
SLOW_MS = 10_000
LAUNCHES = int(os.environ.get("BENCH_LAUNCHES", "20"))
PAUSE = (1.0, 4.0)
"""Seconds between two launches, so that they meet the slices at any moment of theirs."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Pressed:
    """Milliseconds from the press."""

    table: float
    browser: float
    page: float


class Scene:
    def __init__(self, shop: str, site: str) -> None:
        from tests.bench import scene

        self.site = site
        owner = scene.owner()
        slow = f"http://{scene.demo_address()}/slow/{SLOW_MS}"
        self.squid = scene.squid(owner, [f"{shop}/shop/page-118.html"])
        self.slow = [scene.squid(owner, [f"{slow}/branch/{n}/shop/"]) for n in range(SLOW_RUNS)]
        self.cookies = scene.cookies(owner)
        self.rows = Rows(settings.DATA_DIR, self.squid.pk)

    def launch_slow_runs(self) -> None:
        from runs import lifecycle
        from runs.models import Run

        for squid in self.slow:
            lifecycle.start(squid, by="bench")
        until(lambda: Run.objects.filter(status="running").count() == SLOW_RUNS, "the slow runs")

    def slow_runs_left(self) -> int:
        from runs.models import Run

        return int(Run.objects.unfinished().count())


async def press(scene: Scene, person: Browser) -> Pressed:
    """One launch on the squid's open page, watched until its run has ended."""
    before = scene.rows.latest()
    path = f"/squids/{scene.squid.uid}"
    async with person.socket(f"/ws{path}", before.uid, before.last_line) as socket:
        await asyncio.sleep(0.5)
        begun = time.perf_counter()
        seen = asyncio.create_task(_first_line(socket))
        rows = asyncio.create_task(_rows(scene, before))
        await person.press(f"{path}/launch")
        async with asyncio.timeout(PATIENCE):
            line, (table, page) = await asyncio.gather(seen, rows)
    return Pressed(*((moment - begun) * 1000 for moment in (table, line, page)))


async def _first_line(socket: aiohttp.ClientWebSocketResponse) -> float:
    """When the new run's first line came. The old run's lines are all here already."""
    async for message in socket:
        if 'id="line-1"' in message.data and "started" in message.data:
            return time.perf_counter()
    raise SystemExit("the socket closed before the first line")


async def _rows(scene: Scene, before: RunRow) -> tuple[float, float]:
    """When its first line and its first page were in the database; the run has ended then."""
    line = page = 0.0
    while True:
        row, now = scene.rows.latest(), time.perf_counter()
        if row.id != before.id:
            line = line or (row.last_line and now)
            page = page or (row.pages and now)
            if row.has_ended:
                return line, page
        await asyncio.sleep(0.003)


async def presses(scene: Scene) -> list[Pressed]:
    """The first is left out: the site has never done it before."""
    pause = random.Random(SEED)
    found = []
    async with browser(scene.site, scene.cookies) as person:
        await press(scene, person)
        for _ in range(LAUNCHES):
            await asyncio.sleep(pause.uniform(*PAUSE))
            found.append(await press(scene, person))
            tell(f"{found[-1].browser:.0f} ms to the first line, {found[-1].page:.0f} to the page")
    return found


def conclude(idle: Sequence[Pressed], slow: Sequence[Pressed]) -> dict[str, dict[str, object]]:
    """The worst of all launches is judged."""
    line = _spread([one.browser for one in slow])
    table = _spread([one.table for one in slow])
    page = _spread([one.page for one in slow])
    with_slow = f"{len(slow)} launches beside {SLOW_RUNS} runs on a site that takes 10 s a page"
    alone, alone_page = (
        _spread([getattr(one, name) for one in idle]) for name in ("browser", "page")
    )
    return {
        "press_to_first_line_ms": {
            "value": max(one.browser for one in slow),
            "detail": f"in the browser {line}, in the table {table}; {with_slow}; alone {alone}",
        },
        "press_to_first_page_ms": {
            "value": max(one.page for one in slow),
            "detail": f"{page}; {with_slow}; alone {alone_page}",
        },
    }


def _spread(values: Sequence[float]) -> str:
    return f"median {statistics.median(values):.0f} ms, worst {max(values):.0f}"


def main(shop: str, names: Sequence[str]) -> None:
    with whole_site() as address:
        scene = Scene(shop, address)
        idle = asyncio.run(presses(scene))
        scene.launch_slow_runs()
        tell(f"{SLOW_RUNS} slow runs at work")
        slow = asyncio.run(presses(scene))
        if scene.slow_runs_left() != SLOW_RUNS:
            raise SystemExit("a slow run ended while it was to be at work")
    found = conclude(idle, slow)
    answer({name: found[name] for name in names})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
