"""daphne with two things of our own: a body has a limit while it is still coming, and what opens
doors does not stand in the access log.

daphne takes a body whole, to the disk and then to memory, before the application is asked.
"""

# ruff: noqa: N802  (the names are those of twisted)

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from twisted.internet import reactor

LINGER = 30.0
"""Seconds in which what a refused client goes on sending is read and thrown away. Many read the
answer only when all is sent, and a connection that breaks before takes it with it."""
DOORS = re.compile(r"/(signin|invitation)/")
PAGE = "<!doctype html><title>Too large</title><p>{} Go back and send less.</p>\n"


class Request(WebRequest):  # type: ignore[misc]
    """One with a body past the limit is answered at once; its connection ends."""

    size = 0
    refused = False

    def __init__(self, *channel: Any) -> None:
        # Forms are Django's to read: twisted has no words for one that is not well-formed.
        super().__init__(*channel, parsePOSTFormSubmission=False)

    def gotLength(self, length: int | None) -> None:
        """Called with the headers; None: it comes in chunks and ends when it ends."""
        fits = length is None or length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        super().gotLength(length if fits else 0)
        if not fits:
            self.requestHeaders.removeHeader(b"expect")  # else it would be told to go on
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        self.size += len(data)
        if self.refused:
            return
        if self.size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            super().handleContentChunk(data)
        else:
            self._refuse()

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Called when the body has ended."""
        if self.refused:
            self.channel.loseConnection()
        else:
            super().requestReceived(command, path, version)

    def _refuse(self) -> None:
        self.refused = True
        self.content.close()
        uri = self.channel._path.decode("latin1")
        kind, content = _refusal(uri)
        head = (
            f"HTTP/1.1 413 Content Too Large\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(content)}\r\nCache-Control: no-store\r\nConnection: close\r\n"
        )
        self.channel.transport.write(f"{head}\r\n".encode() + content)
        reactor.callLater(LINGER, self.channel.transport.abortConnection)  # type: ignore[arg-type]
        self._note(uri, len(content))

    def _note(self, uri: str, size: int) -> None:
        """In the access log, as daphne does for what it answers."""
        client = f"{getattr(self.client, 'host', '')}:{getattr(self.client, 'port', '')}"
        method = self.channel._command.decode("latin1")
        details = {"path": uri, "status": 413, "method": method, "client": client, "size": size}
        self.server.log_action("http", "complete", details)


def _refusal(uri: str) -> tuple[str, bytes]:
    """Type and content, for a program or a person."""
    from lobstr_site.api.asgi import is_api, too_large  # Django is set up by now
    from lobstr_site.api.shapes import body

    text = too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if is_api(unquote(uri.partition("?")[0])):
        content = json.dumps(body(413, "FileSizeLimitExceeded", text))
        return "application/json", content.encode()
    return "text/html; charset=utf-8", PAGE.format(text).encode()


class Factory(HTTPFactory):  # type: ignore[misc]
    def buildProtocol(self, address: Any) -> Any:
        protocol = super().buildProtocol(address)
        protocol.requestFactory = Request
        return protocol


class Server(daphne.server.Server):  # type: ignore[misc]
    def run(self) -> None:
        daphne.server.HTTPFactory = Factory  # by name is the only way to it
        super().run()

    def log_action(self, protocol: str, action: str, details: dict[str, Any]) -> None:
        if "path" in details:
            details = details | {"path": logged(details["path"])}
        super().log_action(protocol, action, details)


def logged(uri: str) -> str:
    """Without what would let a reader in: the signature of a link to a file, the token of a link
    for signing in."""
    path, question, _ = uri.partition("?")
    if door := DOORS.search(unquote(path)):
        return f"/{door[1]}/…"
    return f"{path}?…" if question and "/files/" in unquote(path) else uri
