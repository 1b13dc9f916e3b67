"""One run's instances: each works on one task at a time and has one request in flight."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from runs.engine.errors import AskedToWait, FetchError, MustWait
from runs.engine.politeness import PATIENCE
from runs.engine.retry import is_too_long, next_delay
from runs.engine.rota import Rota, Seat
from runs.engine.work import CrawlerBug, Page, Queued, Store, TaskWork, page_of
from squids.crawlers.interface import (
    FAILURE,
    AccountError,
    BadInput,
    Crawler,
    CrawlerError,
    Request,
    Response,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does, frozen at launch; ``settings`` are the crawler's, prepared."""

    crawler: Crawler
    settings: Any
    unique_by: Sequence[str]
    concurrency: int


class Loop:
    """Works on a run until it ends, is stopped, or has nothing to do for a while."""

    def __init__(self, plan: Plan, store: Store, rota: Rota) -> None:
        self.plan = plan
        self.store = store
        self.rota = rota
        self.unseated: set[str] = set()
        """Labels of the requests that no seat had room for; their instances left."""
        self.wake_at: float | None = None
        """Set when the loop left because every instance waits: the first moment one can go on."""
        self._waiting: dict[int, float] = {}
        self._working = 0
        self._unsent: set[asyncio.Task[None]] = set()
        self._called_off: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """No new request, and none that still waits for its host; pages in flight are finished and
        written."""
        self._stopping.set()
        while self._unsent:
            task = self._unsent.pop()
            self._called_off.add(task)
            task.cancel()

    @property
    def is_stopped(self) -> bool:
        return self._stopping.is_set()

    async def run(self) -> None:
        """Raises FenceBroken and CrawlerBug, after every instance has left."""
        tasks = await self.store.claim(self.plan.concurrency)
        self._working = len(tasks)
        try:
            async with asyncio.TaskGroup() as group:
                for number, task in enumerate(tasks):
                    group.create_task(self._instance(number, task))
        except* Exception as errors:
            raise _first(errors) from None

    async def _instance(self, number: int, task: TaskWork | None) -> None:
        while task is not None:
            task = await self._work(number, task)
        self._working -= 1
        self._leave_if_idle()

    async def _work(self, number: int, task: TaskWork) -> TaskWork | None:
        """Take a task to its end; answers the next one, or None when there is none or we stop."""
        while not self._stopping.is_set():
            page = await self._next_page(number, task)
            if page is None:
                return None
            committed = await self.store.commit(page)
            if committed.ended:
                return committed.next
        return None

    async def _next_page(self, number: int, task: TaskWork) -> Page | None:
        """The task's next page, read or failed; None when we were stopped while it waited, or when
        no account is left to read it."""
        try:
            await self._fill(task)
        except BadInput as error:
            return Page(task, None, error.url, reason="bad_input", error=error.message)
        if not task.queue:
            return Page(task, None, "")
        page = await self._read(number, task, task.queue[0])
        if page is not None:
            task.queue.popleft()
        return page

    async def _fill(self, task: TaskWork) -> None:
        if task.queue:
            return
        if not task.fresh:
            return await self.store.refill(task)
        task.rest = self._start(task)
        if task.rest:
            task.queue.append(Queued(task.rest.pop(0)))

    def _start(self, task: TaskWork) -> list[Request]:
        try:
            return self.plan.crawler.start(task.params, self.plan.settings)
        except CrawlerError as error:
            raise BadInput(error.message, error.url) from error
        except Exception as error:
            raise _bug(error, f"starting task {task.position}") from error

    async def _read(self, number: int, task: TaskWork, queued: Queued) -> Page | None:
        """The page, by another account where the site turns one away."""
        while seat := self._seat(number, task, queued.request):
            try:
                page = await self._read_as(seat, number, task, queued)
            except AccountError as error:
                if seat.account is None:
                    return _failed(task, queued, "bad_page", error.message)
                await self._turn_out(seat, error)
                continue
            if page is not None:
                page.account = seat.account
            return page
        return None

    def _seat(self, number: int, task: TaskWork, request: Request) -> Seat | None:
        seat = self.rota.reserve(number, request.label)
        if seat is None:
            self.unseated.add(request.label)
        elif self.rota.changed(number, seat):
            self.store.note("info", f"Going on with account “{seat.name}”", task, "")
        return seat

    async def _turn_out(self, seat: Seat, error: AccountError) -> None:
        """Said once, however many pages were in flight with it."""
        if not seat.out and seat.account is not None:
            seat.out = True
            await self.store.refuse(seat.account, error)

    async def _read_as(
        self, seat: Seat, number: int, task: TaskWork, queued: Queued
    ) -> Page | None:
        """Fetch and parse, trying again as the policy says. Raises AccountError."""
        while await self._wait(number, queued.not_before):
            try:
                response = await self._fetch(seat, queued.request)
            except _CalledOff:
                return None
            except MustWait as wait:
                if is_too_long(wait.seconds, queued.request.patience):
                    error = AskedToWait(str(wait), queued.request.url)
                    return self._given_up(task, queued, error)
                queued.not_before = time.time() + wait.seconds
                if wait.seconds > PATIENCE:
                    await self.store.defer(task, queued)
            except FetchError as error:
                queued.tries += 1
                delay = next_delay(queued.tries, error, patience=queued.request.patience)
                if delay is None:
                    return self._given_up(task, queued, error)
                self._note_retry(task, queued, error, delay)
                queued.not_before = time.time() + delay
                # Kept at once, or a slice that ends here would let the tries begin anew for ever.
                await self.store.defer(task, queued)
            else:
                page = self._parse(task, queued, response)
                page.seconds = response.elapsed
                return page
        return None

    async def _fetch(self, seat: Seat, request: Request) -> Response:
        """Raises _CalledOff when we were stopped before it was sent."""
        task: asyncio.Task[None] | None = asyncio.current_task()
        assert task is not None
        self._unsent.add(task)
        try:
            return await seat.fetch(request, sent=partial(self._unsent.discard, task))
        except asyncio.CancelledError:
            ours = task in self._called_off
            self._called_off.discard(task)
            if ours and not task.uncancel():  # else the whole run is cut as well
                raise _CalledOff from None
            raise
        finally:
            self._unsent.discard(task)

    def _given_up(self, task: TaskWork, queued: Queued, error: FetchError) -> Page:
        if FAILURE not in queued.request.accept:
            return _unfetched(task, queued, error)
        page = self._parse(task, queued, error.response(queued.request.url))
        page.answered = error.answered
        return page

    def _parse(self, task: TaskWork, queued: Queued, response: Response) -> Page:
        try:
            outcome = self.plan.crawler.parse(response, queued.request, self.plan.settings)
            return page_of(task, queued, outcome, self.plan.unique_by)
        except AccountError:
            raise
        except CrawlerError as error:
            return _failed(task, queued, "bad_page", error.message)
        except Exception as error:
            raise _bug(error, queued.request.url) from error

    def _note_retry(self, task: TaskWork, queued: Queued, error: FetchError, delay: float) -> None:
        text = f"{error.message} · trying again in {delay:.1f} s"
        self.store.note("warning", text, task, queued.request.url)

    async def _wait(self, number: int, until: float) -> bool:
        """Wait for a moment (seconds since the epoch); False when we were stopped instead."""
        seconds = until - time.time()
        if seconds > 0:
            self._waiting[number] = until
            self._leave_if_idle()
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except TimeoutError:
                pass
            finally:
                del self._waiting[number]
        return not self._stopping.is_set()

    def _leave_if_idle(self) -> None:
        """Stop when every instance waits for longer than our patience."""
        if not self._waiting or len(self._waiting) < self._working:
            return
        first = min(self._waiting.values())
        if first - time.time() > PATIENCE:
            self.wake_at = first
            self.stop()


class _CalledOff(Exception):
    """The loop was stopped while a request waited to be sent."""


def _failed(task: TaskWork, queued: Queued, reason: str, error: str) -> Page:
    page = Page(task, queued, queued.request.url, reason=reason, error=error)
    page.follow = task.rest
    return page


def _unfetched(task: TaskWork, queued: Queued, error: FetchError) -> Page:
    page = _failed(task, queued, "request_failed", error.message)
    page.trouble, page.answered = error.trouble, error.answered
    page.retry_after = error.retry_after or 0.0
    return page


def _bug(error: Exception, where: str) -> CrawlerBug:
    text = f"{type(error).__name__}: {error} ({where})"
    return CrawlerBug(text, "".join(traceback.format_exception(error)))


def _first(errors: ExceptionGroup[Exception]) -> Exception:
    """The error that counts: a bug before a broken fence that came with it."""
    flat = list(_flatten(errors))
    return next((error for error in flat if isinstance(error, CrawlerBug)), flat[0])


def _flatten(errors: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in errors.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _flatten(error)
        else:
            yield error
