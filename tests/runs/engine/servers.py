"""Real servers on the loopback: sites, sockets that misbehave, and proxies."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hit:
    """A request as the site saw it; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Script = Callable[[Hit], Answer]


@dataclass
class Site:
    """Answers from ``pages``, by path without query; what it has not is a 404."""

    port: int
    pages: dict[str, Answer | Script] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [hit.path for hit in self.hits if hit.path != "/robots.txt"]

    def page(self, path: str, body: bytes | str, content_type: str = "text/html") -> None:
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Answer(data, headers=(("Content-Type", content_type),))

    def redirect(self, path: str, location: str, status: int = 302, *more: tuple[str, str]) -> None:
        self.pages[path] = Answer(status=status, headers=(("Location", location), *more))

    def answer(self, hit: Hit) -> Answer:
        self.hits.append(hit)
        page = self.pages.get(hit.path.partition("?")[0], Answer(b"no such page", 404))
        return page(hit) if callable(page) else page


@contextmanager
def running_site() -> Iterator[Site]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    site = Site(server.server_port)
    server.site = site  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what many tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        site: Site = self.server.site  # type: ignore[attr-defined]
        answer = site.answer(Hit(self.command, self.path, headers, body))
        with contextlib.suppress(ConnectionError):
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_POST = do_HEAD = do_PUT = _serve  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Tests look at what was answered, not at a log."""


@dataclass
class Socket:
    """A listener whose ``script`` gets every accepted connection, each in its thread."""

    port: int
    connections: int = 0
    errors: list[BaseException] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.place}{path}"


@contextmanager
def running_socket(script: Callable[[socket.socket], None]) -> Iterator[Socket]:
    listener = socket.create_server(("127.0.0.1", 0))
    known = Socket(listener.getsockname()[1])
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            script(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            known.connections += 1
            opened.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield known
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for connection in opened:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=5)


def read_head(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    return data


@dataclass
class RunningProxy:
    """``asked`` holds what clients wanted: request lines, or socks:host:port."""

    port: int
    asked: list[str]
    heads: list[bytes]

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def running_http_proxy(names: Mapping[str, str]) -> Iterator[RunningProxy]:
    """``names`` is how the proxy resolves, host to IP."""
    asked: list[str] = []
    heads: list[bytes] = []

    def serve(client: socket.socket) -> None:
        head = read_head(client)
        heads.append(head)
        method, address, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        asked.append(f"{method} {address}")
        if method == "CONNECT":
            host, _, port = address.rpartition(":")
            with socket.create_connection((names.get(host, host), int(port))) as upstream:
                client.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
                _pump(client, upstream)
            return
        parts = urlsplit(address)
        host = parts.hostname or ""
        with socket.create_connection((names.get(host, host), parts.port or 80)) as upstream:
            path = (parts.path or "/").encode()
            head = head.replace(address.encode(), path, 1)
            upstream.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            _copy(upstream, client)

    with running_socket(serve) as listener:
        yield RunningProxy(listener.port, asked, heads)


@contextmanager
def running_socks_proxy() -> Iterator[RunningProxy]:
    asked: list[str] = []

    def serve(client: socket.socket) -> None:
        _, methods = struct.unpack("!BB", client.recv(2))
        client.recv(methods)
        client.sendall(b"\x05\x00")
        host, port = _socks_target(client)
        asked.append(f"socks:{host}:{port}")
        with socket.create_connection((host, port)) as upstream:
            client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            _pump(client, upstream)

    with running_socket(serve) as listener:
        yield RunningProxy(listener.port, asked, [])


def _socks_target(client: socket.socket) -> tuple[str, int]:
    kind = client.recv(4)[3]
    if kind == 1:
        host = socket.inet_ntoa(client.recv(4))
    else:
        host = client.recv(client.recv(1)[0]).decode()
    return host, struct.unpack("!H", client.recv(2))[0]


def _pump(one: socket.socket, other: socket.socket) -> None:
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
