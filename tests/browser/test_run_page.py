"""The run page by hand: rows open whole, columns hide and stay hidden, the log is filtered."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LiveSite

pytestmark = pytest.mark.browser

LONG = 60_000


@pytest.fixture
def run_page(live_site: LiveSite, page: Page) -> Page:
    """The page of a run that is done."""
    page.goto(live_site.url)
    page.get_by_role("link", name="Demo shop", exact=True).click()
    page.get_by_role("button", name="Launch").click()
    row = page.locator("#runs-table tbody tr").first
    expect(row).to_contain_text("Done", timeout=LONG)
    row.locator("td").nth(4).click(force=True)  # anywhere on the row: its link lies over the cells
    page.wait_for_url(re.compile(r"/runs/[0-9a-f]{32}$"))
    return page


def test_by_hand(run_page: Page) -> None:
    _times_are_the_readers(run_page)
    _a_row_opens_whole(run_page)
    _a_hidden_column_stays_hidden(run_page)
    _a_column_is_resized(run_page)
    _a_page_further_on(run_page)
    _the_log_is_filtered(run_page)


def _times_are_the_readers(page: Page) -> None:
    """The browser has told its zone on a page before."""
    exact = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d JST$")
    expect(page.locator("#run-cards time").first).to_have_attribute("title", exact)


def _a_row_opens_whole(page: Page) -> None:
    cell = page.locator(".results tbody tr").nth(2).locator("a.cell-open").nth(2)
    text = cell.inner_text()
    cell.click()
    dialog = page.locator("#row-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("div:focus dd")).to_have_text(text)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f]{32}$"))


def _a_hidden_column_stays_hidden(page: Page) -> None:
    header = page.locator(".results thead th", has_text="brand")
    expect(header).to_be_visible()
    page.get_by_text("Columns", exact=True).click()
    page.locator("input[data-name=brand]").uncheck()
    expect(header).to_be_hidden()
    page.reload()
    expect(page.locator(".results thead th", has_text="title")).to_be_visible()
    expect(header).to_be_hidden()


def _a_column_is_resized(page: Page) -> None:
    header = page.locator(".results thead th", has_text="title").locator(".sizer")
    box = header.bounding_box()
    assert box
    corner = (box["x"] + box["width"] - 3, box["y"] + box["height"] - 3)
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0] + 120, corner[1], steps=4)
    page.mouse.up()
    after = header.bounding_box()
    assert after and after["width"] > box["width"] + 80


def _a_page_further_on(page: Page) -> None:
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".results tbody tr").first.locator("th")).to_have_text("51")


def _the_log_is_filtered(page: Page) -> None:
    page.locator(".tabs").get_by_role("link", name="Logs").click()
    page.locator(".line-task", has_text=re.compile("^task 3$")).first.click()
    page.wait_for_url(re.compile(r"task=3$"))
    tasks = set(page.locator(".line-task").all_inner_texts())
    assert tasks == {"task 3"}
    page.get_by_role("searchbox").fill("page 2")
    page.keyboard.press("Enter")
    expect(page.locator(".line").first).to_contain_text(re.compile("page 2", re.IGNORECASE))
