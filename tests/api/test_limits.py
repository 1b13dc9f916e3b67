"""What a rate does to callers, on a clock that is handed in: nobody waits for real."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from lobstr_site.api import limits
from lobstr_site.api.asgi import Message, Receive, Scope, Send
from lobstr_site.api.limits import LONGEST, SHOWN_KEY, WINDOW, WRONG_KEY, Buckets, Limits

RATE = 60
"""A request a second."""


@dataclass
class Time:
    """A clock, and sleeps that end when it was moved past them."""

    now: float = 1000.0
    sleepers: list[tuple[float, asyncio.Event]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self.sleepers.append((self.now + seconds, event))
        await event.wait()

    async def move(self, seconds: float) -> None:
        self.now += seconds
        for at, event in self.sleepers:
            if at <= self.now + 1e-9:
                event.set()
        await settled()


async def settled() -> None:
    """Every task has gone as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


@dataclass
class Site:
    """What stands behind: it knows good keys, and remembers who came through with what body."""

    good: tuple[bytes, ...] = (b"Token good", b"Token other")
    came: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        header = dict(scope["headers"]).get(b"authorization", b"")
        content, more = b"", True
        while more:
            message = await receive()
            assert message["type"] == "http.request"
            content, more = content + message["body"], message["more_body"]
        self.came.append((header, content))
        good = header.replace(b"Bearer", b"Token").replace(b"  ", b" ").strip() in self.good
        scope[SHOWN_KEY].good = good
        status = 200 if good or not header else 401
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@dataclass
class Call:
    """One request, under way."""

    inbox: asyncio.Queue[Message]
    answer: dict[str, Any] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    @property
    def status(self) -> int | None:
        return self.answer.get("status")

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.answer["headers"]}

    def leave(self) -> None:
        self.inbox.put_nowait({"type": "http.disconnect"})


class Door:
    """Callers before a ``Limits``."""

    def __init__(self, rate: int = RATE, **options: Any) -> None:
        self.time, self.site = Time(), Site()
        self.limits = Limits(self.site, rate, clock=self.time, sleep=self.time.sleep, **options)

    async def call(
        self, header: str = "", *, address: str = "192.0.2.1", body: bytes = b"", **more: str
    ) -> Call:
        given = {"authorization": header} | more
        headers = [(k.replace("_", "-").encode(), v.encode()) for k, v in given.items() if v]
        scope = {"type": "http", "path": "/v1/me", "headers": headers, "client": [address, 4000]}
        call = Call(asyncio.Queue())
        half = len(body) // 2
        for part, on in ((body[:half], True), (body[half:], False)):
            call.inbox.put_nowait({"type": "http.request", "body": part, "more_body": on})

        async def send(message: Message) -> None:
            call.answer.update(message)

        call.task = asyncio.ensure_future(self.limits(scope, call.inbox.get, send))
        await settled()
        return call

    async def calls(self, number: int, header: str = "", **more: Any) -> list[Call]:
        return [await self.call(header, **more) for _ in range(number)]


def statuses(calls: list[Call]) -> set[int | None]:
    return {call.status for call in calls}


async def all_used(door: Door, header: str = "Token good", **more: Any) -> None:
    """The key is known, and its bucket empty."""
    await door.call(header, **more)
    assert statuses(await door.calls(RATE, header, **more)) == {200}


async def end(*calls: Call) -> None:
    for call in calls:
        assert call.task
        call.task.cancel()
    await asyncio.gather(*(call.task for call in calls if call.task), return_exceptions=True)


@pytest.mark.asyncio
async def test_each_answer_tells_what_is_left() -> None:
    door = Door()
    first, second, third = [await door.call("Token good") for _ in range(3)]
    assert first.headers["x-ratelimit-limit"] == str(RATE)
    left = [int(call.headers["x-ratelimit-remaining"]) for call in (first, second, third)]
    assert left == [60, 59, 58]  # the first was its address's: the key was not known yet
    resets = [int(call.headers["x-ratelimit-reset"]) for call in (first, third)]
    assert resets[0] < resets[1]


@pytest.mark.asyncio
async def test_past_the_rate_a_request_waits_its_turn() -> None:
    door = Door()
    await all_used(door)
    late, later = await door.calls(2, "Token good", body=b"[1, 2, 3]")
    assert statuses([late, later]) == {None}
    await door.time.move(1)
    assert (late.status, later.status) == (200, None)
    await door.time.move(1)
    assert later.status == 200
    assert door.site.came[-1] == (b"Token good", b"[1, 2, 3]")


@pytest.mark.asyncio
async def test_what_would_wait_long_is_refused() -> None:
    door = Door()
    await all_used(door)
    waiting = await door.calls(int(LONGEST), "Token good")
    refused = await door.call("Token good")
    assert statuses(waiting) == {None} and refused.status == 429
    body = json.loads(refused.answer["body"])
    assert (body["type"], body["code"]) == ("RateLimitExceeded", 429)
    assert body["error"] == body["detail"]
    assert refused.headers["retry-after"] == "11"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    await door.time.move(LONGEST)
    assert statuses(waiting) == {200}


@pytest.mark.asyncio
async def test_the_refused_do_not_make_the_wait_longer() -> None:
    door = Door()
    await all_used(door)
    waiting = await door.calls(10 + 500, "Token good")
    assert [call.status for call in waiting].count(429) == 500
    await door.time.move(LONGEST + WINDOW)
    assert statuses(waiting) == {200, 429}
    assert statuses(await door.calls(RATE, "Token good")) == {200}


@pytest.mark.asyncio
async def test_a_flood_by_one_key_slows_no_other() -> None:
    door = Door()
    await door.call("Token other")
    await all_used(door)
    flood = await door.calls(100, "Token good")
    assert (await door.call("Token other")).status == 200
    assert (await door.call("Token other", address="192.0.2.2")).status == 200
    await end(*flood)


@pytest.mark.asyncio
async def test_a_thousand_may_wait_at_once() -> None:
    door = Door(rate=6000)
    await door.call("Token good")
    calls = await door.calls(6000 + 1000, "Token good", body=b"x" * 100)
    assert [call.status for call in calls].count(None) == 1000
    await door.time.move(LONGEST)
    assert statuses(calls) == {200}


@pytest.mark.asyncio
async def test_one_who_leaves_while_waiting_is_forgotten() -> None:
    door = Door()
    await all_used(door)
    waiting = await door.calls(10, "Token good")
    for call in waiting:
        call.leave()
    await settled()
    assert all(call.task and call.task.done() for call in waiting)
    came = len(door.site.came)
    late = await door.call("Token good")
    await door.time.move(1)
    assert late.status == 200  # the turns of those who left are free again
    assert len(door.site.came) == came + 1


@pytest.mark.asyncio
async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    door = Door()
    await all_used(door)
    late = await door.call("Token good", body=b"x" * 300_000)  # kept on the disk
    await end(late)
    assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()


@pytest.mark.asyncio
async def test_a_large_body_comes_whole_after_a_wait() -> None:
    door = Door()
    await all_used(door)
    body = bytes(range(256)) * 2000
    late = await door.call("Token good", body=body)
    await door.time.move(1)
    assert late.status == 200
    assert door.site.came[-1][1] == body


@pytest.mark.asyncio
async def test_a_key_has_one_bucket_however_it_is_written() -> None:
    door = Door()
    await door.call("Token good")
    for header in ("Bearer good", "Token  good", "Token good "):
        await door.call(header)
    assert door.limits.keys.remaining(next(iter(door.limits.keys.free_at))) == RATE - 3
    assert len(door.limits.keys.free_at) == 1


@pytest.mark.asyncio
async def test_bogus_keys_share_their_senders_bucket_and_cost_it_ten() -> None:
    door = Door()
    calls = [await door.call(f"Token bogus{n}") for n in range(1000)]
    came = [call.status for call in calls].count(401)
    assert came <= RATE // (WRONG_KEY + 1) + 2
    assert not door.limits.keys.free_at and len(door.limits.newcomers.free_at) == 1
    await end(*(call for call in calls if call.status is None))


@pytest.mark.asyncio
async def test_bogus_keys_do_not_keep_out_a_known_one_from_the_same_address() -> None:
    door = Door()
    await door.call("Token good")
    calls = [await door.call(f"Token bogus{n}") for n in range(200)]
    assert (await door.call("Token good")).status == 200
    new = await door.call("Token other")
    assert new.status == 429  # not known yet
    assert (await door.call("Token other", address="192.0.2.2")).status == 200
    await door.time.move(WINDOW + LONGEST)
    assert (await door.call("Token bogus")).status == 401
    assert (await door.call("")).status == 200
    await end(*calls)


@pytest.mark.asyncio
@pytest.mark.parametrize("header", ["Token bogus", ""], ids=["one wrong key", "no key"])
async def test_a_bad_script_keeps_no_new_key_of_its_address_out(header: str) -> None:
    """As after a restart, or behind a proxy where all have one address."""
    door = Door()
    calls = await door.calls(3 * RATE, header)
    assert statuses(calls[:1]) <= {200, 401} and calls[-1].status == 429
    new = await door.call("Token good")
    assert new.status == 200 and int(new.headers["x-ratelimit-remaining"]) == RATE
    await end(*calls)


@pytest.mark.asyncio
async def test_a_wrong_key_costs_itself_ten_when_it_is_shown_again() -> None:
    door = Door()
    calls = await door.calls(RATE, "Token bogus")
    came = [call.status for call in calls].count(401)
    assert came <= RATE // (WRONG_KEY + 1) + 3
    door.site.good += (b"Token bogus",)  # as of an owner who is active again
    await door.time.move(WINDOW + LONGEST)
    await door.call("Token bogus")
    assert not door.limits.wrong.free_at and len(door.limits.keys.free_at) == 1
    await end(*calls)


@pytest.mark.asyncio
async def test_a_key_that_was_revoked_is_no_longer_known() -> None:
    door = Door()
    await door.call("Token good")
    door.site.good = ()
    assert (await door.call("Token good")).status == 401
    assert not door.limits.keys.free_at


@pytest.mark.parametrize(
    ("address", "forwarded", "behind_proxy", "counted"),
    [
        ("192.0.2.1", "198.51.100.7", False, "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", True, "198.51.100.7"),
        ("127.0.0.1", "", True, "127.0.0.1"),
        ("127.0.0.1", "unknown", True, "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", False, "192.0.2.1"),
        ("not an address", "", False, ""),
    ],
)
def test_whose_address_counts(
    address: str, forwarded: str, behind_proxy: bool, counted: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())]
    scope = {"headers": headers, "client": [address, 4000]}
    assert limits.address_of(scope, behind_proxy) == counted


def test_without_a_client_there_is_one_bucket_for_all() -> None:
    assert limits.address_of({"headers": [], "client": None}, False) == ""


def test_no_more_than_so_many_buckets() -> None:
    time = Time()
    buckets = Buckets(RATE, time)
    for n in range(limits.BUCKETS + 5):
        buckets.take(f"caller {n}")
        buckets.take("busy")
    assert len(buckets.free_at) == limits.BUCKETS
    assert "busy" in buckets and "caller 0" not in buckets


def test_a_clock_that_was_set_back_keeps_nobody_out_for_long() -> None:
    time = Time()
    buckets = Buckets(RATE, time)
    buckets.take("caller")
    time.now -= 3600
    assert buckets.take("caller") > LONGEST
    buckets.charge("caller", 1000)
    time.now += WINDOW + LONGEST
    assert buckets.take("caller") == 0


@pytest.mark.parametrize("rate", [1, 5, 60, 1200, 10**6])
def test_a_full_bucket_is_the_rate_and_comes_back_in_a_minute(rate: int) -> None:
    time = Time()
    buckets = Buckets(rate, time)
    assert buckets.remaining("caller") == rate
    for _ in range(min(rate, 2000)):
        assert buckets.take("caller") == pytest.approx(0, abs=1e-6)
    assert buckets.remaining("caller") == rate - min(rate, 2000)
    time.now += WINDOW
    assert buckets.remaining("caller") == rate
