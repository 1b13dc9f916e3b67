"""A fetcher over real sockets, and settings that may reach the test's own servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio

from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.politeness import Politeness
from tests.runs.engine.servers import Site, running_site

AGENT = "LobstrOpen/0.1 (+https://lobstr.example/bot)"


class _Placed(Protocol):
    @property
    def place(self) -> str: ...


def allowing(*servers: _Placed | str, **changes: Any) -> FetchSettings:
    """Settings that may reach these servers (or host:port pairs), and nothing else private."""
    places = frozenset(one if isinstance(one, str) else one.place for one in servers)
    return FetchSettings(AGENT, allow_private=places, **changes)


async def resolve_home(host: str, port: int) -> list[str]:
    """Every name lives on the loopback; names ending in .nowhere have no address."""
    if host.endswith(".nowhere"):
        raise OSError("no such host")
    return ["127.0.0.1"]


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def other_site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest_asyncio.fixture
async def politeness(tmp_path: Path) -> AsyncIterator[Politeness]:
    kept = Politeness(tmp_path / "hosts")
    yield kept
    await kept.close()


@pytest_asyncio.fixture
async def fetcher(politeness: Politeness) -> AsyncIterator[Fetcher]:
    async with Fetcher(politeness, resolve=resolve_home) as running:
        yield running
