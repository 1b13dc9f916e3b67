"""A site that can be stopped and started again at one address, a fetcher in a hurry, and waking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.engine import retry
from runs.models import Run
from tests.demo_server import demo_server
from tests.runs.conftest import fresh, work


class Shop:
    """A demo shop that is ``down`` and ``up`` at the same address. It begins up."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.port = self._stack.enter_context(demo_server()).port
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"

    def down(self) -> None:
        self._stack.close()

    def up(self) -> None:
        self._stack.enter_context(demo_server(self.port))


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Iterator[Shop]:
    settings.HOSTS_DIR = tmp_path / "hosts"
    made = Shop()
    settings.ALLOW_PRIVATE = frozenset({made.address})
    yield made
    made.down()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four tries as ever, with hardly a wait between them."""
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.01)


def wake(run: Run) -> Run:
    """As the dispatcher does it once the time has come, and a worker after it."""
    until = fresh(run).wake_at
    assert until is not None
    assert lifecycle.wake_paused(until - timedelta(seconds=1)) == 0
    assert lifecycle.wake_paused(until) == 1
    work()
    return fresh(run)
