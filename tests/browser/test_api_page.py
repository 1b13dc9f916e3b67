"""A key is made by hand, copied, and tried on the page of all addresses."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LiveSite

pytestmark = pytest.mark.browser


def test_a_new_key_is_tried(live_site: LiveSite, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_site.url)
    page.get_by_role("link", name="API", exact=True).click()
    page.get_by_label("Name").fill("by hand")
    page.get_by_role("button", name="Make key").click()
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch("lob_[0-9a-f]{40}", copied)
    page.get_by_role("link", name="Try it in the browser").click()
    _authorize(page, f"Token {copied}")
    operation = page.locator("#docs .opblock", has_text=re.compile("/v1/me"))
    operation.get_by_role("button", name="GET").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer.locator("tbody .response-col_status")).to_have_text("200")
    expect(answer).to_contain_text('"username": "demo"')


def _authorize(page: Page, value: str) -> None:
    page.get_by_role("button", name="Authorize").click()
    asked = page.locator("#docs .dialog-ux")
    asked.get_by_role("textbox").fill(value)
    asked.get_by_role("button", name="Apply credentials").click()
    asked.get_by_role("button", name="Close").last.click()
