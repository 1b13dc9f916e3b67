"""A whole crawler in the real engine, its work kept in memory."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.kit.pages import prepared
from runs.engine.kit.site import Site
from runs.engine.loop import Loop, Plan
from runs.engine.politeness import HostRule, Politeness
from runs.engine.rota import Rota, Seat
from runs.engine.work import Committed, Page, Queued, TaskWork
from squids.crawlers.interface import (
    AccountError,
    Crawler,
    Level,
    Params,
    Request,
    Response,
    Row,
    Usage,
)

AGENT = "crawler-kit"
IN_FLIGHT = 8


@dataclass
class Crawled:
    """What became of the tasks: every row in the order it came, the unique ones, the addresses that
    were read, console lines, how often functions were used, and why tasks failed, by position."""

    rows: list[Row] = field(default_factory=list)
    unique: list[Row] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    notes: list[tuple[Level, str]] = field(default_factory=list)
    functions: dict[str, Usage] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)


def crawl(
    crawler: Crawler,
    *tasks: Params,
    site: Site,
    settings: Params | None = None,
    functions: Collection[str] = (),
    concurrency: int = 2,
    obey_robots: bool = True,
) -> Crawled:
    """Run the tasks to their ends on a local site. Raises ParamError for parameters that cannot
    work, and CrawlerBug for what ``parse`` must not raise."""
    given = settings or {}
    plan = Plan(
        crawler=crawler,
        settings=prepared(crawler, given, functions),
        unique_by=crawler.unique_fields(crawler.check_settings(given)),
        concurrency=concurrency,
    )
    store = Memory([crawler.check_task(task) for task in tasks])
    allowed = FetchSettings(AGENT, allow_private=frozenset({site.address}), obey_robots=obey_robots)
    with TemporaryDirectory() as folder:
        asyncio.run(_run(plan, store, allowed, Path(folder), site))
    return store.crawled


async def _run(
    plan: Plan, store: Memory, settings: FetchSettings, folder: Path, site: Site
) -> None:
    polite = Politeness(folder, {site.address: HostRule(IN_FLIGHT, 0)})
    async with Fetcher(polite) as fetcher:
        session = fetcher.session(settings)

        async def fetch(request: Request, *, sent: Callable[[], None]) -> Response:
            return await fetcher.fetch(request, session, sent=sent)

        await Loop(plan, store, Rota([Seat(fetch)])).run()


class Memory:
    """Carries out ``runs.engine.work.Store``: the same rules for repeated requests and rows as in
    the database."""

    def __init__(self, tasks: Sequence[Params]) -> None:
        self.crawled = Crawled()
        self._waiting = deque(
            TaskWork(number, number, params) for number, params in enumerate(tasks, start=1)
        )
        self._asked: dict[int, set[str]] = {}
        self._labels: Counter[tuple[int, str]] = Counter()
        self._digests: set[str] = set()

    async def claim(self, count: int) -> list[TaskWork]:
        return [self._waiting.popleft() for _ in range(min(count, len(self._waiting)))]

    async def refill(self, task: TaskWork) -> None:
        """All that is left of a task is in its window."""

    async def commit(self, page: Page) -> Committed:
        self._keep(page)
        task, asked = page.task, self._asked.setdefault(page.task.id, set())
        task.fresh, task.rest = False, []
        if page.queued:
            asked.add(page.queued.request.fingerprint)
            self.crawled.pages.append(page.queued.request.url)
        for request in [] if page.stop else page.follow:
            if self._is_wanted(task, request):
                asked.add(request.fingerprint)
                self._labels[task.id, request.label] += 1
                task.queue.append(Queued(Request.from_dict(_through_json(request))))
        if page.stop:
            task.queue.clear()
        if task.queue:
            return Committed()
        return Committed(True, self._waiting.popleft() if self._waiting else None)

    def _is_wanted(self, task: TaskWork, request: Request) -> bool:
        full = request.most and self._labels[task.id, request.label] >= request.most
        return not full and request.fingerprint not in self._asked[task.id]

    def _keep(self, page: Page) -> None:
        for row in page.rows:
            data: Row = json.loads(row.data)
            self.crawled.rows.append(data)
            if row.digest not in self._digests:
                self._digests.add(row.digest)
                self.crawled.unique.append(data)
        self.crawled.notes += page.notes
        if page.failed:
            self.crawled.failed[page.task.position] = page.error
        for name, usage in page.functions.items():
            before = self.crawled.functions.get(name, Usage(0, 0))
            total = Usage(before.attempts + usage.attempts, before.hits + usage.hits)
            self.crawled.functions[name] = total

    async def defer(self, task: TaskWork, queued: Queued) -> None:
        """Its moment and its tries are in the request itself."""

    async def refuse(self, account: int, error: AccountError) -> None:
        raise error

    def note(self, level: Level, text: str, task: TaskWork | None, url: str) -> None:
        self.crawled.notes.append((level, text))


def _through_json(request: Request) -> dict[str, object]:
    """As it comes back from the database."""
    kept: dict[str, object] = json.loads(json.dumps(request.to_dict()))
    return kept
