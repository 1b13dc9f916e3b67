"""The SDK's two clients, asked alike, and what they can be asked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

from lobstrio import AsyncLobstrClient, LobstrClient

KINDS: dict[str, type[LobstrClient] | type[AsyncLobstrClient]] = {
    "sync": LobstrClient,
    "async": AsyncLobstrClient,
}


class Part:
    """A client, or a part of it: answers have arrived, and pages are one list. What was asked is
    noted in ``asked``."""

    def __init__(self, real: Any, runner: asyncio.Runner, asked: set[str], name: str = "") -> None:
        self._real, self._runner, self._asked, self._name = real, runner, asked, name

    def __getattr__(self, name: str) -> Part:
        inner = f"{self._name}.{name}".strip(".")
        return Part(getattr(self._real, name), self._runner, self._asked, inner)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._asked.add(self._name)
        answer = self._real(*args, **kwargs)
        if inspect.iscoroutine(answer):
            return self._runner.run(answer)
        if hasattr(answer, "__aiter__"):
            return self._runner.run(_all(answer))
        return list(answer) if isinstance(answer, Iterator) else answer


async def _all(pages: Any) -> list[Any]:
    return [item async for item in pages]


def methods(kind: type[LobstrClient] | type[AsyncLobstrClient]) -> set[str]:
    """Every public method: ``me``, ``squids.create``, …"""
    client = kind(token="of-nobody")
    parts = {name: part for name, part in vars(client).items() if not name.startswith("_")}
    own = set(_public(client))
    return own | {f"{name}.{method}" for name, part in parts.items() for method in _public(part)}


def _public(part: Any) -> Iterator[str]:
    for name, _ in inspect.getmembers(type(part), inspect.isfunction):
        if not name.startswith("_"):
            yield name
