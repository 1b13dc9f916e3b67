"""How long a page of the site and a Launch take while two workers write at full speed, against
the same with the workers idle."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from collections.abc import Sequence
from functools import partial

from tests.bench import shop
from tests.bench.browser import Browser, browser
from tests.bench.place import answer, tell
from tests.bench.processes import whole_site
from tests.site.running import until

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
LOOKS = 15
"""Looks at each page, and presses, in each half of a round."""
BUSY_TASKS = 400
"""12,400 pages a run: more than a worker reads while half a round lasts."""

TRIES = 20

Times = dict[str, float]


class Scene:
    """Squids of one user: two that are busy, one with results to look at, one to press."""

    def __init__(self, site: str) -> None:
        from tests.bench import scene

        self.owner = scene.owner()
        scene.allow(site.removeprefix("http://"), 64)
        self.shown = scene.squid(self.owner, shop.tasks(site, 16), 16)
        self.pressed = scene.squid(self.owner, [f"{site}/chain/1/1"])
        urls = shop.tasks(site, 2 * BUSY_TASKS)
        self.busy = [scene.squid(self.owner, urls[half::2], 16) for half in range(2)]
        self.cookies = scene.cookies(self.owner)

    def prepare(self) -> None:
        """Results to look at: a finished run of 9,920 rows."""
        from runs import lifecycle

        self.finished = lifecycle.start(self.shown, by="bench")
        self.end_of(self.shown.pk)

    def end_of(self, squid: int) -> None:
        from runs.models import Run

        until(lambda: not Run.objects.unfinished().filter(squid=squid).exists(), "a run's end")

    def get_busy(self) -> None:
        """Two runs at work, each in a worker process of its own: a worker may take both, and then
        they are launched again."""
        from runs import lifecycle

        for _ in range(TRIES):
            for squid in self.busy:
                run = lifecycle.start(squid, by="bench")
                until(partial(self._writes, run.pk), "a worker that writes")
            if self._holders() == len(self.busy):
                return
            self.rest()
        raise SystemExit("two workers never had a run each")

    def _writes(self, run: int) -> bool:
        from runs.models import Run

        return bool(Run.objects.get(pk=run).pages)

    def _holders(self) -> int:
        from runs.models import Lease

        held = Lease.objects.filter(run__squid__in=self.busy, holder_pid__isnull=False)
        return held.values("holder_pid").distinct().count()

    def rest(self) -> int:
        """Stop the busy runs; answers how many pages they wrote."""
        from runs import lifecycle
        from runs.models import Run

        pages = 0
        for run in Run.objects.unfinished().filter(squid__in=self.busy):
            lifecycle.abort(run, by="bench")
            run.refresh_from_db()
            pages += run.pages
        return pages


async def look(scene: Scene, person: Browser) -> Times:
    """The median milliseconds of each page and of a press, by turns."""
    pages = {"squid page": f"/squids/{scene.busy[0].uid}", "results": f"/runs/{scene.finished.uid}"}
    times: dict[str, list[float]] = {}
    for _ in range(LOOKS):
        for name, path in pages.items():
            times.setdefault(name, []).append(await person.open(path))
        pressed = await person.press(f"/squids/{scene.pressed.uid}/launch")
        times.setdefault("Launch", []).append(pressed)
        await asyncio.to_thread(scene.end_of, scene.pressed.pk)
    return {name: statistics.median(values) for name, values in times.items()}


async def one_round(scene: Scene, person: Browser) -> tuple[Times, Times]:
    idle = await look(scene, person)
    await asyncio.to_thread(scene.get_busy)
    busy = await look(scene, person)
    pages = await asyncio.to_thread(scene.rest)
    tell(f"{_shown(idle)} idle; {_shown(busy)} while {pages} pages were written")
    return idle, busy


def _shown(times: Times) -> str:
    return ", ".join(f"{name} {value:.0f} ms" for name, value in times.items())


async def rounds(scene: Scene, address: str) -> list[tuple[Times, Times]]:
    async with browser(address, scene.cookies) as person:
        await look(scene, person)
        return [await one_round(scene, person) for _ in range(ROUNDS)]


def conclude(pairs: Sequence[tuple[Times, Times]]) -> dict[str, object]:
    """The worst of the three ratios, each the median of the rounds."""
    ratios = {
        name: statistics.median(busy[name] / idle[name] for idle, busy in pairs)
        for name in pairs[0][0]
    }
    idle, busy = (
        {name: statistics.median(times[half][name] for times in pairs) for name in ratios}
        for half in range(2)
    )
    parts = [f"{name} {ratios[name]:.2f} ({busy[name]:.0f}/{idle[name]:.0f} ms)" for name in ratios]
    detail = f"{', '.join(parts)}; medians of {len(pairs)} rounds, two workers"
    return {"value": max(ratios.values()), "detail": detail}


def main(shop_url: str) -> None:
    with whole_site() as address:
        scene = Scene(shop_url)
        scene.prepare()
        answer({"web_under_load_vs_idle": conclude(asyncio.run(rounds(scene, address)))})


if __name__ == "__main__":
    main(sys.argv[1])
