"""The help on stop reasons, and the ways that lead to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.states import ADVICE, Reason, Status
from squids.models import Squid
from tests.runs.pages.conftest import Read, run_of, texts

HELP = "/help/stop-reasons"


def test_every_reason_has_advice_for_a_status() -> None:
    assert set(ADVICE) == set(Reason)
    assert all(advice.statuses and advice.meaning and advice.todo for advice in ADVICE.values())


def test_every_reason_is_there_with_its_texts_under_its_status(read: Read, squid: Squid) -> None:
    page = read(HELP)
    assert sorted(page.xpath("//article/@id")) == sorted(Reason.values)
    for reason, advice in ADVICE.items():
        status = advice.statuses[0]
        [text] = texts(page, f'//section[@aria-labelledby="{status}"]/article[@id="{reason}"]')
        assert reason.value in text
        assert all(words in text for words in (reason.label, advice.meaning, advice.todo))


def test_the_runs_table_leads_to_the_reason(read: Read, squid: Squid) -> None:
    run_of(squid, status=Status.ABORTED, reason=Reason.DEACTIVATED)
    page = read(f"/squids/{squid.uid}")
    assert page.xpath('//td[@data-label="Done Reason"]/a/@href') == [f"{HELP}#deactivated"]
    assert page.xpath(f'//dialog[@id="help"]//a[@href="{HELP}"]')


@pytest.mark.parametrize("path", ["/runs/{run}", "/squids/{squid}"])
def test_a_paused_run_says_why_until_when_and_what_to_do(
    path: str, read: Read, squid: Squid
) -> None:
    run = run_of(
        squid,
        status=Status.PAUSED,
        reason=Reason.WEBSITE_INACCESSIBLE,
        message="http://shop.example/ did not answer in time.",
        wake_at=timezone.now() + timedelta(minutes=15, seconds=30),
    )
    page = read(path.format(run=run.uid, squid=squid.uid))
    [text] = texts(page, '//*[@id="paused"]')
    assert text.startswith("The site cannot be reached. http://shop.example/ did not answer in")
    assert "Next try in 15 min" in text
    assert ADVICE[Reason.WEBSITE_INACCESSIBLE].todo in text
    assert page.xpath('//*[@id="paused"]//a/@href') == [f"{HELP}#website_inaccessible"]


@pytest.mark.parametrize(
    ("superseded", "says"),
    [
        (False, "once an operator marks the problem resolved"),
        (True, "A newer run replaced this one"),
    ],
)
def test_an_errored_run_says_what_was_kept_and_what_comes(
    superseded: bool, says: str, read: Read, squid: Squid
) -> None:
    run = run_of(
        squid,
        [{"a": 1}, {"a": 2}],
        status=Status.ERROR,
        reason=Reason.CRAWLER_ERROR,
        message="KeyError: 'price'",
        superseded=superseded,
    )
    [text] = texts(read(f"/runs/{run.uid}"), '//*[contains(@class, "notice")]')
    assert "Message KeyError: 'price'" in text
    assert "Kept 2 results" in text
    assert says in text


def test_time_paused_stands_apart_from_the_active_time(read: Read, squid: Squid) -> None:
    run = run_of(squid, active_ms=60_000)  # of the 64 minutes between start and end
    cards = texts(read(f"/runs/{run.uid}"), '//*[@id="run-cards"]')[0]
    assert "active for 1 m 00 s, waited 1 h 03 m" in cards
    row = read(f"/squids/{squid.uid}").xpath('//td[@data-label="Duration"]')[0]
    assert (row.text_content().strip(), row.get("title")) == (
        "1 m 00 s",
        "Active time. It waited 1 h 03 m besides.",
    )
