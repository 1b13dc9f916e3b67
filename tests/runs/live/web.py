"""Web processes as they serve: the real server on the test's database, and who looks at it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import aiohttp
from django.conf import settings
from django.db import connection
from django.test import Client

from squids.models import User

ROOT = Path(__file__).parents[3]
PATIENCE = 30.0
NAMES = r"progress|console|runs-table|run-cards|tasks-head|count-\w+|account"
REGION = re.compile(rf'<\w+ id="({NAMES})".*?(?=<\w+ id="(?:{NAMES})"|$)', re.DOTALL)
ROW = re.compile(r'<tr id="((?:run|squid)-row-\w+)".*?</tr>', re.DOTALL)
LINE = re.compile(r'<li class="[^"]*" id="line-(\d+)"')


class Web:
    """A web process; it can be ended and started again at its address."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = _free_port()
        self.environment = os.environ | {"DATABASE_URL": database_url()} | environment
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Until it answers."""
        command = [sys.executable, "-m", "lobstr_site.server", "-b", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "-p", str(self.port)], env=self.environment, cwd=ROOT
        )
        _await_answer(self.process, self.port)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@contextmanager
def web(**environment: str) -> Iterator[Web]:
    site = Web(environment)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def database_url() -> str:
    """The database of the running test, for processes of its own."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    login = f"{found['USER']}:{found['PASSWORD']}" if found["USER"] else ""
    return f"postgres://{login}@{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            asked = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            asked.request("GET", "/static/live.js")
            assert asked.getresponse().status == 200
            asked.close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the web process did not come up")


def signed_in(user: User) -> dict[str, str]:
    """The cookies of a browser where this user is signed in."""
    client = Client()
    client.force_login(user)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


class Page:
    """A browser's end of a page's socket: what it was told so far."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.run = ""
        self.numbers: list[int] = []
        self.html = ""
        self.regions: dict[str, str] = {}
        self.frames: list[str] = []
        self.closed: int | None = None

    async def say(self, run: str, have: int) -> None:
        await self.ws.send_str(json.dumps({"run": run, "have": have}))

    async def hear(self) -> None:
        """The next message. Lines are acknowledged at once, as a quick browser does."""
        message = await self.ws.receive(timeout=PATIENCE)
        if message.type != aiohttp.WSMsgType.TEXT:
            self.closed = self.ws.close_code
        elif message.data.startswith("<li"):
            self.numbers += map(int, LINE.findall(message.data))
            self.html += message.data
            await self.say(self.run, self.numbers[-1])
        else:
            self._take_regions(message.data)

    def _take_regions(self, html: str) -> None:
        self.frames.append(html)
        for region in (REGION, ROW):
            self.regions |= {found[1]: found[0] for found in region.finditer(html)}
        if found := re.search(r'id="console"[^>]*data-run="(\w+)" data-last="(\d+)"', html):
            self.run = found[1]
            self.numbers = list(map(int, LINE.findall(html)))

    async def until_line(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.closed and (not self.numbers or self.numbers[-1] < number):
                await self.hear()

    async def until_closed(self) -> int:
        async with asyncio.timeout(PATIENCE):
            while self.closed is None:
                await self.hear()
        return self.closed

    async def until_run(self, run: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.run != run:
                await self.hear()

    async def until_region(self, name: str, text: str) -> str:
        async with asyncio.timeout(PATIENCE):
            while text not in self.regions.get(name, ""):
                await self.hear()
                assert not self.closed
        return self.regions[name]


@asynccontextmanager
async def page(
    site: Web, path: str, cookies: dict[str, str], *, run: str = "", have: int = 0, origin: str = ""
) -> AsyncIterator[Page]:
    """The socket of a page that shows the run's console up to line ``have``. Refusals raise
    ``aiohttp.WSServerHandshakeError``."""
    async with aiohttp.ClientSession(cookies=cookies) as session:
        async with session.ws_connect(
            site.url + path, origin=origin or site.url, max_msg_size=0
        ) as ws:
            seen = Page(ws)
            seen.run = run
            await seen.say(run, have)
            yield seen
