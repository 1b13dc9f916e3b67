"""A held run's store: the engine's pages wait here for the next transaction, which takes as many
as there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from django.db import transaction

from runs.engine.work import Committed, FenceBroken, Page, Queued, TaskWork
from runs.worker import committer, seating, tasks
from runs.worker.hold import Hold, Note
from squids.crawlers.interface import AccountError, Level

PAGES = 50
ROWS = 2_000
"""One transaction carries so many pages at most, and no further one past so many rows."""
NOTE_SECONDS = 0.5
"""How long a console line without a page may wait."""

InDatabase = Callable[..., Awaitable[Any]]
Waiting = tuple[Page, asyncio.Future[Committed]]


class RunStore:
    """Carries out ``runs.engine.work.Store`` for one hold. ``run`` takes a function to the
    database's thread."""

    def __init__(self, hold: Hold, run: InDatabase) -> None:
        self.hold = hold
        self._run = run
        self._pages: list[Waiting] = []
        self._notes: list[Note] = []
        self._writer: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None

    async def claim(self, count: int) -> list[TaskWork]:
        """What waits for credits is charged before anything is fetched."""
        await self._run(committer.settle, self.hold)
        works: list[TaskWork] = await self._run(
            self._fenced, partial(tasks.claim, self.hold, count)
        )
        return works

    async def refill(self, task: TaskWork) -> None:
        await self._run(tasks.refill, task)

    async def defer(self, task: TaskWork, queued: Queued) -> None:
        run_id = self.hold.run_id
        await self._run(self._fenced, partial(tasks.defer, run_id, task, queued))

    async def refuse(self, account: int, error: AccountError) -> None:
        await self._run(seating.refuse, self.hold, account, error)

    def _fenced(self, act: Callable[[], Any]) -> Any:
        with transaction.atomic():
            committer.fence(self.hold)
            return act()

    async def commit(self, page: Page) -> Committed:
        done: asyncio.Future[Committed] = asyncio.get_running_loop().create_future()
        self._pages.append((page, done))
        self._wake()
        return await done

    def note(self, level: Level, text: str, task: TaskWork | None, url: str) -> None:
        self._notes.append(Note(level, text, task.position if task else None, url))
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(NOTE_SECONDS, self._wake)

    async def flush(self) -> None:
        """Write what waits. Raises FenceBroken."""
        while self._writer or self._pages or self._notes:
            self._wake()
            if self._writer:
                await self._writer

    def close(self) -> None:
        """Write nothing more: the run was left. Without this a late write would open a connection
        in the database's thread after the slice has closed it."""
        for work in (self._later, self._writer):
            if work:
                work.cancel()

    def _wake(self) -> None:
        if self._later:
            self._later.cancel()
            self._later = None
        if self._writer is None and (self._pages or self._notes):
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._pages or self._notes:
                await self._write_batch()
        finally:
            self._writer = None

    def _next_pages(self) -> list[Waiting]:
        taken: list[Waiting] = []
        rows = 0
        for page, done in self._pages[:PAGES]:
            if taken and rows > ROWS:
                break
            taken.append((page, done))
            rows += len(page.rows) + len(page.follow)
        return taken

    async def _write_batch(self) -> None:
        taken = self._next_pages()
        self._pages = self._pages[len(taken) :]
        notes, self._notes = self._notes, []
        try:
            answers = await self._run(
                committer.commit, self.hold, [page for page, _ in taken], notes
            )
        except Exception as error:
            _tell_error(taken, error)
            if not taken and not isinstance(error, FenceBroken):
                raise
        else:
            for (_, done), answer in zip(taken, answers, strict=True):
                if not done.done():
                    done.set_result(answer)


def _tell_error(taken: list[tuple[Page, asyncio.Future[Committed]]], error: Exception) -> None:
    for _, done in taken:
        if not done.done():
            done.set_exception(error)
