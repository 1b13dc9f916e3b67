"""The main job as a person does it: sign in, Launch, watch it live to Done, download the CSV."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from lobstr_site.demo import catalogue
from tests.browser.conftest import LiveSite

pytestmark = pytest.mark.browser

SECONDS = 1000
LONG = 60 * SECONDS


def test_launch_watch_download(live_site: LiveSite, page: Page) -> None:
    page.goto(live_site.url)
    expect(page).to_have_title(re.compile("Squids"))
    page.get_by_role("link", name="Demo shop", exact=True).click()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))

    page.get_by_role("button", name="Launch").click()
    lines = page.locator("#console-lines .line")
    expect(lines.first).to_contain_text("concurrency 4 (uses 4 of 20 slots) · 8 tasks")
    expect(lines.nth(20)).to_be_visible(timeout=LONG)
    row = page.locator("#runs-table tbody tr").first
    expect(row).to_contain_text("Done", timeout=LONG)
    expect(row).to_contain_text("Tasks done")
    expect(page.get_by_role("button", name="Launch")).to_be_visible()
    assert loads == [], "everything came by the socket, without a reload"
    numbers = [int(text) for text in page.locator("#console-lines .line-number").all_inner_texts()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    with page.expect_download() as downloading:
        row.get_by_role("link", name=re.compile("CSV")).click()
    with open(downloading.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    items = {item["sku"]: item for item in catalogue.items()}
    assert len(rows) == len(items)
    assert {row["sku"] for row in rows} == set(items)
    assert all(float(row["price"]) == float(items[row["sku"]]["price"]) for row in rows)
    assert all(row["title"] == items[row["sku"]]["title"] for row in rows)


def test_abort_keeps_what_was_collected(live_site: LiveSite, page: Page) -> None:
    page.goto(live_site.url)
    page.get_by_role("link", name="Demo shop, slowly and in detail").click()
    page.get_by_role("button", name="Launch").click()
    expect(page.locator("#console-lines .line").nth(5)).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Abort").click()
    row = page.locator("#runs-table tbody tr").first
    expect(row).to_contain_text("Aborted")
    expect(page.get_by_role("button", name="Launch")).to_be_visible()
    row.get_by_role("link").first.click()
    expect(page.locator("#run-cards")).to_contain_text("Aborted")
    for tab in ("Tasks", "Credits", "Logs", "Results"):
        page.get_by_role("navigation").get_by_role("link", name=re.compile(tab)).click()
        expect(page.locator("[aria-current=page]", has_text=tab)).to_be_visible()
