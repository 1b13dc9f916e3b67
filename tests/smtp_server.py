"""A mail server on the loopback, over real sockets: it keeps what it is given, and may refuse,
hang, or tell the test of each message before it answers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if self.server.hangs:
            self.server.released.wait()
            return
        self.server.connected()
        self._say("220 mail.test")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper().decode()
            if verb == "QUIT":
                return self._say("221 bye")
            if verb == "DATA":
                self._take()
            else:
                self._say(self.server.answers.get(verb, "250 fine"))

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        parsed = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.messages.append(parsed)
        self.server.accepted()
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """``answers`` stand in for the usual ones, by verb; ``hangs`` says nothing at all;
    ``connected`` is called at each connection, ``accepted`` with a message there, not answered."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.messages: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.hangs = False
        self.released = threading.Event()
        self.connected: Callable[[], None] = lambda: None
        self.accepted: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def subjects(self) -> list[str]:
        """Of all messages; a line that was folded is one again."""
        return [str(message["subject"]).strip() for message in self.messages]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed has gone away; nothing to print."""


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    with MailServer(port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
