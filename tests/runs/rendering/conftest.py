"""A site whose pages need JavaScript, and a fetcher that may reach it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from runs.engine.fetch import Fetcher
from runs.engine.politeness import Politeness
from tests.runs.engine.servers import Site, running_site

LATE = """<p id="it">empty</p><script>setTimeout(() => {
document.getElementById("it").textContent = "drawn";
document.body.insertAdjacentHTML("beforeend", "<b class=late>late</b>");
}, 400)</script>"""
ASKS = """<p id="it">empty</p><script>fetch("/api").then((answer) => answer.text())
.then((text) => { it.textContent = text; }).catch(() => { it.textContent = "closed"; })</script>
<img src="/picture.png">"""


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        running.page("/late", LATE)
        running.page("/asks", ASKS)
        running.page("/api", "answered", "text/plain")
        yield running


@pytest.fixture
def other_site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest_asyncio.fixture
async def fetcher(tmp_path: Path) -> AsyncIterator[Fetcher]:
    async with Fetcher(Politeness(tmp_path / "hosts")) as running:
        yield running
