"""A body costs at most the cap, in memory and in time, however it is packed."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from runs.engine.errors import TooLarge
from runs.engine.fetch import Fetcher
from squids.crawlers.interface import Request
from tests.runs.engine.conftest import allowing
from tests.runs.engine.servers import Answer, Site, read_head, running_socket

MB = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.asyncio
async def test_a_body_at_the_cap_and_one_past_it(fetcher: Fetcher, site: Site) -> None:
    site.page("/fits", b"x" * MB)
    site.page("/past", b"x" * (MB + 1))
    settings = allowing(site, max_body=MB)
    assert len((await fetcher.fetch(Request(site.url("/fits")), settings)).body) == MB
    with pytest.raises(TooLarge, match="more than 1 MB") as caught:
        await fetcher.fetch(Request(site.url("/past")), settings)
    assert not caught.value.retry


@pytest.mark.asyncio
async def test_a_packed_body_past_the_cap(fetcher: Fetcher, site: Site) -> None:
    packed = gzip.compress(b"\0" * (4 * MB))
    site.pages["/"] = Answer(packed, headers=(("Content-Encoding", "gzip"),))
    with pytest.raises(TooLarge):
        await fetcher.fetch(Request(site.url()), allowing(site, max_body=MB))


@pytest.mark.asyncio
@pytest.mark.parametrize("announced", [b"Content-Length: 2147483648\r\n", b""])
async def test_two_gigabytes_stop_at_the_cap(fetcher: Fetcher, announced: bytes) -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        if b"robots.txt" in read_head(connection):
            connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        connection.sendall(HEAD + announced + b"\r\n")
        while sent < 2048 * MB:
            sent += connection.send(b"x" * MB)

    with running_socket(endless) as server:
        with pytest.raises(TooLarge):
            await fetcher.fetch(Request(server.url()), allowing(server, max_body=2 * MB))
    # What was on its way when we hung up lies in the kernel's buffers.
    assert sent < 40 * MB


@pytest.mark.asyncio
async def test_endless_headers_end(fetcher: Fetcher) -> None:
    def endless(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(HEAD)
        while True:
            connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")

    with running_socket(endless) as server:
        with pytest.raises(Exception, match="headers"):
            await fetcher.fetch(Request(server.url()), allowing(server, obey_robots=False))


FETCH_BOMB = """
import asyncio, resource, sys, pathlib
from runs.engine.errors import TooLarge
from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.politeness import Politeness
from squids.crawlers.interface import Request

async def main(port, folder):
    place = f"127.0.0.1:{port}"
    settings = FetchSettings("a", allow_private=frozenset({place}), max_body=4 * 1024 * 1024)
    politeness = Politeness(pathlib.Path(folder))
    async with Fetcher(politeness) as fetcher:
        session = fetcher.session(settings)
        await fetcher.fetch(Request(f"http://{place}/small"), session)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(3):
            try:
                await fetcher.fetch(Request(f"http://{place}/bomb"), session)
            except TooLarge:
                continue
            raise SystemExit("the bomb was swallowed")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await politeness.close()

asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
"""


def test_a_bomb_costs_the_cap_in_memory(site: Site, tmp_path: Path) -> None:
    """300 MB packed into 300 KB; in a process of its own, whose peak is then its own."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(bytes(MB)) for _ in range(300)) + packer.flush()
    site.page("/small", "x")
    site.pages["/bomb"] = Answer(packed, headers=(("Content-Encoding", "gzip"),))
    command = [sys.executable, "-c", FETCH_BOMB, str(site.port), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / 1024 < 3 * 4
