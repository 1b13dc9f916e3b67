"""The browser's only way out: a proxy on the loopback that connects to addresses the guard gave.

The browser resolves no names. Each visit has a password of its own, so that nobody else on the
machine goes out this way, and a number of bytes that it may bring in.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from base64 import b64encode
from dataclasses import dataclass, field

from runs.engine.errors import BadUrl, ConnectFailed, FetchError, TooLarge
from runs.engine.guard import Guard
from runs.engine.urls import Target, target

HEAD, CHUNK = 64 * 1024, 64 * 1024
HEAD_SECONDS, CONNECT_SECONDS = 30.0, 10.0
_OURS = ("proxy-authorization", "proxy-connection", "connection", "keep-alive")
_ASK = b'HTTP/1.1 407 Who goes there\r\nProxy-Authenticate: Basic realm="gate"\r\n'
_END = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_OPEN = b"HTTP/1.1 200 Connected\r\n\r\n"


@dataclass(slots=True)
class Pass:
    """What a visit may do, and what became of it. ``errors`` are by host:port."""

    user: str
    password: str
    allowed: frozenset[str]
    most: int
    read: int = 0
    sent: int = 0
    hosts: set[str] = field(default_factory=set)
    """Those that the page itself came by, by host:port."""
    errors: dict[str, FetchError] = field(default_factory=dict)
    lines: set[asyncio.Task[None]] = field(default_factory=set)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once more came in than may."""


@dataclass(frozen=True, slots=True)
class _Head:
    """A proxy request's first part."""

    method: str
    url: str
    headers: list[tuple[str, str]]

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def place(self) -> Target:
        """Raises BadUrl."""
        return target(f"https://{self.url}/" if self.method == "CONNECT" else self.url)

    @property
    def length(self) -> int:
        """Of the body. Raises BadUrl for one of unknown length, and for a change of protocol."""
        text = self.get("content-length") or "0"
        if self.get("transfer-encoding") or self.get("upgrade") or not text.isdecimal():
            raise BadUrl("the gate forwards plain requests only", self.url)
        return int(text[:12])

    def sent_on(self, place: Target) -> bytes:
        """As the site gets it; one request for each connection."""
        kept = [(name, value) for name, value in self.headers if name.lower() not in _OURS]
        lines = [f"{self.method} {place.path} HTTP/1.1", *(f"{n}: {v}" for n, v in kept)]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


class Gate:
    """One per browser and event loop."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._passes: dict[str, Pass] = {}
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD)

    async def close(self) -> None:
        for admitted in list(self._passes.values()):
            self.dismiss(admitted)
        if self._server:
            self._server.close()
            self._server = None

    @property
    def address(self) -> str:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    def admit(self, allowed: frozenset[str], most: int) -> Pass:
        """A visit that may bring in ``most`` bytes; ``allowed`` is as for the guard."""
        admitted = Pass(secrets.token_hex(8), secrets.token_urlsafe(24), allowed, most)
        words = f"{admitted.user}:{admitted.password}".encode()
        self._passes[f"Basic {b64encode(words).decode()}"] = admitted
        return admitted

    def dismiss(self, admitted: Pass) -> None:
        """No more connections, and an end to those there are."""
        kept = {words: each for words, each in self._passes.items() if each is not admitted}
        self._passes = kept
        for line in list(admitted.lines):
            line.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = _parsed(await reader.readuntil(b"\r\n\r\n"))
            admitted = self._passes.get(head.get("proxy-authorization"))
            if admitted is None:
                writer.write(_ASK + _END)
                await writer.drain()
            else:
                await self._admitted(admitted, head, (reader, writer))
        except (OSError, ValueError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # whoever knocked has gone, or does not speak to a proxy
        finally:
            writer.close()

    async def _admitted(self, admitted: Pass, head: _Head, here: Stream) -> None:
        line = asyncio.current_task()
        assert line is not None
        admitted.lines.add(line)
        key = head.url[:300]
        try:
            place = head.place
            key = place.origin.key
            there = await self._connect(place, admitted)
            try:
                await _through(admitted, head, place, here, there)
            finally:
                there[1].close()
        except FetchError as error:  # a closed connection tells the browser enough
            admitted.errors[key] = error
        finally:
            admitted.lines.discard(line)

    async def _connect(self, place: Target, admitted: Pass) -> Stream:
        if admitted.over.is_set():
            raise too_much(admitted, place.url)
        for address in (await self._guard.addresses(place.origin, admitted.allowed))[:3]:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(address, place.origin.port, limit=CHUNK)
        raise ConnectFailed(f"{place.origin.key} cannot be connected to", place.url)


def _parsed(data: bytes) -> _Head:
    """Raises ValueError."""
    first, *lines = data.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, url, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    return _Head(method, url, [(name.strip(), value.strip()) for name, _, value in pairs])


async def _through(admitted: Pass, head: _Head, place: Target, here: Stream, there: Stream) -> None:
    if head.method == "CONNECT":
        here[1].write(_OPEN)
        up = asyncio.create_task(_send(admitted, here[0], there[1]))
        try:
            await _bring(admitted, place, there[0], here[1])
        finally:
            up.cancel()
    else:
        length = head.length  # refused before a word of it goes out
        there[1].write(head.sent_on(place))
        await _send(admitted, here[0], there[1], length)
        await _bring(admitted, place, there[0], here[1])


async def _send(
    admitted: Pass, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int = -1
) -> None:
    """So many bytes, or all there are. What goes out has the same room as what comes in."""
    with contextlib.suppress(OSError):
        while left and (data := await source.read(CHUNK if left < 0 else min(left, CHUNK))):
            left -= len(data) if left > 0 else 0
            admitted.sent += len(data)
            if admitted.sent > admitted.most:
                return sink.close()
            sink.write(data)
            await sink.drain()
        if left < 0 and sink.can_write_eof():
            sink.write_eof()


async def _bring(
    admitted: Pass, place: Target, source: asyncio.StreamReader, sink: asyncio.StreamWriter
) -> None:
    """What comes in counts. Raises TooLarge."""
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK):
            admitted.read += len(data)
            if admitted.read > admitted.most:
                admitted.over.set()
                raise too_much(admitted, place.url)
            sink.write(data)
            await sink.drain()


def too_much(admitted: Pass, url: str) -> TooLarge:
    size = f"{admitted.most // 1024**2} MB"
    return TooLarge(f"The page and what it loads are larger than {size}", url)
