"""Rates and limits of the API over the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.site.running import PATIENCE
from tests.site.serving import Served, serving

RATE = 120
"""Two a second, after as many at once."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), LOBSTR_API_RATE=str(RATE)) as site:
        yield site


def is_error(answer: httpx.Response, status: int, kind: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["type"] == kind
    assert answer.headers["x-ratelimit-limit"] == str(RATE)
    assert {"x-ratelimit-remaining", "x-ratelimit-reset"} <= set(answer.headers)


async def flood(client: httpx.AsyncClient, number: int) -> list[asyncio.Task[httpx.Response]]:
    return [asyncio.ensure_future(client.get("/v1/nothing")) for _ in range(number)]


def test_every_answer_has_the_headers(served: Served) -> None:
    with httpx.Client(base_url=served.base, timeout=PATIENCE) as client:
        token = {"Authorization": f"Token {served.key}"}
        is_error(client.get("/v1"), 404, "NotFound")
        is_error(client.get("/v1/"), 404, "NotFound")
        is_error(client.get("/v1/%ff%00"), 404, "NotFound")
        is_error(client.get("/v1/me"), 401, "NotAuthenticated")
        is_error(client.put("/v1/me", headers=token), 405, "MethodNotAllowed")
        is_error(client.post("/v1/tasks", content=b"{", headers=token), 400, "ParamsInvalid")
        is_error(client.get("/v1/me", headers={"Host": "evil.example"}), 400, "ParamsInvalid")
        good = client.get("/v1/me", headers=token)
        head = client.head("/v1/me", headers=token)
    assert good.status_code == head.status_code == 200
    assert not head.content and not good.cookies
    assert int(head.headers["x-ratelimit-remaining"]) <= int(good.headers["x-ratelimit-remaining"])


def test_no_other_path_leads_past_the_limits(served: Served) -> None:
    """The server takes this header for that of a proxy."""
    headers = {"Daphne-Root-Path": "/x", "Authorization": f"Token {served.key}"}
    with httpx.Client(base_url=served.base, timeout=PATIENCE, headers=headers) as client:
        assert client.get("/x/v1/me").status_code == 404
        assert "x-ratelimit-limit" in client.get("/v1/me").headers
        assert client.get("//v1/me").status_code == 404


@pytest.mark.asyncio
async def test_a_flood_waits_and_another_does_not(served: Served) -> None:
    """The last of these tests: afterwards this address has to wait."""
    token = {"Authorization": f"Token {served.key}"}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=served.base, limits=limits, timeout=PATIENCE) as client:
        assert (await client.get("/v1/me", headers=token)).status_code == 200
        calls = await flood(client, RATE + 200)
        refused = await anext(ended(calls, 429))
        is_error(refused, 429, "RateLimitExceeded")
        assert int(refused.headers["retry-after"]) > 0
        waiting = [call for call in calls if not call.done()]
        good = await client.get("/v1/me", headers=token)
        assert good.status_code == 200 and int(good.headers["x-ratelimit-remaining"]) > RATE - 5
        assert not all(call.done() for call in waiting)
        answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {404, 429}
    passed = [answer for answer in answers if answer.status_code == 404]
    assert len(passed) >= RATE + 19  # those that waited up to 10 s among them


async def ended(
    calls: list[asyncio.Task[httpx.Response]], status: int
) -> AsyncIterator[httpx.Response]:
    for call in asyncio.as_completed(calls):
        answer = await call
        if answer.status_code == status:
            yield answer
