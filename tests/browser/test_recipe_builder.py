"""A recipe is built in a real browser: page fetched, suggestion taken, pointed at, saved, run."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import LiveSite

pytestmark = pytest.mark.browser


def new_squid(page: Page, live_site: LiveSite) -> None:
    page.goto(f"{live_site.url}squids/new")
    page.get_by_label("Web scraper").first.check()
    page.get_by_role("button", name=re.compile("Create")).first.click()
    page.get_by_role("link", name="Build the recipe on a page").click()


def demo(live_site: LiveSite) -> str:
    return f"http://127.0.0.1:{live_site.site.settings['LOBSTR_DEMO_PORT']}/shop/"


def copy_of(page: Page) -> FrameLocator:
    return page.frame_locator("#copy")


def test_a_recipe_is_built_and_run(live_site: LiveSite, page: Page) -> None:
    new_squid(page, live_site)
    page.get_by_label("A page to build the recipe on").fill(demo(live_site))
    page.get_by_role("button", name="Fetch page").click()
    copy = copy_of(page)
    expect(copy.get_by_role("heading", name="All items")).to_be_visible()

    page.get_by_role("button", name="Use the rows article.product", exact=True).click()
    expect(page.get_by_role("heading", name="20 rows on this page")).to_be_visible()
    expect(copy.locator("[data-mark~=row]")).to_have_count(20)
    expect(page.get_by_role("textbox", name="Next page")).to_have_value("a[rel~=next]")

    selector = page.locator("[name=fields-1-select]")
    selector.fill("a.title[")
    expect(page.locator("#note-fields-1-select")).to_contain_text("cannot work")
    expect(page.locator("#tried tbody tr")).to_have_count(20)
    expect(selector).to_be_focused()
    selector.fill("a.title::attr(href)")
    expect(page.locator("#note-fields-1-select")).to_have_text("in every row")
    expect(copy.locator("[data-mark~=chosen]")).to_have_count(20)

    page.get_by_role("button", name="Remove price").click()
    expect(page.locator("#tried thead")).not_to_contain_text("price")
    copy.locator(".price").nth(2).click()
    page.get_by_role("button", name="Field “price”").click()
    expect(page.locator("#tried thead")).to_contain_text("price")

    page.get_by_role("button", name="Follow each row's link").click()
    page.get_by_role("button", name="Fetch the first row's page").click()
    expect(page.get_by_role("link", name="First row's page")).to_have_attribute(
        "aria-current", "true"
    )
    copy_of(page).locator(".description").click()
    page.get_by_role("button", name="Field “description”").click()
    expect(page.locator("#tried thead")).to_contain_text("description")

    page.get_by_role("button", name="Save recipe").click()
    expect(page.get_by_text("The recipe is saved")).to_be_visible()


def test_nothing_in_the_copy_leads_anywhere(live_site: LiveSite, page: Page) -> None:
    new_squid(page, live_site)
    page.get_by_label("A page to build the recipe on").fill(demo(live_site))
    page.get_by_role("button", name="Fetch page").click()
    copy = copy_of(page)
    before = page.url
    copy.get_by_text("Next", exact=True).click()
    expect(page.get_by_role("button", name="Next page", exact=True)).to_be_visible()
    assert page.url == before
    assert copy.locator("script, [href]:not(link), [src]").count() == 0
    page.get_by_role("button", name="Next page", exact=True).click()
    expect(page.get_by_role("textbox", name="Next page")).to_have_value("a[rel~=next]")
