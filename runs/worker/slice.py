"""A bounded slice of work: one event loop on as many runs as it may hold.

It takes newly launched runs in while it goes, and gives its leases back at the end. Past its
budget it takes only runs that nobody has begun, and lets go of the others as soon as they have
nothing in flight; past the drain it lets go of all.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvloop
from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
)
from django.utils import timezone

from runs import leases
from runs.engine.cookies import Cookie
from runs.engine.loop import Loop
from runs.engine.rota import Fetch
from runs.engine.work import CrawlerBug, FenceBroken
from runs.worker import claims, fetching, seating
from runs.worker.hold import Hold
from runs.worker.store import RunStore

log = logging.getLogger(__name__)

BUDGET = 20.0
DRAIN = 40.0
POLL = 0.1
"""Seconds between two looks for new runs."""
CHECK = 0.4
"""Seconds between two looks whether the held leases still hold."""
RUNS = 40
IN_FLIGHT = 256
"""A slice takes no more once it holds so many runs, or runs with so many instances."""
SOON = 5.0
AWAY = (OperationalError, InterfaceError, OSError)
AWAY_PAUSE = 5.0
STOPPING = settings.DATA_DIR / "stopping"
"""A file the supervisor writes before it stops the workers: leases go back at once."""


IDLE = 1.0
"""Seconds an empty slice stays, since it takes a new run sooner than the queue brings it."""


def run(budget: float = BUDGET, drain: float = DRAIN, idle: float = IDLE) -> int:
    """Work a slice in this process; answers how many holds it worked on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(Slice(budget, drain, idle).work())


@dataclass(slots=True)
class Working:
    """A hold at work. ``late`` ones were taken past the slice's budget."""

    hold: Hold
    loop: Loop
    task: asyncio.Task[None]
    late: bool


class Slice:
    """Seconds throughout. Ends by itself when there is nothing left to do."""

    def __init__(self, budget: float = BUDGET, drain: float = DRAIN, idle: float = IDLE) -> None:
        self.budget = budget
        self.drain = drain
        self.idle = idle
        self.taken = 0
        self._holder = leases.this_process()
        self._working: dict[str, Working] = {}
        self._unreturned: list[Hold] = []
        self._started = self._busy = time.monotonic()
        self._renewed = self._checked = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def work(self) -> int:
        await self._database(close_old_connections)
        try:
            rules = await self._database(fetching.host_rules)
            async with fetching.fetcher(rules) as self._fetcher:
                await self._take_turns()
        finally:
            await self._database(connections.close_all)
            self._thread.shutdown()
        return self.taken

    async def _take_turns(self) -> None:
        try:
            await self._turn()
            while not self._over():
                await self._turn()
        finally:
            await self._let_go()

    async def _turn(self) -> None:
        """Take what is new, look after what is held, wait a moment."""
        await self._give_back_late()
        if self._may_take:
            await self._take()
        await self._look_after()
        if self._elapsed > self.budget:
            self._finish_up()
        tasks = [working.task for working in self._working.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(POLL)
        self._forget_ended()

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    @property
    def _may_take(self) -> bool:
        alone = any(working.hold.alone for working in self._working.values())
        in_time = self._elapsed < self.budget + self.drain / 2
        return in_time and not alone and len(self._working) < RUNS and self._in_flight < IN_FLIGHT

    @property
    def _in_flight(self) -> int:
        return sum(working.hold.plan.concurrency for working in self._working.values())

    def _over(self) -> bool:
        if self._elapsed > self.budget + self.drain or STOPPING.exists():
            return True
        if self._working:
            return False
        return self._elapsed > self.budget or time.monotonic() - self._busy > self.idle

    async def _take(self) -> None:
        late = self._elapsed > self.budget
        taking = partial(
            claims.take,
            self._holder,
            claims.Room(RUNS - len(self._working), IN_FLIGHT - self._in_flight),
            idle=not self._working,
            new_only=late,
        )
        for hold in await self._database(taking):
            self.taken += 1
            await self._try_start(hold, late)
        if not self._working and await self._database(_wakes_soon):
            self._busy = time.monotonic()

    async def _try_start(self, hold: Hold, late: bool) -> None:
        """One run that cannot even start must not end the slice with its others."""
        try:
            self._working[hold.token] = self._start(hold, late)
        except Exception as error:
            message = f"{type(error).__name__}: {error} (starting the run)"
            await self._fail(hold, message, traceback.format_exc())

    def _start(self, hold: Hold, late: bool) -> Working:
        store = RunStore(hold, self._database)
        loop = Loop(hold.plan, store, seating.rota_of(hold, partial(self._session, hold)))
        task = asyncio.create_task(self._work(hold, loop, store))
        return Working(hold, loop, task, late)

    def _session(self, hold: Hold, cookies: list[Cookie]) -> Fetch:
        own = fetching.fetch_settings(obey_robots=hold.obey_robots, delay=hold.delay)
        session = self._fetcher.session(own, cookies)
        return partial(self._fetcher.fetch, session=session)

    async def _work(self, hold: Hold, loop: Loop, store: RunStore) -> None:
        """Carry one run as far as it goes, then give it back."""
        try:
            await loop.run()
            await store.flush()
        except FenceBroken:
            return
        except CrawlerBug as bug:
            await self._fail(hold, bug.message, bug.traceback)
        except AWAY:
            # The run is not at fault, and nothing is lost: it goes on once the machine does.
            log.exception("run %s: the database or the machine failed", hold.run_id)
            await self._database(claims.give_back, hold, time.time() + AWAY_PAUSE)
        except Exception as error:
            message = f"{type(error).__name__}: {error} (the platform)"
            await self._fail(hold, message, traceback.format_exc())
        else:
            await self._leave(hold, loop)
        finally:
            store.close()

    async def _leave(self, hold: Hold, loop: Loop) -> None:
        """Give it back, or have it wait where its accounts have read what they may."""
        if loop.unseated and not loop.is_stopped:
            await self._database(claims.rest, hold, frozenset(loop.unseated))
        else:
            await self._database(claims.give_back, hold, loop.wake_at)

    async def _fail(self, hold: Hold, message: str, trace: str) -> None:
        log.error("run %s failed: %s", hold.run_id, message)
        await self._database(claims.fail, hold.lease_id, hold.token, hold.run_id, message, trace)

    async def _look_after(self) -> None:
        """Renew the leases, and leave the runs whose lease is no longer ours."""
        now, tokens = time.monotonic(), list(self._working)
        if now - self._checked < CHECK or not tokens:
            return
        self._checked = now
        if now - self._renewed > leases.HEARTBEAT:
            self._renewed = now
            held = await self._database(leases.renew, tokens)
        else:
            held = await self._database(leases.held, tokens)
        for token in set(tokens) - held:
            self._working[token].task.cancel()

    async def _give_back_late(self) -> None:
        """What could not be given back when it ended. A lease that a living process no longer
        renews would have the watchdog end it, with all its other runs."""
        while self._unreturned:
            await self._database(claims.give_back, self._unreturned[0], time.time() + AWAY_PAUSE)
            self._unreturned.pop(0)

    def _finish_up(self) -> None:
        for working in self._working.values():
            if not working.late:
                working.loop.stop()

    def _forget_ended(self) -> None:
        for token, working in list(self._working.items()):
            if working.task.done():
                del self._working[token]
                self._busy = time.monotonic()
                if not working.task.cancelled() and (error := working.task.exception()):
                    log.error("run %s", working.hold.run_id, exc_info=error)
                    self._unreturned.append(working.hold)

    async def _let_go(self) -> None:
        """Cut what is still in flight; it is fetched again. Every lease goes back."""
        for working in self._working.values():
            working.task.cancel()
        await asyncio.gather(*(w.task for w in self._working.values()), return_exceptions=True)
        for working in self._working.values():
            try:
                await self._database(claims.give_back, working.hold)
            except DatabaseError:  # this one's lease runs out by itself; the others go back now
                log.exception("run %s: its lease could not be given back", working.hold.run_id)

    async def _database(self, act: Callable[..., Any], *args: Any) -> Any:
        """Run a function on this slice's one database thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *args)


def _wakes_soon() -> bool:
    """Whether a waiting run is due before a fresh slice would be worth its start."""
    due = claims.next_wake()
    return due is not None and (due - timezone.now()).total_seconds() < SOON
