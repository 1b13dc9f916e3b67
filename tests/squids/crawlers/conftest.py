"""Crawlers are given pages, never a network."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest

import squids.crawlers.article.reading  # noqa: F401  (its library wants a whole socket module)


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a socket is an error here, but for a test that brings a server to listen."""
    if "listener" in request.fixturenames:
        return

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("a crawler opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
