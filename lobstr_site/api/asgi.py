"""The little of ASGI that stands before Django for the API's paths."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lobstr_site.api.shapes import KINDS, body

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str:
    """A request's header as Django reads it: one given twice is joined."""
    return b",".join(value for found, value in scope["headers"] if found == name).decode("latin1")


async def answer(send: Send, status: int, kind: str, text: str, *more: tuple[bytes, bytes]) -> None:
    """Our error, where Django is not asked."""
    content = json.dumps(body(status, kind, text)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@dataclass
class Split:
    """``api`` for its paths, ``pages`` for all others."""

    api: Asgi
    pages: Asgi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A client could set it, by a header that the server takes for a proxy's; paths and links
        # would then not be what they look like.
        scope = {**scope, "root_path": ""}
        app = self.api if is_api(scope["path"]) else self.pages
        await app(scope, receive, send)


def is_api(path: str) -> bool:
    return path == "/v1" or path.startswith("/v1/")


def too_large(limit: int) -> str:
    return f"The body is larger than {limit // 1024**2} MB."


@dataclass
class Guard:
    """Bodies have a ``limit``, in bytes, before anything keeps them; and whatever breaks is
    answered in the API's shape. Our own server (``wire``) refuses earlier; another may not."""

    app: Asgi
    limit: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = header(scope, b"content-length")
        if length.isdigit() and int(length[:20]) > self.limit:
            await self._too_large(send)
            return
        watched = _Watched(receive, send, self.limit)
        try:
            await self.app(scope, watched.receive, watched.send)
        except Exception:
            log.exception("The API failed at %s %s", scope["method"], scope["path"])
            if not watched.began:
                await answer(send, 500, *KINDS[500])
        if watched.size > self.limit and not watched.began:
            await self._too_large(send)

    async def _too_large(self, send: Send) -> None:
        await answer(send, 413, KINDS[413][0], too_large(self.limit))


@dataclass
class _Watched:
    """What goes in and out of one call."""

    source: Receive
    target: Send
    limit: int
    size: int = 0
    began: bool = False

    async def receive(self) -> Message:
        """Past the limit it is as if the client had gone: nobody reads on."""
        message = await self.source()
        self.size += len(message.get("body", b""))
        return message if self.size <= self.limit else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.began = True
        await self.target(message)
