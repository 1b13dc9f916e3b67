"""The browser's way out, spoken to by hand: who passes, where to, and how much comes in."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from runs.engine.browser.gate import Gate, Pass
from runs.engine.errors import BadUrl, ConnectFailed, Refused, TooLarge
from runs.engine.guard import Guard
from tests.runs.engine.servers import Answer, Site

pytestmark = pytest.mark.asyncio
MUCH = 1_000_000


@pytest_asyncio.fixture
async def gate() -> AsyncIterator[Gate]:
    opened = Gate(Guard())
    await opened.open()
    yield opened
    await opened.close()


def key(admitted: Pass) -> str:
    words = f"{admitted.user}:{admitted.password}".encode()
    return f"Proxy-Authorization: Basic {b64encode(words).decode()}\r\n"


async def say(gate: Gate, text: str) -> bytes:
    """All that comes back before the gate hangs up."""
    host, port = gate.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text.encode())
    found = await reader.read()
    writer.close()
    return found


def get(url: str, admitted: Pass, more: str = "") -> str:
    return f"GET {url} HTTP/1.1\r\nHost: x\r\n{more}{key(admitted)}\r\n"


async def test_a_page_for_who_has_a_pass(gate: Gate, site: Site) -> None:
    site.page("/a?b", "hello")
    site.page("/a", "hello")
    admitted = gate.admit(frozenset({site.place}), MUCH)
    answer = await say(gate, get(site.url("/a?b"), admitted, "X-Mine: 1\r\n"))
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"hello")
    hit = site.hits[-1]
    assert (hit.path, hit.headers["x-mine"], hit.headers["connection"]) == ("/a?b", "1", "close")
    assert not [name for name in hit.headers if name.startswith("proxy")]
    assert admitted.read == len(answer)


async def test_a_tunnel(gate: Gate, site: Site) -> None:
    site.page("/a", "hello")
    admitted = gate.admit(frozenset({site.place}), MUCH)
    inner = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await say(gate, f"CONNECT {site.place} HTTP/1.1\r\n{key(admitted)}\r\n{inner}")
    assert answer.startswith(b"HTTP/1.1 200 Connected") and answer.endswith(b"hello")


async def test_a_body_goes_with_its_request_and_no_more(gate: Gate, site: Site) -> None:
    site.pages["/post"] = lambda hit: Answer(hit.body)
    admitted = gate.admit(frozenset({site.place}), MUCH)
    head = f"POST {site.url('/post')} HTTP/1.1\r\nContent-Length: 3\r\n{key(admitted)}\r\n"
    answer = await say(gate, head + "abc" + get("http://192.0.2.1/", admitted))
    assert answer.endswith(b"\r\nabc") and len(site.hits) == 1


async def test_more_than_may_go_out(gate: Gate, site: Site) -> None:
    site.pages["/post"] = lambda hit: Answer(hit.body)
    admitted = gate.admit(frozenset({site.place}), 100_000)
    head = f"POST {site.url('/post')} HTTP/1.1\r\nContent-Length: 99999999999\r\n"
    with contextlib.suppress(ConnectionError):  # it hangs up before all is said
        assert await say(gate, f"{head}{key(admitted)}\r\n" + "x" * 400_000) == b""
    assert admitted.sent < 400_000 and site.hits == []


@pytest.mark.parametrize("words", ["", "Proxy-Authorization: Basic bm86bm8=\r\n"])
async def test_without_a_pass_nothing_goes_out(gate: Gate, site: Site, words: str) -> None:
    gate.admit(frozenset({site.place}), MUCH)
    for first in (f"GET {site.url('/a')}", f"CONNECT {site.place}"):
        answer = await say(gate, f"{first} HTTP/1.1\r\n{words}\r\n")
        assert answer.startswith(b"HTTP/1.1 407")
    assert site.hits == []


async def test_a_pass_that_was_given_back(gate: Gate, site: Site) -> None:
    admitted = gate.admit(frozenset({site.place}), MUCH)
    gate.dismiss(admitted)
    assert (await say(gate, get(site.url("/a"), admitted))).startswith(b"HTTP/1.1 407")


async def test_a_tunnel_ends_with_its_pass(gate: Gate, site: Site) -> None:
    admitted = gate.admit(frozenset({site.place}), MUCH)
    open_line = asyncio.create_task(
        say(gate, f"CONNECT {site.place} HTTP/1.1\r\n{key(admitted)}\r\n")
    )
    while not admitted.lines:
        await asyncio.sleep(0)
    gate.dismiss(admitted)
    assert await asyncio.wait_for(open_line, 30) in (b"", b"HTTP/1.1 200 Connected\r\n\r\n")


CLOSED = ["127.0.0.1:{port}", "localhost:{port}", "0x7f000001:{port}", "2130706433:{port}"]
CLOSED += ["[::ffff:127.0.0.1]:{port}", "[::1]:{port}", "017700000001:{port}", "127.1:{port}"]


@pytest.mark.parametrize("place", CLOSED)
async def test_private_addresses_are_closed(gate: Gate, site: Site, place: str) -> None:
    there = place.format(port=site.port)
    admitted = gate.admit(frozenset(), MUCH)
    assert await say(gate, f"CONNECT {there} HTTP/1.1\r\n{key(admitted)}\r\n") == b""
    assert await say(gate, get(f"http://{there}/", admitted)) == b""
    assert site.hits == []
    assert all(isinstance(e, Refused | BadUrl | ConnectFailed) for e in admitted.errors.values())
    assert admitted.errors


async def test_more_than_may_come_in(gate: Gate, site: Site) -> None:
    site.page("/big", "x" * 300_000)
    admitted = gate.admit(frozenset({site.place}), 100_000)
    assert len(await say(gate, get(site.url("/big"), admitted))) <= 100_000
    assert admitted.over.is_set()
    assert isinstance(admitted.errors[site.place], TooLarge)
    assert await say(gate, get(site.url("/big"), admitted)) == b""
    assert len(site.hits) == 1


@pytest.mark.parametrize(
    "head",
    [
        "Transfer-Encoding: chunked\r\n",
        "Upgrade: websocket\r\nConnection: upgrade\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: x\r\n",
    ],
)
async def test_only_plain_requests_are_forwarded(gate: Gate, site: Site, head: str) -> None:
    admitted = gate.admit(frozenset({site.place}), MUCH)
    assert await say(gate, get(site.url("/a"), admitted, head)) == b""
    assert site.hits == []


@pytest.mark.parametrize(
    "text", ["\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01 tls\r\n\r\n", "x" * 200_000 + "\r\n\r\n"]
)
async def test_who_does_not_speak_to_a_proxy_is_sent_off(gate: Gate, text: str) -> None:
    try:
        assert await say(gate, text) == b""
    except ConnectionError:  # it hung up before all was said
        return
