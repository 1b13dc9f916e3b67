"""How hard a host may be asked: so many requests at once, and a pause where one is asked for.

Counts hold for all processes of the machine that share the folder (see `slots`). Within a
process waiting costs nothing; only where other processes hold slots is the file looked at again,
every few milliseconds.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from runs.engine.errors import MustWait
from runs.engine.slots import HostFile

IN_FLIGHT = 8
PATIENCE = 2.0
"""Seconds that are waited out here; a longer wait is the run's, which gives its lease back."""
POLL = (0.002, 0.006)
OPEN_HOSTS = 256
SUFFIX = ".host"


@dataclass(frozen=True, slots=True)
class HostRule:
    """An operator's exception. ``delay`` (seconds) takes the place of the one in robots.txt."""

    in_flight: int = IN_FLIGHT
    delay: float | None = None


class _Host:
    """A host's file and those who wait for a slot of it, in order."""

    def __init__(self, path: Path, rule: HostRule) -> None:
        self.file = HostFile(path)
        self.rule = rule
        self.waiting: deque[asyncio.Future[int]] = deque()
        self.poller: asyncio.Task[None] | None = None
        self.users = 0

    async def acquire(self) -> int:
        if not self.waiting and (slot := self.file.take(self.rule.in_flight)) is not None:
            return slot
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        self._poll()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(turn.result())
            raise

    def release(self, slot: int) -> None:
        """To the next of ours, or back to the machine if another process has fewer."""
        if self._next() is None:
            self.file.release(slot)
        elif self.file.is_called():
            self.file.release(slot)
            self._poll()
        else:
            self.waiting.popleft().set_result(slot)

    def _next(self) -> asyncio.Future[int] | None:
        while self.waiting and self.waiting[0].done():
            self.waiting.popleft()
        return self.waiting[0] if self.waiting else None

    def _poll(self) -> None:
        """Looks for slots of other processes; with all slots ours there is nothing to look for."""
        if self.poller is None and len(self.file.held) < self.rule.in_flight:
            self.poller = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        try:
            while self._next() and len(self.file.held) < self.rule.in_flight:
                self.file.call()
                await asyncio.sleep(random.uniform(*POLL))
                self._hand_out()
        finally:
            self.poller = None

    def _hand_out(self) -> None:
        """One slot at a look, so that processes waiting side by side get about as many."""
        if self._next() and (slot := self.file.take(self.rule.in_flight)) is not None:
            self.waiting.popleft().set_result(slot)


class Politeness:
    """One per process and folder at a time. ``rules`` are kept by host, or host:port."""

    def __init__(self, folder: Path, rules: Mapping[str, HostRule] | None = None) -> None:
        self.folder = folder
        self._rules = dict(rules or {})
        self._hosts: dict[str, _Host] = {}
        folder.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def slot(
        self, host: str, delay: float = 0.0, robots_delay: float = 0.0
    ) -> AsyncIterator[None]:
        """Holds one of the host's slots, after the pause that is due. ``host`` is host:port.

        Raises MustWait when the host may not be asked within the next two seconds.
        """
        known = await self.enter(host, delay, robots_delay)
        try:
            yield
        finally:
            self.leave(known)

    async def enter(self, host: str, delay: float = 0.0, robots_delay: float = 0.0) -> Slot:
        """`slot` without the context manager, for the hot path; give the answer to `leave`."""
        known = self._host(host)
        known.users += 1
        try:
            self._refuse_long_wait(host, known)
            number = await known.acquire()
        except BaseException:
            known.users -= 1
            raise
        taken = Slot(known, number)
        try:
            await self._pause(host, known, self._delay(known.rule, delay, robots_delay))
        except BaseException:
            self.leave(taken)
            raise
        return taken

    def leave(self, taken: Slot) -> None:
        taken.host.users -= 1
        taken.host.release(taken.number)

    def wait_hint(self, host: str) -> float:
        """Seconds before which the host is not to be asked; 0 for now."""
        return max(0.0, self._host(host).file.next_allowed() - time.time())

    async def postpone(self, host: str, seconds: float) -> None:
        """The host asked for quiet (429, 503): nobody on this machine asks it before."""
        file = self._host(host).file
        while not file.postpone(seconds):
            await asyncio.sleep(random.uniform(*POLL))

    async def close(self) -> None:
        """Closes the files of hosts that nobody uses; they open again when they are needed."""
        for host in [host for host, known in self._hosts.items() if not known.users]:
            known = self._hosts.pop(host)
            if known.poller:
                known.poller.cancel()
                with suppress(asyncio.CancelledError):
                    await known.poller
            known.file.close()

    def _delay(self, rule: HostRule, delay: float, robots_delay: float) -> float:
        return max(delay, robots_delay if rule.delay is None else rule.delay)

    def _refuse_long_wait(self, host: str, known: _Host) -> None:
        wait = known.file.next_allowed() - time.time()
        if wait > PATIENCE:
            raise MustWait(wait, host)

    async def _pause(self, host: str, known: _Host, delay: float) -> None:
        if not delay and known.file.next_allowed() <= time.time():
            return
        while (wait := known.file.reserve(delay, PATIENCE)) is None:
            await asyncio.sleep(random.uniform(*POLL))
        if wait > PATIENCE:
            raise MustWait(wait, host)
        if wait > 0:
            await asyncio.sleep(wait)

    def _host(self, host: str) -> _Host:
        known = self._hosts.get(host)
        if known is None:
            self._make_room()
            name = blake2b(host.encode(), digest_size=12).hexdigest() + SUFFIX
            known = self._hosts[host] = _Host(self.folder / name, self._rule(host))
        return known

    def _rule(self, host: str) -> HostRule:
        name = host.rpartition(":")[0].strip("[]")
        return self._rules.get(host) or self._rules.get(name) or HostRule()

    def _make_room(self) -> None:
        """Files of hosts that nobody uses are closed; closing would free a used one's locks."""
        if len(self._hosts) < OPEN_HOSTS:
            return
        for host in [host for host, known in self._hosts.items() if not known.users]:
            self._hosts.pop(host).file.close()


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that is held, to be given back with `Politeness.leave`."""

    host: _Host
    number: int


def forget_hosts(folder: Path, idle: float = 86400.0) -> int:
    """Removes what is known of hosts that nobody asked for ``idle`` seconds; says how many."""
    old = [path for path in folder.iterdir() if _age(path) > idle]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
