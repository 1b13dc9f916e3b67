"""What scripts see: how long the last page of a million results takes against the first, of a run
and of a task in it; and how quickly a run tells how far it is while it writes.

The whole site, asked over connections that are kept. The million rows are of a run of 5,004 tasks:
four large ones that took turns, page by page, then five thousand of a hundred rows, ten at a time.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.bench import shop
from tests.bench.place import answer, tell
from tests.bench.processes import whole_site
from tests.site.running import until

if TYPE_CHECKING:
    from runs.models import Run
    from squids.models import User

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
PAGE = 20
"""Rows that a task wrote at once."""
LARGE, SMALL, TURNS = 4, 100, 10
CHUNK = 5_000
LOOKS = 25
CLIENTS = 8
BUSY_TASKS = 800

Pages = dict[str, tuple[str, int, int]]
"""By name: what is asked for, the first page and the last."""


class Scene:
    def __init__(self, site: str) -> None:
        from squids import actions
        from tests.bench import scene

        self.owner = scene.owner()
        scene.allow(site.removeprefix("http://"), 64)
        self.key = actions.make_key(self.owner, "bench")[1]
        self.busy = scene.squid(self.owner, shop.tasks(site, BUSY_TASKS), 16)
        tell(f"writing {ROWS:,} rows")
        self.run = a_large_run(self.owner)

    def pages(self) -> Pages:
        """The run; its third large task; its last small task."""
        tasks = self.run.run_tasks.select_related("task")
        large, small = tasks.get(position=LARGE - 1), tasks.latest("position")
        return {
            "run": (f"run={self.run.uid}", 1, self.run.results // 50),
            "task": (f"task={large.task.uid}", 1, large.results // 50),
            "small task": (f"task={small.task.uid}", 1, small.results // 50),
        }

    def launch(self) -> Run:
        from runs import lifecycle
        from runs.models import Run

        run = lifecycle.start(self.busy, by="bench")
        until(lambda: Run.objects.get(pk=run.pk).pages, "a worker that writes")
        return run

    def abort(self, run: Run) -> int:
        """Answers how many pages it wrote."""
        from runs import lifecycle

        lifecycle.abort(run, by="bench")
        run.refresh_from_db()
        return run.pages


def a_large_run(owner: User) -> Run:
    """No worker ever sees it: it is ended by the time that it is there."""
    from django.db import transaction

    from runs import lifecycle
    from tests.bench import scene

    half = ROWS // 2
    urls = [f"http://shop.example/{n}" for n in range(LARGE + half // SMALL)]
    squid = scene.squid(owner, urls)
    with transaction.atomic():
        run = lifecycle.start(squid, by="bench")
        lifecycle.abort(run, by="bench")
    tasks = list(run.run_tasks.order_by("position"))
    owners = [*turns(tasks[:LARGE], half)]
    for first in range(LARGE, len(tasks), TURNS):
        together = tasks[first : first + TURNS]
        owners += turns(together, SMALL * len(together))
    fill(run, owners)
    run.refresh_from_db()
    return run


def turns(tasks: Sequence[Any], rows: int) -> Iterator[Any]:
    """Whose each of so many rows is."""
    for number in range(rows):
        yield tasks[number // PAGE % len(tasks)]


def fill(run: Run, owners: Sequence[Any]) -> None:
    """Rows that are all unique, and what tasks and run tell of them."""
    from django.db import transaction
    from django.utils import timezone

    from runs import sql
    from runs.models import Request, Result, Run, RunTask

    at = sql.moment(timezone.now())
    page = Request.objects.create(run=run, run_task=owners[0], fingerprint="", data="{}")
    columns = ("run_id", "run_task_id", "request_id", "number", "unique_number", "digest", "data",
               "created_at")  # fmt: skip
    for task in owners:
        task.results = 0
    rows = []
    for number, task in enumerate(owners, start=1):
        task.first_row, task.last_row = task.first_row or number, number
        task.results += 1
        task.unique_results = task.results
        data = (
            f'{{"sku":"LB-{number:07}","title":"An article with a title of the usual length",'
            f'"url":"http://shop.example/item/{number}","price":{number % 9000 / 100},"stock":7}}'
        )
        rows.append((run.pk, task.pk, page.pk, number, number, f"{number:032x}", data, at))
        if len(rows) == CHUNK or number == len(owners):
            with transaction.atomic():
                sql.insert(Result, columns, rows)
            rows = []
    told = ["results", "unique_results", "first_row", "last_row"]
    RunTask.objects.bulk_update({task.pk: task for task in owners}.values(), told, 200)
    Run.objects.filter(pk=run.pk).update(results=len(owners), unique_results=len(owners))


# --- asking -------------------------------------------------------------------------------------


class Script:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def get(self, path: str) -> tuple[float, Any]:
        """Milliseconds to the answer's last byte, and the answer."""
        begun = time.perf_counter()
        async with self.session.get(f"/v1{path}") as reply:
            body = await reply.json()
            took = (time.perf_counter() - begun) * 1000
        if reply.status != 200:
            raise SystemExit(f"{path} answered {reply.status}: {body}")
        return took, body


def script(scene: Scene, address: str, connections: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        address,
        headers={"Authorization": f"Token {scene.key}"},
        connector=aiohttp.TCPConnector(limit=connections),
    )


Deep = dict[str, tuple[float, float, float]]
"""By name: milliseconds of the first page, of one in the middle, of the last."""


async def look_deep(asks: Script, pages: Pages) -> Deep:
    """Medians, all by turns."""
    found: Deep = {}
    for name, (query, first, last) in pages.items():
        times: tuple[list[float], ...] = ([], [], [])
        for _ in range(LOOKS):
            for place, number in enumerate((first, (first + last) // 2, last)):
                took, body = await asks.get(f"/results?{query}&page={number}")
                if not body["data"]:
                    raise SystemExit(f"page {number} of {name} is empty")
                times[place].append(took)
        found[name] = tuple(map(statistics.median, times))  # type: ignore[assignment]
        tell(f"{name}: " + ", ".join(f"{one:.1f}" for one in found[name]) + " ms")
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    per_second: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_second:.0f} requests/s, p50 {self.p50:.1f} ms, p99 {self.p99:.1f}"


async def ask_for_stats(asks: Script, run: Run) -> Asked:
    """All clients, one request behind the other, for some seconds."""
    times: list[float] = []
    begun = time.perf_counter()

    async def client() -> None:
        while time.perf_counter() < begun + SECONDS:
            times.append((await asks.get(f"/runs/{run.uid}/stats"))[0])

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    cuts = statistics.quantiles(times, n=100)
    return Asked(len(times) / (time.perf_counter() - begun), cuts[49], cuts[98])


async def one_round(scene: Scene, asks: Script) -> tuple[Asked, Asked]:
    """A run that has ended, and one that writes."""
    idle = await ask_for_stats(asks, scene.run)
    run = await asyncio.to_thread(scene.launch)
    busy = await ask_for_stats(asks, run)
    pages = await asyncio.to_thread(scene.abort, run)
    tell(f"{idle}; {busy} while {pages} pages were written")
    return idle, busy


async def measured(scene: Scene, address: str, names: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with script(scene, address, 1) as session:
        if set(names) - {"stats_busy_vs_idle"}:
            pages = await asyncio.to_thread(scene.pages)
            await look_deep(Script(session), pages)  # the site has not done it before
            found |= conclude_deep([await look_deep(Script(session), pages) for _ in range(ROUNDS)])
    async with script(scene, address, CLIENTS) as session:
        if "stats_busy_vs_idle" in names:
            rounds = [await one_round(scene, Script(session)) for _ in range(ROUNDS)]
            found["stats_busy_vs_idle"] = conclude_stats(rounds)
    return found


def conclude_deep(rounds: Sequence[Deep]) -> dict[str, Any]:
    """Medians of the rounds' ratios; of tasks the worse of the two."""
    ratios, texts = {}, {}
    for name in rounds[0]:
        times = [one[name] for one in rounds]
        ratios[name] = statistics.median(last / first for first, _, last in times)
        first, middle, last = (statistics.median(place) for place in zip(*times, strict=True))
        texts[name] = f"{name} {first:.1f} ms, middle {middle:.1f}, last {last:.1f}"
    rows = f"pages of 50 of {ROWS:,} rows, {len(rounds)} rounds of {LOOKS}"
    return {
        "results_last_vs_first": {"value": ratios["run"], "detail": f"{texts['run']}; {rows}"},
        "results_of_task_last_vs_first": {
            "value": max(ratios["task"], ratios["small task"]),
            "detail": f"{texts['task']}; {texts['small task']}; {rows}",
        },
    }


def conclude_stats(rounds: Sequence[tuple[Asked, Asked]]) -> dict[str, Any]:
    ratio = statistics.median(busy.p50 / idle.p50 for idle, busy in rounds)
    idle, busy = (
        Asked(*(statistics.median(getattr(one[half], name) for one in rounds)
                for name in ("per_second", "p50", "p99")))
        for half in range(2)
    )  # fmt: skip
    detail = f"{busy} while it writes; {idle} of a run that has ended"
    return {"value": ratio, "detail": f"{detail}; {CLIENTS} clients, medians of {len(rounds)}"}


def main(shop_url: str, names: Sequence[str]) -> None:
    with whole_site(LOBSTR_API_RATE="10000000") as address:
        scene = Scene(shop_url)
        found = asyncio.run(measured(scene, address, names))
        answer({name: found[name] for name in names})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
