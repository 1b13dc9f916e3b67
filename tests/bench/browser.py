"""A person's browser as a measurement needs it: pages, a press, and a page's socket."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

TOKEN = "csrftoken"


class Browser:
    """Signed in by its cookies. Times are milliseconds, from the request to the answer's end."""

    def __init__(self, session: aiohttp.ClientSession, site: str, token: str) -> None:
        self.session, self.site, self.token = session, site, token

    async def read(self, path: str) -> str:
        """A page's HTML."""
        async with self.session.get(self.site + path) as reply:
            self._check(path, reply, 200)
            return await reply.text()

    async def open(self, path: str) -> float:
        """Look at a page; answers how long it took."""
        begun = time.perf_counter()
        await self.read(path)
        return (time.perf_counter() - begun) * 1000

    async def press(self, path: str) -> float:
        """Send the form of a button; what it is redirected to is not loaded."""
        begun = time.perf_counter()
        headers = {"X-CSRFToken": self.token}
        async with self.session.post(
            self.site + path, headers=headers, allow_redirects=False
        ) as reply:
            await reply.read()
            self._check(path, reply, 302)
        return (time.perf_counter() - begun) * 1000

    def _check(self, path: str, reply: aiohttp.ClientResponse, status: int) -> None:
        if reply.status != status:
            raise SystemExit(f"{path} answered {reply.status}")

    @asynccontextmanager
    async def socket(
        self, path: str, run: str, have: int
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A page's socket that has the run's console up to line ``have``."""
        async with self.session.ws_connect(
            self.site + path, origin=self.site, max_msg_size=0
        ) as socket:
            await socket.send_str(json.dumps({"run": run, "have": have}))
            yield socket


@asynccontextmanager
async def browser(site: str, cookies: Mapping[str, str]) -> AsyncIterator[Browser]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookies=cookies, connector=connector) as session:
        yield Browser(session, site, cookies[TOKEN])
