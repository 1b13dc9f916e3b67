"""The squid page's progress region: what a paused run shows, and a launch without credits."""

from __future__ import annotations

import pytest

from runs import credits
from runs.states import Reason, Status
from squids.models import Squid, User
from tests import factories
from tests.runs.pages.conftest import Page, Read


def region(read: Read, squid: Squid) -> Page:
    return read(f"/squids/{squid.uid}").get_element_by_id("progress")


def test_a_paused_run_tells_no_pace(read: Read, squid: Squid) -> None:
    run = factories.run(squid, status=Status.RUNNING, tasks_total=3)
    assert {"Pages a second", "Time left"} <= set(region(read, squid).xpath(".//dt/text()"))
    run.status, run.reason = Status.PAUSED, Reason.PAUSED_BY_HAND
    run.save()
    shown = region(read, squid)
    assert shown.xpath(".//dt/text()") == ["Tasks done", "Results", "Unique", "Credits"]
    assert "∞" not in shown.text_content()
    assert shown.text_content().count("Press Resume") == 1


def test_an_operators_text_is_closed_before_the_next_sentence(read: Read, squid: Squid) -> None:
    for text in ("The site changed", "The site changed. "):
        type(squid.crawler).objects.filter(pk=squid.crawler_id).update(problem=text)
        page = read(f"/squids/{squid.uid}").text_content()
        assert "The site changed. Runs that stopped on it" in page


def test_without_credits_no_launch_is_urged(read: Read, squid: Squid, owner: User) -> None:
    button = ".//button[@id='launch']/@class"
    assert region(read, squid).xpath(button) == ["button primary"]
    balance = credits.balance_of(owner)
    assert credits.charge(balance, balance.remaining)
    shown = region(read, squid)
    assert shown.xpath(button) == ["button"]
    assert "No credits are left; they renew in" in shown.text_content()
    assert "may take more" not in shown.text_content()


@pytest.mark.parametrize(("total", "words"), [(1, "0 of 1 task"), (2, "0 of 2 tasks")])
def test_one_task_is_a_task(read: Read, squid: Squid, total: int, words: str) -> None:
    factories.run(squid, status=Status.RUNNING, tasks_total=total)
    assert read("/").xpath("//td//*[@class='progress-text']/text()") == [words]
