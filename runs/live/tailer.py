"""A run's console on its way to the sockets of this process.

The table of lines is the truth. One tailer a run reads what follows its last number, renders it
once and keeps the latest batches; each socket is a follower with a place of its own. Who falls out
of the kept batches reads the table, so a slow socket holds up nobody, loses nothing and sees
nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
from typing import NamedTuple

from django.template.loader import get_template

from runs.live import lines
from runs.live.reader import owners_zone
from runs.live.reading import read
from runs.models import Line, Run

CHUNK = 500
"""Lines of one message."""
KEPT = 64
"""Batches a tailer keeps for followers that are a little late."""
UNREAD = 4_000
"""Lines sent ahead of what the browser said it has; the server's own buffers have no bound."""
PAUSE = 0.03
PAUSE_EACH = 0.0004
"""Seconds between two batches, and more for each follower: a message costs about that."""
TROUBLE_PAUSE = 1.0

log = logging.getLogger(__name__)


class Batch(NamedTuple):
    """Rendered lines ``first`` to ``last``."""

    first: int
    last: int
    html: str


def render(found: list[Line]) -> str:
    """In plain ASCII, which the server turns into bytes for each socket ten times as fast; live.js
    puts the address of the run's logs before the links."""
    html = get_template("runs/_lines.html").render({"lines": found, "logs": ""}).strip()
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def read_batch(run_id: int, number: int, limit: int) -> Batch | None:
    """The lines after ``number``, rendered; None when there are none."""
    found = lines.after(run_id, number, limit)
    if not found:
        return None
    with owners_zone(runs=run_id):
        return Batch(found[0].number, found[-1].number, render(found))


def last_number(run_id: int) -> int:
    return Run.objects.filter(pk=run_id).values_list("last_line", flat=True).first() or 0


class Tailer:
    def __init__(self, run_id: int, run_uid: str) -> None:
        self.run_id, self.run_uid = run_id, run_uid
        self.last = 0
        self.recent: dict[int, Batch] = {}  # by the number before their first line
        self.followers: set[Follower] = set()
        self._rung = asyncio.Event()
        self._task = asyncio.create_task(self._work(), name=f"tail run {run_id}")

    def ring(self) -> None:
        self._rung.set()

    def stop(self) -> None:
        self._task.cancel()

    async def read_after(self, number: int) -> Batch | None:
        """From the table, up to where the kept batches take over."""
        ahead = min((known for known in self.recent if known > number), default=self.last)
        return await read(read_batch, self.run_id, number, min(CHUNK, ahead - number))

    async def _work(self) -> None:
        """Runs until it is cancelled; a database that is away is asked again."""
        started = False
        while True:
            try:
                if not started:
                    await self._begin()
                    started = True
                await self._rung.wait()
                self._rung.clear()
                await self._read_new()
            except Exception:
                log.exception("The console of run %s is not read for a moment", self.run_uid)
                self._rung.set()
                await asyncio.sleep(TROUBLE_PAUSE)

    async def _begin(self) -> None:
        """Followers read what was there before from the table themselves."""
        self.last = await read(last_number, self.run_id)
        self._wake()

    async def _read_new(self) -> None:
        while batch := await read(read_batch, self.run_id, self.last, CHUNK):
            self._keep(batch)
            self._wake()
            await asyncio.sleep(PAUSE + PAUSE_EACH * len(self.followers))
            if batch.last - batch.first + 1 < CHUNK:
                return

    def _keep(self, batch: Batch) -> None:
        self.recent[self.last] = batch
        self.last = batch.last
        if len(self.recent) > KEPT:
            del self.recent[next(iter(self.recent))]

    def _wake(self) -> None:
        for follower in self.followers:
            follower.woken.set()


class Follower:
    """One socket's place in a run's console. ``woken`` is set when there may be more to send."""

    def __init__(self, tailer: Tailer, have: int, woken: asyncio.Event) -> None:
        self.tailer, self.woken = tailer, woken
        self.sent = self.have = max(have, 0)

    @property
    def behind(self) -> int:
        return self.tailer.last - self.sent

    def acknowledge(self, number: int) -> None:
        """The browser has all lines up to ``number``."""
        self.have = max(self.have, min(number, self.sent))
        self.woken.set()

    async def take(self) -> Batch | None:
        """The next lines to send, or None when there are none or too many are on their way."""
        if self.behind <= 0 or self.sent - self.have >= UNREAD:
            return None
        batch = self.tailer.recent.get(self.sent) or await self.tailer.read_after(self.sent)
        if batch:
            self.sent = batch.last
        return batch
