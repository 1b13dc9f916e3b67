"""Just enough HTTP/1.1 to serve the shop fast and to break it on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qs, unquote

MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """``target`` is the path with its query, as sent; ``headers`` have lower-case names."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    def query(self, name: str, default: str = "") -> str:
        return parse_qs(self.target.partition("?")[2]).get(name, [default])[0]


@dataclass(slots=True)
class Reply:
    """An answer: a body at once, or ``stream`` piece by piece (framed by ``length`` or by closing).

    ``raw`` is written as it is instead, and the connection closed.
    """

    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "text/html; charset=utf-8"
    stream: AsyncIterator[bytes] | None = None
    length: int | None = None
    raw: bytes | None = None

    def head(self, keep_alive: bool) -> bytes:
        reason = HTTPStatus(self.status).phrase if self.status in _STATUSES else "Custom"
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{n}: {v}" for n, v in self.headers)]
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        length = self.length if self.stream else self.length or len(self.body)
        if length is not None and self.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


_STATUSES = {status.value for status in HTTPStatus}
Quick = Callable[[str], Reply | None]
Answer = Callable[[Request], Awaitable[Reply]]


class Connection(asyncio.Protocol):
    """One client. ``quick`` answers plain pages without a task, ``answer`` everything else."""

    transport: asyncio.Transport

    def __init__(self, quick: Quick, answer: Answer) -> None:
        self.quick, self.answer = quick, answer
        self.buffer = b""
        self.task: asyncio.Task[None] | None = None
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop has a class of its own

    def connection_lost(self, exc: Exception | None) -> None:
        if self.task:
            self.task.cancel()
        self.writable.set()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._advance()

    def _advance(self) -> None:
        """Answer what has arrived whole, one request at a time."""
        while not self.task and not self.transport.is_closing():
            request = self._take()
            if request is None:
                return
            reply = self.quick(request.target) if request.method == "GET" else None
            if reply:
                self._write(request, reply)
            else:
                self.task = asyncio.get_running_loop().create_task(self._serve(request))

    def _take(self) -> Request | None:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > MAX_HEAD:
                self.transport.close()
            return None
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        headers = {
            n.strip().lower(): v.strip() for n, _, v in (x.partition(":") for x in lines[1:])
        }
        length = int(headers.get("content-length") or 0)
        if len(self.buffer) < end + 4 + length:
            return None
        body = self.buffer[end + 4 : end + 4 + length]
        self.buffer = self.buffer[end + 4 + length :]
        method, _, rest = lines[0].partition(" ")
        return Request(method, rest.rpartition(" ")[0], headers, body)

    async def _serve(self, request: Request) -> None:
        reply = await self.answer(request)
        if reply.raw is not None:
            self.transport.write(reply.raw)
            self.transport.close()
        elif reply.stream and request.method != "HEAD":
            await self._pour(reply, reply.stream)
        else:
            self._write(request, reply)
        self.task = None
        self._advance()

    def _write(self, request: Request, reply: Reply) -> None:
        keep = request.headers.get("connection", "").lower() != "close"
        body = b"" if request.method == "HEAD" else reply.body
        self.transport.write(reply.head(keep) + body)
        if not keep or (reply.length is not None and reply.length != len(reply.body)):
            self.transport.close()

    async def _pour(self, reply: Reply, stream: AsyncIterator[bytes]) -> None:
        """Write pieces no faster than the client reads, then close: bodies here may be endless."""
        self.transport.write(reply.head(keep_alive=False))
        async for piece in stream:
            await self.writable.wait()
            if self.transport.is_closing():
                return
            self.transport.write(piece)
        self.transport.close()
