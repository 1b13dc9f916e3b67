"""The console in a real browser: it streams, stays bounded, lets one read, outlives its socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect, sync_playwright

from runs import lifecycle
from runs.models import Run
from squids.models import User
from tests import chromium
from tests.runs.live.conftest import launch
from tests.runs.live.lines import write
from tests.runs.live.web import Web, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason="no Chromium is here"),
]

WINDOW = 1_000
SOCKET_GONE = ("WebSocket connection", "[object Event]")
"""What browser and htmx say of a server that is away."""
PATIENCE = 30_000
NUMBERS = "list => [...list.children].map(line => Number(line.id.slice(5)))"
Rows = Callable[..., Any]


@pytest.fixture
def rows() -> Iterator[Rows]:
    """Calls with the database, in a thread without the driver's event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:

        def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            return thread.submit(_closing, function, args, kwargs).result()

        yield call


def _closing(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    from django.db import connections

    try:
        return function(*args, **kwargs)
    finally:
        connections.close_all()


@pytest.fixture
def tab(site: Web, owner: User, run: Run) -> Iterator[Tab]:
    """The squid's page, signed in. Anything that its scripts or its policy complain of fails."""
    cookies = [
        {"name": name, "value": value, "url": site.url} for name, value in signed_in(owner).items()
    ]
    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(reduced_motion="reduce")
        context.add_cookies(cookies)  # type: ignore[arg-type]
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE)
        opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{site.url}/squids/{run.squid.uid}")
        yield opened
        browser.close()
    assert [text for text in complaints if not text.startswith(SOCKET_GONE)] == []


def numbers(tab: Tab) -> list[int]:
    found: list[int] = tab.locator("#console-lines").evaluate(NUMBERS)
    return found


def see(tab: Tab, number: int) -> None:
    tab.locator(f"#line-{number}").wait_for(state="attached")


def test_lines_stream_in_order_and_the_window_is_bounded(tab: Tab, run: Run, rows: Rows) -> None:
    last = run.last_line
    for _ in range(5):
        rows(write, run.pk, 500)
    see(tab, last + 2_500)
    seen = numbers(tab)
    assert seen == list(range(last + 2_501 - WINDOW, last + 2_501))
    at_end = "list => list.scrollTop + list.clientHeight >= list.scrollHeight - 1"
    assert tab.locator("#console-lines").evaluate(at_end)


def test_a_dropped_socket_is_said_and_mended(tab: Tab, site: Web, run: Run, rows: Rows) -> None:
    last = run.last_line
    rows(write, run.pk, 100)
    see(tab, last + 100)
    site.stop()
    expect(tab.get_by_text("Reconnecting…")).to_be_visible()
    rows(write, run.pk, 300)
    site.start()
    see(tab, last + 400)
    expect(tab.get_by_text("Reconnecting…")).to_be_hidden()
    assert numbers(tab) == list(range(1, last + 401))


def test_one_who_reads_is_left_alone(tab: Tab, run: Run, rows: Rows) -> None:
    last = run.last_line
    rows(write, run.pk, 200)
    see(tab, last + 200)
    lines = tab.locator("#console-lines")
    lines.hover()
    tab.mouse.wheel(0, -1_000)
    pill = tab.get_by_role("button", name="Jump to latest")
    expect(pill).to_be_visible()
    top = lines.evaluate("list => list.scrollTop")
    rows(write, run.pk, 3_000)
    expect(pill).to_contain_text("3,000 new")
    assert lines.evaluate("list => list.scrollTop") == top
    assert numbers(tab)[-1] == last + 200
    pill.click()
    expect(pill).to_be_hidden()
    assert numbers(tab) == list(range(last + 3_201 - WINDOW, last + 3_201))


def test_focus_and_selection_stay(tab: Tab, run: Run, rows: Rows) -> None:
    """While the regions around them move."""
    abort = tab.get_by_role("button", name="Abort")
    abort.focus()
    tab.evaluate("getSelection().selectAllChildren(document.querySelector('.page-head h1'))")
    rows(Run.objects.filter(pk=run.pk).update, results=1_234, tasks_done=2)
    expect(tab.locator("#progress")).to_contain_text("1,234")
    expect(abort).to_be_focused()
    assert tab.evaluate("getSelection().toString()") == "Shop"


def test_a_tasks_lines_can_be_seen_alone(tab: Tab, run: Run, rows: Rows) -> None:
    rows(write, run.pk, 5, task=1, text="of the first")
    rows(write, run.pk, 5, task=2, text="of the second")
    tab.get_by_role("button", name="task 2", exact=True).first.click()
    rows(write, run.pk, 1, task=1, text="later of the first")
    rows(write, run.pk, 1, task=2, text="later of the second")
    expect(tab.get_by_text("later of the second")).to_be_visible()
    expect(tab.get_by_text("later of the first")).to_be_hidden()
    expect(tab.get_by_text("of the first", exact=True).first).to_be_hidden()
    tab.get_by_role("button", name="Only task 2").click()
    expect(tab.get_by_text("later of the first")).to_be_visible()


def test_markup_in_a_line_is_text(tab: Tab, run: Run, rows: Rows) -> None:
    rows(write, run.pk, 1, text="<img src=x onerror=alert(1)> · €")
    expect(tab.get_by_text("<img src=x onerror=alert(1)> · €")).to_be_visible()
    assert tab.locator("#console-lines img").count() == 0


def test_the_reader_aloud_can_be_silenced_and_stays_so(tab: Tab) -> None:
    lines = tab.locator("#console-lines")
    expect(lines).to_have_attribute("aria-live", "polite")
    tab.get_by_role("button", name="Mute").click()
    expect(lines).to_have_attribute("aria-live", "off")
    tab.reload()
    expect(lines).to_have_attribute("aria-live", "off")


def test_abort_here_and_launch_elsewhere(tab: Tab, run: Run, rows: Rows) -> None:
    tab.get_by_role("button", name="Abort").click()
    expect(tab.get_by_role("button", name="Launch")).to_be_visible()
    expect(tab.locator(f"#run-row-{run.uid}")).to_contain_text("Aborted")
    newer = rows(launch, run.squid)
    expect(tab.locator("#console")).to_have_attribute("data-run", newer.uid)
    expect(tab.get_by_role("button", name="Abort")).to_be_visible()
    expect(tab.locator(f"#run-row-{newer.uid}")).to_contain_text("Running")
    assert tab.locator("#run-rows > tr").first.get_attribute("id") == f"run-row-{newer.uid}"
    rows(lifecycle.abort, newer, by="elsewhere")
    expect(tab.get_by_role("button", name="Launch")).to_be_visible()


def test_the_newest_row_moves_among_earlier_ones(tab: Tab, site: Web, run: Run, rows: Rows) -> None:
    """Together with the progress above it, whose every change it shares."""
    rows(lifecycle.abort, run, by="owner")
    rows(lifecycle.abort, rows(launch, run.squid), by="owner")
    newest = rows(launch, run.squid)
    tab.goto(f"{site.url}/squids/{run.squid.uid}")
    row = tab.locator(f"#run-row-{newest.uid}")
    expect(tab.locator("#run-rows > tr")).to_have_count(3)
    for results in (1_234, 2_345):
        rows(Run.objects.filter(pk=newest.pk).update, results=results, tasks_done=1)
        expect(tab.locator("#progress")).to_contain_text(f"{results:,}")
        expect(row).to_contain_text(f"{results:,}")
    rows(lifecycle.abort, newest, by="elsewhere")
    expect(row).to_contain_text("Aborted")
    expect(tab.locator("#run-rows > tr")).to_have_count(3)
