"""What passes between the loop and its store: tasks at work, pages, and what became of them."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson

from squids.crawlers.interface import AccountError, Level, Outcome, Request, Row, Usage

WINDOW = 500
"""Requests of a task kept in memory; the rest stays in the store."""


@dataclass(slots=True)
class Queued:
    """A request waiting for its turn. ``id`` is None until the store knows it; ``not_before`` is
    seconds since the epoch. ``revived``: it gave up before the run paused for a trouble."""

    request: Request
    id: int | None = None
    tries: int = 0
    not_before: float = 0.0
    revived: bool = False


@dataclass(slots=True)
class TaskWork:
    """A task an instance works on. ``more``: the store has requests past the window. ``fresh``:
    nothing of it is stored yet, and ``rest`` are its first requests behind the very first.
    ``failed``: a page of it failed, so it will end as failed."""

    id: int
    position: int
    params: Mapping[str, Any]
    pages: int = 0
    results: int = 0
    fresh: bool = True
    failed: bool = False
    more: bool = False
    queue: deque[Queued] = field(default_factory=deque)
    rest: list[Request] = field(default_factory=list)

    def extend(self, queued: Sequence[Queued]) -> None:
        """Take new requests into the window, in their order; what does not fit is left in the
        store."""
        room = 0 if self.more else WINDOW - len(self.queue)
        self.queue.extend(queued[:room])
        self.more = self.more or len(queued) > room


class EncodedRow(NamedTuple):
    """A row as it is stored: its JSON, and the digest of what makes it unique."""

    data: str
    digest: str


def encode(rows: Sequence[Row], unique_by: Sequence[str]) -> list[EncodedRow]:
    """Raises TypeError for a row that JSON cannot hold: a bug of the crawler."""
    return [_encode(row, unique_by) for row in rows]


def _encode(row: Row, unique_by: Sequence[str]) -> EncodedRow:
    data = orjson.dumps(row)
    key = list(map(row.get, unique_by)) if unique_by else row
    identity = orjson.dumps(key, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(identity, digest_size=16).hexdigest()
    return EncodedRow(data.decode(), digest)


@dataclass(slots=True)
class Page:
    """A page that is finished, for good or bad, and not yet written."""

    task: TaskWork
    queued: Queued | None
    """None: the task ended before its first request."""
    url: str
    rows: list[EncodedRow] = field(default_factory=list)
    follow: list[Request] = field(default_factory=list)
    notes: list[tuple[Level, str]] = field(default_factory=list)
    functions: dict[str, Usage] = field(default_factory=dict)
    expected: int | None = None
    stop: str | None = None
    found_end: str = ""
    """Which end of the paging its crawler saw (a task reason), if any."""
    reason: str = ""
    """Why it failed (a task reason), empty for a page that was read."""
    error: str = ""
    trouble: str = ""
    """Of a page that could not be fetched: what troubles the site, where that may pass."""
    answered: bool = True
    """The site is well, whatever became of this page."""
    retry_after: float = 0.0
    """Seconds the site asked us to wait."""
    seconds: float = 0.0
    account: int | None = None
    """The account it was read with."""
    part: int = 0
    """Which charge of the page this is: past the first, it was read and written in part before."""

    @property
    def is_read(self) -> bool:
        """Whether it counts as a page that was read now."""
        return self.queued is not None and not self.part

    @property
    def failed(self) -> bool:
        return bool(self.reason)


def page_of(task: TaskWork, queued: Queued, outcome: Outcome, unique_by: Sequence[str]) -> Page:
    """A page that was read, encoded for the store."""
    return Page(
        task=task,
        queued=queued,
        url=queued.request.url,
        rows=encode(outcome.rows, unique_by),
        follow=task.rest + outcome.follow,
        notes=outcome.notes,
        functions=outcome.functions,
        expected=_countable(outcome.total_expected),
        stop=outcome.stop,
        found_end=_found_end(outcome),
    )


def _found_end(outcome: Outcome) -> str:
    if outcome.too_old:
        return "too_old"
    return "last_page" if outcome.last_page else ""


def _countable(expected: int | None) -> int | None:
    """A site may claim any number; one that no database column holds is as good as none."""
    return expected if expected is not None and 0 <= expected < 2**31 else None


@dataclass(slots=True)
class Committed:
    """What became of a page: its task goes on, or ended; ``next`` is then the next one to do."""

    ended: bool = False
    next: TaskWork | None = None


class Store(Protocol):
    """Where a run's work is kept. Every call is durable when it returns, but for ``note``.

    Any of them raises ``FenceBroken`` once the run is no longer ours.
    """

    async def claim(self, count: int) -> list[TaskWork]:
        """Tasks to work on: those in progress first, then waiting ones; at most ``count``."""

    async def refill(self, task: TaskWork) -> None:
        """Fill the task's empty window from what is stored."""

    async def commit(self, page: Page) -> Committed:
        """Write a page whole; its follow-ups are in the task's window afterwards."""

    async def defer(self, task: TaskWork, queued: Queued) -> None:
        """Remember until when a request waits, after how many tries."""

    async def refuse(self, account: int, error: AccountError) -> None:
        """The site turned an account away: mark it, with a console line."""

    def note(self, level: Level, text: str, task: TaskWork | None, url: str) -> None:
        """A console line of its own; written within half a second."""


class FenceBroken(Exception):
    """The run is another's now, or ended: nothing more may be written."""


class CrawlerBug(Exception):
    """The crawler's code raised what it must not; carries the traceback as text."""

    def __init__(self, message: str, traceback: str) -> None:
        super().__init__(message)
        self.message = message
        self.traceback = traceback
