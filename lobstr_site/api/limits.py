"""How many requests a key may make: past its rate it waits, and only what would wait long is
refused, since no client of the contract tries again.

Plain ASGI in front of Django: a request that waits holds a coroutine, no thread and no connection.
A bucket is one number (GCRA), kept in memory. A key has one of its own once the site has found it
good; until then the client's address counts, and a key that turns out to be wrong costs it ten
requests. So bogus keys make few buckets and, for long, no look-ups in the database. A wrong key
that is shown again pays from a bucket of its own, and requests without a key from another one: a
script of either kind keeps no new key of its address out.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lobstr_site.api.asgi import Asgi, Message, Receive, Scope, Send, answer, header
from lobstr_site.api.keys import key_text
from lobstr_site.api.waiting import Waiting

WINDOW = 60.0
"""Seconds; the rate is for so many, and as much may come at once."""
LONGEST = 10.0
"""Seconds that a request waits at most; clients give up after 30."""
BUCKETS = 10_000
WRONG_KEY = 10
"""What a key that is not good costs its sender's address, in requests."""
SHOWN_KEY = "lobstr.shown_key"
"""In the scope: a ``ShownKey``."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass
class ShownKey:
    """What the site finds out about the key of a request."""

    good: bool = False


@dataclass
class Buckets:
    """What each of up to ``BUCKETS`` callers owes, as the moment when it will owe nothing."""

    rate: int
    clock: Clock = time.monotonic
    free_at: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def __contains__(self, who: str) -> bool:
        return who in self.free_at

    @property
    def interval(self) -> float:
        return WINDOW / self.rate

    def owed(self, who: str) -> float:
        """Seconds of its rate that were used and have not come back."""
        owed = self.free_at.get(who, 0.0) - self.clock()
        return min(max(owed, 0.0), WINDOW + LONGEST)  # the most, should a clock be set back

    def remaining(self, who: str) -> int:
        return max(math.floor((WINDOW - self.owed(who)) / self.interval + 1e-9), 0)

    def take(self, who: str) -> float:
        """Seconds to wait for one more request; over ``LONGEST``, it was not taken."""
        owed = self.owed(who) + self.interval
        wait = max(owed - WINDOW, 0.0)
        if wait <= LONGEST:
            self._owe(who, owed)
        return wait

    def charge(self, who: str, requests: int) -> None:
        """As if it had made so many more; but never more than waits reach."""
        self._owe(who, min(self.owed(who) + requests * self.interval, WINDOW + LONGEST))

    def give_back(self, who: str) -> None:
        self._owe(who, max(self.owed(who) - self.interval, 0.0))

    def add(self, who: str) -> None:
        """Give a caller a bucket, if it has none."""
        if who not in self.free_at:
            self._owe(who, 0.0)

    def drop(self, who: str) -> None:
        self.free_at.pop(who, None)

    def _owe(self, who: str, seconds: float) -> None:
        self.free_at[who] = self.clock() + seconds
        self.free_at.move_to_end(who)
        if len(self.free_at) > BUCKETS:
            self.free_at.popitem(last=False)


@dataclass
class Limits:
    """The application behind a rate, in requests a minute. ``sleep`` and ``clock`` go together."""

    app: Asgi
    rate: int
    behind_proxy: bool = False
    clock: Clock = time.monotonic
    sleep: Sleep = asyncio.sleep

    def __post_init__(self) -> None:
        self.keys = Buckets(self.rate, self.clock)
        self.wrong = Buckets(self.rate, self.clock)
        self.newcomers = Buckets(self.rate, self.clock)
        self.keyless = Buckets(self.rate, self.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key, address = key_of(scope), address_of(scope, self.behind_proxy)
        buckets, who = self._bucket(key, address)
        wait = buckets.take(who)
        shown = ShownKey()
        counted = self._counted(shown, send, key, address)
        if wait > LONGEST:
            await self._refuse(wait, counted)
            return
        if wait > 0:
            waiting = Waiting(receive)
            if not await waiting.wait(self.sleep(wait)):
                buckets.give_back(who)
                return
            receive = waiting.receive
        await self.app({**scope, SHOWN_KEY: shown}, receive, counted)

    def _bucket(self, key: str, address: str) -> tuple[Buckets, str]:
        """Which one a request counts for, and as whose."""
        for known in (self.keys, self.wrong):
            if key in known:
                return known, key
        return (self.newcomers if key else self.keyless), address

    def _counted(self, shown: ShownKey, send: Send, key: str, address: str) -> Send:
        """Where the answer begins: what it says of the key, and the headers that tell how much is
        left."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._learn(shown, int(message["status"]), key, address)
                headers = [*message.get("headers", ()), *self._headers(key, address)]
                message = {**message, "headers": headers}
            await send(message)

        return counted

    def _learn(self, shown: ShownKey, status: int, key: str, address: str) -> None:
        if key and shown.good:
            self.keys.add(key)
            self.wrong.drop(key)
        elif key and status == 401:
            self.keys.drop(key)
            buckets, who = self._bucket(key, address)
            buckets.charge(who, WRONG_KEY)
            self.wrong.add(key)

    def _headers(self, key: str, address: str) -> list[tuple[bytes, bytes]]:
        buckets, who = self._bucket(key, address)
        reset = math.ceil(time.time() + buckets.owed(who))
        told = {"limit": self.rate, "remaining": buckets.remaining(who), "reset": reset}
        return [(f"x-ratelimit-{name}".encode(), str(n).encode()) for name, n in told.items()]

    async def _refuse(self, wait: float, send: Send) -> None:
        seconds = math.ceil(wait)
        text = f"Too many requests: more than {self.rate:,} a minute. Try again in {seconds} s."
        retry = (b"retry-after", str(seconds).encode())
        await answer(send, 429, "RateLimitExceeded", text, retry)


def key_of(scope: Scope) -> str:
    """A digest of the key that is shown, however it is written; "" without one."""
    text = key_text(header(scope, b"authorization"))
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def address_of(scope: Scope, behind_proxy: bool) -> str:
    """The client's address, as its own proxy has it."""
    client = scope.get("client") or ("",)
    return client_address(str(client[0]), header(scope, b"x-forwarded-for") if behind_proxy else "")


def client_address(peer: str, forwarded: str = "") -> str:
    """The last address of ``X-Forwarded-For`` where there is one, else the peer's; of IPv6 the
    network, which is one client's."""
    return _network(forwarded.rpartition(",")[2].strip()) or _network(peer)


def _network(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and not address.ipv4_mapped:
        return str(ipaddress.ip_network((address.packed, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
