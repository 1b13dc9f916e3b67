"""Sites that answer nonsense, nothing, too late or half: a clear error each, and on we go."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from runs.engine import errors
from runs.engine.fetch import Fetcher
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Answer, Site, Socket, read_head, running_socket

pytestmark = pytest.mark.asyncio


async def failure(fetcher: Fetcher, server: Socket, **changes: float) -> errors.FetchError:
    settings = allowing(server, obey_robots=False, **changes)
    with pytest.raises(errors.FetchError) as caught:
        await fetcher.fetch(Request(server.url("/page")), settings)
    assert server.url("/page") in caught.value.message
    assert caught.value.url == server.url("/page")
    return caught.value


@pytest.mark.parametrize(
    ("said", "kind", "retry"),
    [
        (b"", errors.ConnectionLost, True),
        (b"SSH-2.0-OpenSSH_9.6\r\n", errors.BadContent, False),
        (b"\x00\xff\x13\x37" * 400, errors.BadContent, False),
        (b"<html>no head at all</html>", errors.BadContent, False),
        (b"HTTP/1.1 banana\r\n\r\n", errors.BadContent, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", errors.ConnectionLost, True),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip", errors.BadContent, False),
        (b"HTTP/1.1 200 Ok\r\nTransfer-Encoding: chunked\r\n\r\nz", errors.ConnectionLost, True),
    ],
)  # fmt: skip
async def test_nonsense(
    fetcher: Fetcher, said: bytes, kind: type[errors.FetchError], retry: bool
) -> None:
    def say(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(said)

    with running_socket(say) as server:
        error = await failure(fetcher, server)
    assert (type(error), error.retry) == (kind, retry), error


async def test_a_silent_site_runs_into_the_timeout(fetcher: Fetcher) -> None:
    over = threading.Event()

    def wait(connection: socket.socket) -> None:
        over.wait(20)

    with running_socket(wait) as server:
        error = await failure(fetcher, server, timeout=0.2)
        over.set()
    assert isinstance(error, errors.Timeout) and error.retry


async def test_a_dripping_body_runs_into_the_timeout(fetcher: Fetcher) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b".")

    with running_socket(drip) as server:
        error = await failure(fetcher, server, timeout=0.3)
        over.set()
    assert isinstance(error, errors.Timeout)


async def test_redirects_share_one_timeout(fetcher: Fetcher) -> None:
    def lead_on(connection: socket.socket) -> None:
        number = int(read_head(connection).split(b" ", 2)[1].rpartition(b"=")[2] or 0)
        threading.Event().wait(0.1)
        onward = f"HTTP/1.1 302 On\r\nLocation: /?at={number + 1}\r\nContent-Length: 0\r\n"
        connection.sendall(onward.encode() + b"Connection: close\r\n\r\n")

    with running_socket(lead_on) as server:
        settings = allowing(server, obey_robots=False, timeout=0.35, max_redirects=50)
        with pytest.raises(errors.Timeout):
            await fetcher.fetch(Request(server.url("/?at=0")), settings)


async def test_nobody_listens(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Socket(listener.getsockname()[1])
    error = await failure(fetcher, server)
    assert isinstance(error, errors.ConnectFailed) and error.retry


async def test_no_tls_where_it_was_asked_for(fetcher: Fetcher, site: Site) -> None:
    settings = allowing(site, obey_robots=False)
    with pytest.raises(errors.TlsFailed):
        await fetcher.fetch(Request(f"https://{site.place}/"), settings)


async def test_a_kept_connection_that_went_stale_is_replaced(fetcher: Fetcher) -> None:
    def once(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    with running_socket(once) as server:
        session = fetcher.session(allowing(server, obey_robots=False))
        for _ in range(4):
            assert (await fetcher.fetch(Request(server.url()), session)).body == b"hi"
        assert server.connections == 4


async def test_a_cancelled_fetch_hangs_up_and_gives_its_slot_back(
    fetcher: Fetcher, site: Site
) -> None:
    reached, over = threading.Event(), threading.Event()

    def hang(connection: socket.socket) -> None:
        read_head(connection)
        reached.set()
        if connection.recv(1) == b"":
            over.set()

    with running_socket(hang) as server:
        session = fetcher.session(allowing(server, obey_robots=False))
        for _ in range(20):
            reached.clear()
            over.clear()
            fetch = asyncio.create_task(fetcher.fetch(Request(server.url()), session))
            await asyncio.to_thread(reached.wait, 5)
            fetch.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetch
            assert await asyncio.to_thread(over.wait, 5)


async def test_the_next_page_is_unharmed(fetcher: Fetcher, site: Site) -> None:
    site.pages["/bad"] = Answer(b"not gzip", headers=(("Content-Encoding", "gzip"),))
    site.page("/good", "fine")
    session = fetcher.session(allowing(site))
    for _ in range(5):
        with pytest.raises(errors.BadContent):
            await fetcher.fetch(Request(site.url("/bad")), session)
        assert (await fetcher.fetch(Request(site.url("/good")), session)).text == "fine"
