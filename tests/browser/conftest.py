"""A real Chromium, and the whole site as ``make run`` starts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests import chromium
from tests.site.running import Running, running

# Chromium looks for its maker's hosts unless told not to.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


ZONE = "Asia/Tokyo"
"""Where the browser says it is."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        path = chromium.find()
        assert path, "no Chromium was found; LOBSTR_CHROMIUM may name one"
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class LiveSite:
    """A running site; ``session`` is the browser's state once the printed link signed it in."""

    site: Running
    url: str
    session: StorageState


@pytest.fixture(scope="module")
def live_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with running(tmp_path_factory.mktemp("site") / "data") as site:
        context = browser.new_context(timezone_id=ZONE)
        page = context.new_page()
        page.goto(site.link)
        page.wait_for_url(re.compile(r"^http://localhost:\d+/$"))
        yield LiveSite(site, page.url, context.storage_state())
        context.close()


@pytest.fixture
def page(browser: Browser, live_site: LiveSite) -> Iterator[Page]:
    """A fresh window, signed in. What the browser complains of fails the test."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        storage_state=live_site.session,
        timezone_id=ZONE,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert complaints == []
