"""A tab of an unfinished run says what came since it was read, and brings it at a press."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from runs import live
from runs.models import Run
from tests import chromium, factories
from tests.runs.live.lines import write
from tests.runs.live.test_console_in_browser import Rows, rows, tab
from tests.runs.live.web import Web

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason="no Chromium is here"),
]
__all__ = ["rows", "tab"]  # fixtures


def collect(run: Run, first: int, last: int) -> None:
    """Rows of one more page, and the ring that a commit sends."""
    fresh = Run.objects.get(pk=run.pk)
    factories.results(fresh, [{"name": f"Kettle {n}", "price": n} for n in range(first, last + 1)])
    live.announce(fresh)


def shown(tab: Tab) -> list[str]:
    return tab.locator(".results tbody tr > th").all_inner_texts()


def test_new_results(site: Web, run: Run, tab: Tab, rows: Rows) -> None:
    rows(collect, run, 1, 30)
    tab.goto(f"{site.url}/runs/{run.uid}")
    pill = tab.locator("#news")
    expect(tab.locator("#count-results")).to_have_text("30")
    expect(pill).to_be_hidden()
    tab.get_by_text("Columns", exact=True).click()
    tab.locator(".columns-menu").get_by_label("price").uncheck()
    rows(collect, run, 31, 31)
    expect(pill).to_have_text("1 new result · show")
    rows(collect, run, 32, 42)
    expect(pill).to_have_text("12 new results · show")
    expect(tab.locator("#count-unique")).to_have_text("42")
    assert shown(tab) == [str(n) for n in range(1, 31)]  # nothing moved by itself
    pill.click()
    expect(tab.locator(".results tbody tr")).to_have_count(42)
    expect(tab.locator("#r31")).to_be_in_viewport()
    expect(pill).to_be_hidden()
    expect(tab.locator(".results thead th", has_text="price")).to_be_hidden()
    rows(collect, run, 43, 60)
    pill.click()
    expect(tab.locator("#r43")).to_be_in_viewport()
    rows(collect, run, 61, 61)
    pill.click()
    expect(tab.locator(".results tbody tr").first.locator("th")).to_have_text("51")
    tab.locator("#r61 a.cell-open").first.click()
    expect(tab.locator("#row-dialog")).to_be_visible()


def test_tasks_and_lines(site: Web, run: Run, tab: Tab, rows: Rows) -> None:
    tab.goto(f"{site.url}/runs/{run.uid}/tasks")
    expect(tab.locator("#count-tasks")).to_have_text("0 of 4")
    rows(_end_a_task, run)
    expect(tab.locator("#news")).to_have_text("1 task ended · show")
    expect(tab.locator("#tasks-head")).to_contain_text("1 ended, 1 of them failed")
    tab.locator("#news").click()
    expect(tab.locator("#tasks tbody tr").first).to_contain_text("Failed")
    tab.goto(f"{site.url}/runs/{run.uid}/logs")
    before = tab.locator(".log-lines .line").count()
    rows(write, run.pk, 7)
    expect(tab.locator("#news")).to_have_text("7 new lines · show")
    tab.locator("#news").click()
    expect(tab.locator(".log-lines .line")).to_have_count(before + 7)


def _end_a_task(run: Run) -> None:
    fields: dict[str, Any] = {"status": "failed", "reason": "bad_page"}
    run.run_tasks.filter(position=3).update(**fields)
    Run.objects.filter(pk=run.pk).update(tasks_done=1, tasks_failed=1)
    live.announce(run)
