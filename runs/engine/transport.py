"""One request on the wire: libcurl's multi interface, with the address fixed by the caller.

Requests run on handles that keep their settings; what differs between two of them is set anew.
Bodies are unpacked by libcurl piece by piece, so the cap on their size holds for a bomb too.
The facts behind the choice of client are in docs/decisions/0001-http-client.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from curl_cffi import AsyncCurl, Curl, CurlError, CurlMOpt, CurlOpt
from curl_cffi._wrapper import ffi, lib  # type: ignore[import-not-found]

from runs.engine import errors

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
IDLE_HANDLES = 128
IDLE_CONNECTIONS = 256
BUFFER = 65536
WRITE_ABORTED = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings that stay the same for many requests; handles are kept by them.

    Times are in seconds, ``max_body`` in bytes. ``proxy_pin`` is the proxy's checked address as
    host:port:ip.
    """

    connect_timeout: float
    max_body: int
    proxy: str | None = None
    proxy_pin: str | None = None
    truncate: bool = False
    """Past the cap, take what came so far instead of raising TooLarge."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What is sent. ``connect_to`` is the checked ip:port; None leaves the host to the proxy."""

    url: str
    headers: tuple[bytes, ...]
    connect_to: str | None
    timeout: float
    method: str = "GET"
    body: bytes | None = None


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes


class Handle:
    """An easy handle with the buffers its callbacks fill."""

    def __init__(self, profile: Profile) -> None:
        self.curl = Curl()
        self.chunks: list[bytes] = []
        self.lines: list[bytes] = []
        self.room = profile.max_body
        self.overflowed = False
        self._profile = profile
        self._headers: tuple[bytes, ...] = ()
        self._connect_to: str | None = None
        self._timeout = 0.0
        self._kept: dict[CurlOpt, object] = {}
        self._set_up()

    def _set_up(self) -> None:
        profile, option = self._profile, self.curl.setopt
        option(CurlOpt.NOSIGNAL, 1)
        option(CurlOpt.FOLLOWLOCATION, 0)
        option(CurlOpt.PROTOCOLS_STR, "http,https")
        option(CurlOpt.ACCEPT_ENCODING, ACCEPT_ENCODING)
        option(CurlOpt.BUFFERSIZE, BUFFER)
        option(CurlOpt.CONNECTTIMEOUT_MS, int(profile.connect_timeout * 1000))
        if not profile.truncate:
            option(CurlOpt.MAXFILESIZE_LARGE, profile.max_body)
        option(CurlOpt.WRITEFUNCTION, self._take_body)
        option(CurlOpt.HEADERFUNCTION, self._take_header)
        option(CurlOpt.SUPPRESS_CONNECT_HEADERS, 1)
        # Empty values, or libcurl would take the proxies of the environment.
        option(CurlOpt.PROXY, profile.proxy or "")
        option(CurlOpt.NOPROXY, "")
        if profile.proxy_pin:
            option(CurlOpt.RESOLVE, [profile.proxy_pin])

    def _take_body(self, piece: bytes) -> int:
        self.room -= len(piece)
        if self.room < 0:
            self.overflowed = True
            return WRITE_ABORTED
        self.chunks.append(piece)
        return len(piece)

    def _take_header(self, line: bytes) -> int:
        if line.startswith(b"HTTP/"):
            self.lines.clear()
        self.lines.append(line)
        return len(line)

    def load(self, wire: Wire) -> None:
        self.chunks.clear()
        self.lines.clear()
        self.room, self.overflowed = self._profile.max_body, False
        self.curl.setopt(CurlOpt.URL, wire.url)
        if wire.headers != self._headers:
            self._list(CurlOpt.HTTPHEADER, wire.headers)
            self._headers = wire.headers
        if wire.connect_to != self._connect_to:
            pins = (f"::{wire.connect_to}".encode(),) if wire.connect_to else ()
            self._list(CurlOpt.CONNECT_TO, pins)
            self._connect_to = wire.connect_to
        if wire.timeout != self._timeout:
            self.curl.setopt(CurlOpt.TIMEOUT_MS, max(1, int(wire.timeout * 1000)))
            self._timeout = wire.timeout

    def _list(self, option: CurlOpt, values: tuple[bytes, ...]) -> None:
        """libcurl does not copy a list: it is freed when the next one has taken its place."""
        head = ffi.NULL
        for value in values:
            head = lib.curl_slist_append(head, value)
        owned = ffi.gc(head, lib.curl_slist_free_all) if values else ffi.NULL
        if code := lib._curl_easy_setopt(self.curl._curl, option, owned):
            raise CurlError(f"option {option.name} was refused", code)
        self._kept[option] = owned

    def load_method(self, wire: Wire) -> None:
        """For anything but GET; such a handle is not used twice."""
        self.curl.setopt(CurlOpt.CUSTOMREQUEST, wire.method)
        if wire.method == "HEAD":
            self.curl.setopt(CurlOpt.NOBODY, 1)
        if wire.body is not None:
            self.curl.setopt(CurlOpt.POSTFIELDS, wire.body)
            self.curl.setopt(CurlOpt.POSTFIELDSIZE_LARGE, len(wire.body))


class Transport:
    """Sends requests in one event loop; connections are shared by all of them."""

    def __init__(self) -> None:
        self._multi: AsyncCurl | None = None
        self._idle: dict[Profile, list[Handle]] = {}
        self._idle_count = 0

    async def send(self, wire: Wire, profile: Profile) -> Answer:
        """Raises FetchError: what libcurl found wrong, or a body past the profile's cap."""
        handle = self._take(profile)
        handle.load(wire)
        plain = wire.method == "GET" and wire.body is None
        if not plain:
            handle.load_method(wire)
        try:
            await self._perform(handle)
        except CurlError as error:
            if not (handle.overflowed and profile.truncate):
                handle.curl.close()
                raise failure(error, wire, profile, handle.overflowed) from error
            plain = False
        answer = read_answer(handle, wire.url)
        self._give(profile, handle, plain)
        return answer

    async def _perform(self, handle: Handle) -> None:
        if self._multi is None:
            self._multi = AsyncCurl()
            self._multi.setopt(CurlMOpt.MAXCONNECTS, IDLE_CONNECTIONS)  # type: ignore[no-untyped-call]
        future = self._multi.add_handle(handle.curl)
        try:
            await future
        except asyncio.CancelledError:
            with suppress(CurlError):
                self._multi.remove_handle(handle.curl)
            handle.curl.close()
            raise

    def _take(self, profile: Profile) -> Handle:
        if idle := self._idle.get(profile):
            self._idle_count -= 1
            return idle.pop()
        return Handle(profile)

    def _give(self, profile: Profile, handle: Handle, reusable: bool) -> None:
        handle.chunks.clear()
        if reusable and self._idle_count < IDLE_HANDLES:
            self._idle.setdefault(profile, []).append(handle)
            self._idle_count += 1
        else:
            handle.curl.close()

    async def close(self) -> None:
        for handles in self._idle.values():
            for handle in handles:
                handle.curl.close()
        self._idle.clear()
        self._idle_count = 0
        if self._multi is not None:
            await self._multi.close()  # type: ignore[no-untyped-call]
            self._multi = None


def read_answer(handle: Handle, url: str) -> Answer:
    lines = handle.lines
    chunks = handle.chunks
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    try:
        status = int(lines[0].split(None, 2)[1])
    except (IndexError, ValueError) as error:
        raise errors.BadContent(f"{url} did not answer with HTTP", url) from error
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for line in lines[1:]:
        _add_header(line, headers, cookies)
    return Answer(status, headers, cookies, body)


def _add_header(line: bytes, headers: dict[str, str], cookies: list[str]) -> None:
    raw, colon, rest = line.partition(b":")
    if not colon:
        return
    name, value = raw.decode("latin-1").lower(), decoded(rest.strip())
    if name == "set-cookie":
        cookies.append(value)
    headers[name] = f"{headers[name]}, {value}" if name in headers else value


def decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


# libcurl's codes (CURLE_...) and what they mean to us.
_FAILURES: Mapping[int, tuple[type[errors.FetchError], str]] = {
    1: (errors.BadContent, "did not answer with HTTP"),
    3: (errors.BadUrl, "is not an address that can be fetched"),
    5: (errors.ProxyFailed, "the proxy's name has no address"),
    6: (errors.DnsFailed, "the host has no address"),
    7: (errors.ConnectFailed, "could not be connected to"),
    8: (errors.BadContent, "did not answer with HTTP"),
    16: (errors.ConnectionLost, "broke the rules of HTTP/2"),
    18: (errors.ConnectionLost, "stopped before the whole body had come"),
    28: (errors.Timeout, "did not answer in time"),
    35: (errors.TlsFailed, "failed at the TLS handshake"),
    43: (errors.BadUrl, "cannot be sent as it is"),
    52: (errors.ConnectionLost, "closed the connection without an answer"),
    55: (errors.ConnectionLost, "closed the connection while we were sending"),
    56: (errors.ConnectionLost, "closed the connection while answering"),
    60: (errors.TlsFailed, "has a certificate that cannot be trusted"),
    61: (errors.BadContent, "answered with a body that cannot be unpacked"),
    63: (errors.TooLarge, ""),
    92: (errors.ConnectionLost, "broke off the HTTP/2 stream"),
    97: (errors.ProxyFailed, "could not be reached through the proxy"),
    100: (errors.BadContent, "answered with endless headers"),
}


def failure(error: CurlError, wire: Wire, profile: Profile, overflowed: bool) -> errors.FetchError:
    """Our error for libcurl's, with its own words where they say more."""
    code = int(error.code)
    if overflowed or code == 63:
        size = f"{profile.max_body / 1048576:g} MB"
        return errors.TooLarge(f"{wire.url} has a body of more than {size}", wire.url)
    kind, words = _FAILURES.get(code, (errors.ConnectionLost, "could not be fetched"))
    detail = _detail(str(error))
    if profile.proxy and code in (7, 28, 52, 56) and ("CONNECT" in detail or "proxy" in detail):
        kind, words = errors.ProxyFailed, "could not be reached through the proxy"
    return kind(f"{wire.url} {words} ({detail})" if detail else f"{wire.url} {words}", wire.url)


def _detail(text: str) -> str:
    """libcurl's own sentence out of the wrapper's: "Failed to perform, curl: (7) It. See ..."."""
    _, _, rest = text.partition(") ")
    return rest.partition(". See https://")[0].strip()
