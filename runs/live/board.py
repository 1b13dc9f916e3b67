"""A page's regions, painted once for all its sockets of this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from runs.live.reading import read
from runs.live.regions import Picture, Topic, paint
from runs.models import Run

PACE = 0.25
PACE_EACH = 0.002
"""Seconds between two paintings: four a second is as fast as people read, and slower for many
sockets, whose messages share the process with the consoles' lines."""
ACCOUNT_PACE = 1.0
"""Seconds at least between two paintings of an account, which every run of its user moves."""
IDLE = 30.0
"""Seconds at most between two paintings of what counts down: to the renewal, the next launch."""
PACES: dict[str, tuple[float, float | None]] = {
    "account": (ACCOUNT_PACE, IDLE),
    "squid": (PACE, IDLE),
}
TROUBLE_PAUSE = 1.0

log = logging.getLogger(__name__)


class Board:
    """Keeps each region with the version at which it last changed, so a socket that remembers the
    version it sent sends what changed since, however slow it is, and nothing else."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.pace, self.idle = PACES.get(topic.kind, (PACE, None))
        self.version = 0
        self.run: Run | None = None
        self.gone = False
        self.watchers: set[asyncio.Event] = set()
        self._regions: dict[str, tuple[int, str]] = {}
        self._changed: set[int] = set()
        self._rung = asyncio.Event()
        self._rung.set()
        self._task = asyncio.create_task(self._work(), name=f"board {topic.kind} {topic.key}")

    def ring(self, squid_id: int = 0) -> None:
        """Paint again. Of a list only this squid's row; without one, whatever may have moved."""
        if squid_id:
            self._changed.add(squid_id)
        self._rung.set()

    def stop(self) -> None:
        self._task.cancel()

    def since(self, version: int) -> list[str]:
        """The regions that changed after that version."""
        return [html for changed_at, html in self._regions.values() if changed_at > version]

    async def _work(self) -> None:
        """Runs until it is cancelled; a database that is away is asked again."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.idle):
                    await self._rung.wait()
            self._rung.clear()
            try:
                await self._paint()
                await asyncio.sleep(self.pace + PACE_EACH * len(self.watchers))
            except Exception:
                log.exception("The regions of %s %s are not painted for a moment", *self.topic)
                self._rung.set()
                await asyncio.sleep(TROUBLE_PAUSE)

    async def _paint(self) -> None:
        changed, self._changed = frozenset(self._changed), set()
        try:
            picture = await read(paint, self.topic, changed)
        except BaseException:
            self._changed |= changed
            raise
        self._hang(picture)

    def _hang(self, picture: Picture) -> None:
        self.run, self.gone = picture.run, picture.gone
        self.version += 1
        for name, html in picture.regions.items():
            if self._regions.get(name, (0, ""))[1] != html:
                self._regions[name] = self.version, html
        for woken in self.watchers:
            woken.set()
