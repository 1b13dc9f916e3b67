"""What is watched in this process, and who is woken by which ring."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils import timezone

from runs import states
from runs.live.bells import LISTING_AGE, Bell, Ring, unpack
from runs.live.board import Board
from runs.live.reading import read, rest
from runs.live.regions import Topic
from runs.live.tailer import Follower, Tailer
from runs.models import Run

POLL = 0.5
IDLE_POLL = 2.0
"""Seconds between two looks at the rows, should a ring be lost: while a run is unfinished, and
while none is."""
BREATH = 0.1
"""Seconds at least from one look to the next, however much there is to look for."""
TROUBLE_PAUSE = 2.0

log = logging.getLogger(__name__)

Seen = dict[int, tuple[Any, ...]]


class Hub:
    def __init__(self) -> None:
        self.boards: dict[Topic, Board] = {}
        self.tailers: dict[int, Tailer] = {}
        self.owners: dict[int, int] = {}
        self._bell: Bell | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._look = asyncio.Event()

    # --- watching -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def watching(self, topic: Topic, owner_id: int, woken: asyncio.Event) -> Iterator[Board]:
        """Keep the topic's board while one socket looks at it."""
        self._open()
        board = self.boards.get(topic) or self.boards.setdefault(topic, Board(topic))
        board.watchers.add(woken)
        self.owners[owner_id] = self.owners.get(owner_id, 0) + 1
        self._look.set()
        try:
            yield board
        finally:
            board.watchers.discard(woken)
            self._leave(board, owner_id)

    def _leave(self, board: Board, owner_id: int) -> None:
        self.owners[owner_id] -= 1
        if not self.owners[owner_id]:
            del self.owners[owner_id]
        if not board.watchers:
            board.stop()
            self.boards.pop(board.topic, None)
        if not self.boards:
            self._close()

    def follow(self, run: Run, have: int, woken: asyncio.Event) -> Follower:
        """A place in the run's console, to be given back with ``unfollow``."""
        tailer = self.tailers.get(run.pk)
        if tailer is None:
            tailer = self.tailers[run.pk] = Tailer(run.pk, run.uid)
        follower = Follower(tailer, have, woken)
        tailer.followers.add(follower)
        return follower

    def unfollow(self, follower: Follower) -> None:
        tailer = follower.tailer
        tailer.followers.discard(follower)
        if not tailer.followers and self.tailers.get(tailer.run_id) is tailer:
            tailer.stop()
            del self.tailers[tailer.run_id]

    # --- hearing ------------------------------------------------------------------------------

    def hear(self, ring: Ring) -> None:
        for topic in (
            Topic("squid", ring.squid_id),
            Topic("run", ring.run_id),
            Topic("list", ring.owner_id),
            Topic("account", ring.owner_id),
        ):
            if board := self.boards.get(topic):
                board.ring(ring.squid_id)
        if tailer := self.tailers.get(ring.run_id):
            tailer.ring()

    def _open(self) -> None:
        if self._tasks:
            return
        self._tasks = [asyncio.create_task(self._keep_looking(), name="live poll")]
        if settings.REDIS_URL:
            self._tasks.append(asyncio.create_task(self._subscribe(), name="live redis"))
        else:
            self._hang_bell()

    def _hang_bell(self) -> None:
        try:
            self._bell = Bell()
        except OSError as error:
            log.warning("No doorbell (%s): pages are brought up to date by looking", error)
        else:
            asyncio.get_running_loop().add_reader(self._bell, self._answer, self._bell)
            self._tasks.append(asyncio.create_task(self._catch_up(), name="live catch-up"))

    async def _catch_up(self) -> None:
        """Who rings may not know a new bell for a moment; what they rang for is looked at once."""
        await asyncio.sleep(LISTING_AGE + BREATH)
        for board in self.boards.values():
            board.ring()
        for tailer in self.tailers.values():
            tailer.ring()

    def _answer(self, bell: Bell) -> None:
        rings, lost = bell.heard()
        for ring in rings:
            self.hear(ring)
        if lost:
            self._look.set()

    async def _subscribe(self) -> None:
        from runs.live import redis_bells  # only where it is used

        while True:
            try:
                async for data in redis_bells.subscribe(settings.REDIS_URL or ""):
                    if ring := unpack(data):
                        self.hear(ring)
            except Exception as error:
                log.warning("No rings through Redis for a moment: %s", error)
                await asyncio.sleep(TROUBLE_PAUSE)

    async def _keep_looking(self) -> None:
        """Rings for what changed unheard: compares the unfinished runs with those seen before."""
        seen: Seen = {}
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL if seen else IDLE_POLL):
                    await self._look.wait()
            self._look.clear()
            try:
                seen = await self._look_once(seen)
            except Exception:
                log.exception("Runs are not looked at for a moment")
            await asyncio.sleep(BREATH)

    async def _look_once(self, seen: Seen) -> Seen:
        found = await read(unfinished, list(self.owners))
        for run_id in found.keys() | seen.keys():
            row = found.get(run_id)
            if row != seen.get(run_id):
                squid_id, owner_id, *_ = row or seen[run_id]
                self.hear(Ring(run_id, squid_id, owner_id))
        return found

    def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if self._bell:
            asyncio.get_running_loop().remove_reader(self._bell)
            self._bell.close()
            self._bell = None
        self._resting = asyncio.create_task(rest())


MOVING = ("status", "last_line", "pages", "results", "credits", "tasks_done")


def unfinished(owners: list[int]) -> Seen:
    """The owners' unfinished runs by key: squid, owner and what tells that one moved. The second
    is part of it for those at work, whose clocks are on the pages too."""
    rows = Run.objects.unfinished().filter(owner__in=owners)
    second = int(timezone.now().timestamp())
    return {
        key: (squid, owner, status, *rest, second if status in states.LIVE else 0)
        for key, squid, owner, status, *rest in rows.values_list(
            "pk", "squid_id", "owner_id", *MOVING
        )
    }


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The one of the running loop: a web process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
