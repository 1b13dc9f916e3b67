"""A page fetched while somebody waits for it, as a run would fetch it: for the recipe builder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import uvloop

from runs.engine import errors
from runs.engine.cookies import Cookie
from runs.engine.errors import FetchError, MustWait
from runs.engine.fetch import Fetcher, FetchSettings, Session
from runs.engine.politeness import HostRule
from runs.worker import fetching, seating
from squids import actions, secrets
from squids.crawlers.interface import Request, Response
from squids.errors import FieldRefused
from squids.models import AccountStatus, Squid

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that somebody waits for a host which is to be left alone."""
STYLES, STYLE_BYTES, STYLE_SECONDS = 6, 300 * 1024, 8.0
"""How many style sheets of a page are fetched, how large each may be, and for how long."""
MOST = 16
"""Pages that a process fetches at a time; for each user it is one."""


class NotFetched(FieldRefused):
    """The page could not be had; the message says why, in words."""

    def __init__(self, message: str) -> None:
        super().__init__("url", message)


class Busy(NotFetched):
    """The user waits for a page already, or too many others do."""


def fetch(squid: Squid, request: Request, *, most: int) -> Response:
    """The page of a crawler's request under the squid's settings, with the cookies of its first
    good account. ``most`` is its size in bytes. Raises NotFetched."""
    with _turn(squid.owner_id):
        work = partial(_page, request, _settings(squid, most), _cookies(squid))
        try:
            return _DESK.call(work, fetching.host_rules())
        except FetchError as error:
            raise NotFetched(told(error)) from error
        except MustWait as wait:
            raise NotFetched(f"{wait}. Until then it is left alone.") from wait


def fetch_styles(squid: Squid, addresses: Sequence[str]) -> dict[str, str]:
    """Texts of style sheets by address, as many as come in time; never a failure."""
    if not addresses:
        return {}
    work = partial(_styles, addresses[:STYLES], _settings(squid, STYLE_BYTES))
    return _DESK.call(work, fetching.host_rules())


def told(error: FetchError) -> str:
    """What went wrong, in words, and what to do about it."""
    match error:
        case errors.RobotsDenied():
            return (
                "The site's robots.txt asks crawlers to leave this page out. A run would leave it"
                " out too, unless the squid's settings say otherwise."
            )
        case errors.RobotsUnavailable():
            return f"The site's {error.message}. Until it can be read, nothing of the site is."
        case errors.HttpStatus():
            return f"The site answered with status {error.status} in place of a page."
        case _:
            return _sentence(error.message)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


# --- one page at a time for a user ------------------------------------------------------------

_waiting: set[int] = set()
_lock = threading.Lock()


@contextmanager
def _turn(user: int) -> Iterator[None]:
    with _lock:
        if user in _waiting:
            raise Busy("Another page is being fetched for you. Wait until it is there.")
        if len(_waiting) >= MOST:
            raise Busy("Too many pages are being fetched at present. Try again in a moment.")
        _waiting.add(user)
    try:
        yield
    finally:
        with _lock:
            _waiting.discard(user)


def _settings(squid: Squid, most: int) -> FetchSettings:
    own = fetching.fetch_settings(obey_robots=squid.obey_robots, delay=squid.delay)
    return replace(own, max_body=min(own.max_body, most))


def _cookies(squid: Squid) -> list[Cookie]:
    """Of the first account that can be used; a run would share its load among them all."""
    for account in squid.accounts.filter(status=AccountStatus.SYNCHRONIZED).order_by("pk"):
        try:
            return [seating.cookie_of(cookie) for cookie in actions.cookies_of(account)]
        except secrets.SecretLost:
            continue
    return []


# --- in the thread ----------------------------------------------------------------------------


class _Desk:
    """A thread with an event loop, so that a large page delays neither other requests nor sockets.

    Its fetcher is opened for the first who waits and closed after the last: the locks of
    politeness belong to the process, so there is one at a time.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fetcher: Fetcher | None = None
        self._users = 0
        self._door = asyncio.Lock()

    def call(
        self, work: Callable[[Fetcher], Coroutine[Any, Any, T]], rules: dict[str, HostRule]
    ) -> T:
        return asyncio.run_coroutine_threadsafe(self._serve(work, rules), self._running()).result()

    def _running(self) -> asyncio.AbstractEventLoop:
        with _lock:
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                threading.Thread(
                    target=self._loop.run_forever, name="sampling", daemon=True
                ).start()
            return self._loop

    async def _serve(
        self, work: Callable[[Fetcher], Coroutine[Any, Any, T]], rules: dict[str, HostRule]
    ) -> T:
        fetcher = await self._open(rules)
        try:
            return await work(fetcher)
        finally:
            await self._leave()

    async def _open(self, rules: dict[str, HostRule]) -> Fetcher:
        async with self._door:
            self._fetcher = self._fetcher or fetching.fetcher(rules)
            self._users += 1
            return self._fetcher

    async def _leave(self) -> None:
        async with self._door:
            self._users -= 1
            if not self._users and self._fetcher:
                fetcher, self._fetcher = self._fetcher, None
                await fetcher.close()


_DESK = _Desk()


async def _page(
    request: Request, settings: FetchSettings, cookies: list[Cookie], fetcher: Fetcher
) -> Response:
    session = fetcher.session(settings, cookies)
    try:
        return await fetcher.fetch(request, session)
    except MustWait as wait:
        if wait.seconds > PATIENCE:
            raise
        await asyncio.sleep(wait.seconds)
        return await fetcher.fetch(request, session)


async def _styles(
    addresses: Sequence[str], settings: FetchSettings, fetcher: Fetcher
) -> dict[str, str]:
    session = fetcher.session(settings)
    tasks = {
        address: asyncio.create_task(_style(address, fetcher, session)) for address in addresses
    }
    await asyncio.wait(tasks.values(), timeout=STYLE_SECONDS)
    for task in tasks.values():
        task.cancel()
    texts = await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {name: text for name, text in zip(tasks, texts, strict=True) if isinstance(text, str)}


async def _style(address: str, fetcher: Fetcher, session: Session) -> str | None:
    try:
        return (await fetcher.fetch(Request(address), session)).text
    except (FetchError, MustWait):
        return None
