"""robots.txt (RFC 9309): read once per origin, kept in memory and in the machine's folder."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from protego import Protego

from runs.engine.errors import TOO_MANY_REQUESTS, RobotsDenied, RobotsUnavailable
from runs.engine.urls import Origin, Target

KEEP_SECONDS = 3600.0
RETRY_SECONDS = 60.0
MAX_BYTES = 512 * 1024
MAX_ORIGINS = 2048
LONGEST_DELAY = 3600.0
SUFFIX = ".robots"
PATH = "/robots.txt"

Load = Callable[[str], Awaitable[tuple[int, str]]]
"""Fetches the address of a robots.txt: its final status and text. Raises FetchError."""


@dataclass(frozen=True, slots=True)
class Text:
    """A robots.txt as it was found. ``text`` is empty where everything is allowed."""

    status: int
    text: str
    until: float


@dataclass(frozen=True, slots=True)
class Rules:
    """``parsed`` is None where nothing is forbidden; ``delay`` is in seconds."""

    until: float
    parsed: Protego | None
    delay: float
    status: int

    @property
    def is_closed(self) -> bool:
        """The site could not say, and until it can it is closed to us (RFC 9309, 2.3.1.4)."""
        return is_closed(self.status)


class Robots:
    """Answers of one event loop; concurrent questions about an origin share one fetch."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rules: dict[tuple[str, str], Rules] = {}
        self._loading: dict[str, asyncio.Task[Text]] = {}

    def known(self, origin: Origin, agent: str) -> Rules | None:
        rules = self._rules.get((origin.base, agent))
        return rules if rules and rules.until > time.time() else None

    async def rules(self, origin: Origin, agent: str, load: Load) -> Rules:
        """``agent`` is our product token. Raises the FetchError that reading it ended with."""
        if rules := self.known(origin, agent):
            return rules
        text = self._read(origin) or await self._load(origin, load)
        if len(self._rules) >= MAX_ORIGINS:
            self._rules.clear()
        rules = self._rules[origin.base, agent] = _parse(text, agent)
        return rules

    async def _load(self, origin: Origin, load: Load) -> Text:
        """The fetch goes on when one of those who wait for it is cancelled."""
        task = self._loading.get(origin.base)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(origin, load))
            self._loading[origin.base] = task
            task.add_done_callback(lambda done: self._loaded(origin, done))
        return await asyncio.shield(task)

    def _loaded(self, origin: Origin, task: asyncio.Task[Text]) -> None:
        self._loading.pop(origin.base, None)
        if not task.cancelled():
            task.exception()

    async def _fetch(self, origin: Origin, load: Load) -> Text:
        status, text = await load(origin.base + PATH)
        keep = RETRY_SECONDS if is_closed(status) else KEEP_SECONDS
        found = Text(status, text if 200 <= status < 300 else "", time.time() + keep)
        self._write(origin, found)
        return found

    async def close(self) -> None:
        for task in list(self._loading.values()):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

    def _path(self, origin: Origin) -> Path:
        name = blake2b(origin.base.encode(), digest_size=12).hexdigest() + SUFFIX
        return self._folder / name

    def _read(self, origin: Origin) -> Text | None:
        try:
            found = Text(**json.loads(self._path(origin).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return found if time.time() < found.until <= time.time() + KEEP_SECONDS else None

    def _write(self, origin: Origin, found: Text) -> None:
        """Other processes, and the next slice, need not ask again."""
        path = self._path(origin)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        content = {"status": found.status, "text": found.text, "until": found.until}
        draft.write_text(json.dumps(content))
        draft.replace(path)


def is_closed(status: int) -> bool:
    return status >= 500 or status == 429


def check(rules: Rules, target: Target, agent: str) -> None:
    """Raises RobotsUnavailable or RobotsDenied where the page may not be fetched. The file itself
    always may (RFC 9309, 2.2.2)."""
    if target.path == PATH:
        return
    if rules.is_closed:
        wait = max(0.0, rules.until - time.time())
        error = RobotsUnavailable(
            f"{target.origin.base}/robots.txt answered with status {rules.status}, "
            "so nothing of the site may be fetched for now",
            target.url,
            retry_after=wait,
        )
        error.trouble = TOO_MANY_REQUESTS if rules.status == 429 else error.trouble
        raise error
    if rules.parsed is not None and not rules.parsed.can_fetch(target.url, agent):
        raise RobotsDenied(f"robots.txt of {target.origin.key} disallows {target.url}", target.url)


def token(user_agent: str) -> str:
    """The product token that robots.txt is matched by: LobstrOpen of LobstrOpen/0.1 (+...)."""
    return user_agent.split("/", 1)[0].split(None, 1)[0] if user_agent.strip() else "*"


def _parse(found: Text, agent: str) -> Rules:
    if not found.text.strip():
        return Rules(found.until, None, 0.0, found.status)
    parsed = Protego.parse(found.text)
    delay = min(float(parsed.crawl_delay(agent) or 0.0), LONGEST_DELAY)
    forbids = "disallow" in found.text.lower()
    return Rules(found.until, parsed if forbids else None, delay, found.status)
