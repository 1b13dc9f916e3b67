"""The bare loop: our client, our selectors, a set against duplicates, and no database."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

import uvloop

from runs.engine.fetch import Fetcher, FetchSettings, Session
from runs.engine.politeness import HostRule, Politeness
from squids.crawlers import registry
from squids.crawlers.interface import Request
from tests.bench import shop
from tests.bench.place import answer


class BareLoop:
    def __init__(self, fetcher: Fetcher, session: Session, tasks: list[str]) -> None:
        self.fetcher, self.session = fetcher, session
        self.tasks = deque(tasks)
        self.crawler = registry.get("web-scraper")
        params = self.crawler.check_settings({"recipe": shop.RECIPE})
        self.settings = self.crawler.prepare(params)
        self.seen: set[str] = set()
        self.rows: list[dict[str, Any]] = []
        self.pages = 0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(shop.IN_FLIGHT):
                group.create_task(self._instance())

    async def _instance(self) -> None:
        while self.tasks:
            requests = deque(self.crawler.start({"url": self.tasks.popleft()}, self.settings))
            while requests:
                requests += await self._page(requests.popleft())

    async def _page(self, request: Request) -> list[Request]:
        response = await self.fetcher.fetch(request, self.session)
        outcome = self.crawler.parse(response, request, self.settings)
        self.pages += 1
        for row in outcome.rows:
            if row["sku"] not in self.seen:
                self.seen.add(row["sku"])
                self.rows.append(row)
        return outcome.follow


async def main(site: str, tasks: int) -> None:
    address = site.removeprefix("http://")
    settings = FetchSettings("bench", allow_private=frozenset({address}), obey_robots=False)
    with tempfile.TemporaryDirectory() as folder:
        polite = Politeness(Path(folder), {address: HostRule(shop.IN_FLIGHT, 0)})
        fetcher = Fetcher(polite)
        loop = BareLoop(fetcher, fetcher.session(settings), shop.tasks(site, tasks))
        begun = time.perf_counter()
        async with fetcher:
            await loop.run()
        seconds = time.perf_counter() - begun
    found = {"pages": loop.pages, "seconds": seconds, "rows": len(loop.rows)}
    answer(found | {"digest": shop.digest(loop.rows)})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2])))
