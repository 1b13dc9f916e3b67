"""The head of the run page: id, status, reason, message, four cards, what can be done."""

from __future__ import annotations

import pytest

from runs.states import Reason, Status
from squids.models import Squid
from tests.runs.pages.conftest import Read, run_of, texts

CARDS = '//*[@id="run-cards"]//*[@class="card"]'
TABS = ["", "/tasks", "/credits", "/logs"]


def test_four_cards(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}, {"a": 1}])
    page = read(f"/runs/{run.uid}")
    assert texts(page, f'{CARDS}/*[@class="card-label"]') == [
        "Status",
        "Credits Used",
        "Total Results",
        "Started At",
    ]
    values = texts(page, f'{CARDS}/*[contains(@class, "card-value")]')
    assert values == ["Done", "1", "2", "2025-03-04 15:06:07"]


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_has_its_address_and_the_same_head(read: Read, squid: Squid, tab: str) -> None:
    run = run_of(squid, [{"a": 1}])
    page = read(f"/runs/{run.uid}{tab}")
    assert texts(page, "//h1")[0].startswith(f"Run {run.uid}")
    assert page.xpath("//h1//button/@data-copy") == [run.uid]
    hrefs = page.xpath('//nav[@class="tabs"]/a/@href')
    assert hrefs == [f"/runs/{run.uid}{path}" for path in TABS]
    assert page.xpath('//nav[@class="tabs"]/a[@aria-current]/@href') == [f"/runs/{run.uid}{tab}"]
    assert len(page.xpath(CARDS)) == 4


def test_the_reason_stands_in_words_and_as_its_code(read: Read, squid: Squid) -> None:
    run = run_of(squid, status=Status.ABORTED, reason=Reason.ABORTED)
    page = read(f"/runs/{run.uid}")
    words = "Stopped by hand. What was collected is kept. aborted"
    assert texts(page, '//*[@class="run-reason"]') == [words]


def test_an_error_tells_its_message_and_keeps_the_details_closed(read: Read, squid: Squid) -> None:
    run = run_of(
        squid, status=Status.ERROR, reason=Reason.CRAWLER_ERROR, message="<No> price", traceback="T"
    )
    page = read(f"/runs/{run.uid}")
    assert texts(page, '//*[@class="run-message"]') == ["<No> price"]
    assert page.xpath("//details[@class='run-traceback'][not(@open)]")


@pytest.mark.parametrize(
    ("status", "verbs"),
    [
        (Status.PENDING, ["pause", "abort"]),
        (Status.RUNNING, ["pause", "abort"]),
        (Status.PAUSED, ["resume", "abort"]),
        (Status.DONE, []),
        (Status.ABORTED, []),
        (Status.ERROR, []),
    ],
)
def test_only_what_applies_is_offered(
    read: Read, squid: Squid, status: str, verbs: list[str]
) -> None:
    run = run_of(squid, status=status)
    actions = read(f"/runs/{run.uid}").xpath('//*[@id="run-cards"]//form/@action')
    assert actions == [f"/runs/{run.uid}/{verb}" for verb in verbs]


def test_a_superseded_run_says_so(read: Read, squid: Squid) -> None:
    run = run_of(squid, status=Status.ERROR, superseded=True)
    assert "A newer run replaced this one" in texts(read(f"/runs/{run.uid}"), "//main")[0]
