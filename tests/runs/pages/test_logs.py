"""The Logs tab: the whole console by pages, searched, filtered, linked, downloaded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import AsyncClient

from runs import exports, paging
from runs.models import Run
from runs.states import Level
from squids.models import Squid, User
from tests import factories
from tests.runs.pages.conftest import Page, Read, texts


@pytest.fixture
def run(squid: Squid) -> Run:
    run = factories.run(squid)
    factories.lines(run, [f"Page {n} of the shop" for n in range(1, 501)])
    factories.lines(run, ["Retrying <b>x</b>", "50 % off_"], level=Level.WARNING, task=2)
    return factories.lines(run, ["Task 2 failed"], level=Level.ERROR, task=2)


def numbers(page: Page) -> list[int]:
    return [int(text) for text in texts(page, '//*[@class="line-number"]')]


def link(page: Page, words: str) -> str:
    (found,) = page.xpath(f'//a[normalize-space()="{words}"]/@href')
    return str(found)


def test_every_line_once_forwards_and_back(read: Read, run: Run) -> None:
    page = read(f"/runs/{run.uid}/logs")
    seen = numbers(page)
    while page.xpath('//a[@rel="next"]'):
        page = read(page.xpath('//a[@rel="next"]/@href')[0])
        seen += numbers(page)
    assert seen == list(range(1, 504))
    assert numbers(read(page.xpath('//a[@rel="prev"]/@href')[0])) == list(range(201, 401))


def test_jump_to_the_latest(read: Read, run: Run) -> None:
    latest = read(link(read(f"/runs/{run.uid}/logs"), "Jump to latest"))
    assert numbers(latest) == list(range(304, 504))
    assert not latest.xpath('//a[@rel="next"]')


def test_a_link_to_one_line_shows_those_around_it(read: Read, run: Run) -> None:
    page = read(f"/runs/{run.uid}/logs?line=300#line-300")
    assert numbers(page) == list(range(200, 400))
    assert page.xpath('//*[@id="line-300"]/a/@href') == [f"/runs/{run.uid}/logs?line=300#line-300"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("level=warning", [501, 502, 503]),
        ("level=error", [503]),
        ("q=RETRYING", [501]),
        ("q=50+%25+off_", [502]),
        ("q=page+77+", [77]),
        ("task=2", [501, 502, 503]),
        ("level=error&q=retrying", []),
        ("level=nonsense&q=page+77+", [77]),
    ],
)
def test_search_and_levels(read: Read, run: Run, query: str, found: list[int]) -> None:
    assert numbers(read(f"/runs/{run.uid}/logs?{query}")) == found


def test_filters_travel_along(read: Read, run: Run) -> None:
    page = read(f"/runs/{run.uid}/logs?q=page")
    onward = read(page.xpath('//a[@rel="next"]/@href')[0])
    assert onward.xpath('//input[@name="q"]/@value') == ["page"]
    assert numbers(onward) == list(range(201, 401))


def test_a_line_is_text(read: Read, run: Run) -> None:
    page = read(f"/runs/{run.uid}/logs?line=501")
    assert "Retrying <b>x</b>" in texts(page, '//*[@id="line-501"]')[0]


def test_pages_and_filters_stay_on_their_index(run: Run) -> None:
    every = paging.LineFilter().apply(run).filter(number__gt=400).order_by("number")
    notable = paging.LineFilter(level=Level.ERROR).apply(run).order_by("number")
    for lines in (every, notable):
        assert "SCAN" not in lines.explain().replace("SCAN CONSTANT", "")


def test_the_whole_log_as_text(run: Run) -> None:
    text = b"".join(exports.log(run).blocks()).decode()
    assert len(text.splitlines()) == 503
    assert text.splitlines()[-1] == "2025-03-04T15:14:30.000000Z error   [task 2] Task 2 failed"


@pytest.mark.django_db(transaction=True)
def test_it_downloads_as_a_stream(owner: User) -> None:
    run = factories.lines(factories.run(factories.squid(owner)), ["one", "two"])

    async def get() -> tuple[str, bytes]:
        client = AsyncClient()
        await client.aforce_login(owner)
        response: Any = await client.get(f"/runs/{run.uid}/logs.txt")
        blocks = [block async for block in response.streaming_content]
        return response["Content-Disposition"], b"".join(blocks)

    header, body = asyncio.run(get())
    assert header.startswith('attachment; filename="log_test-shop-1_')
    assert len(body.splitlines()) == 2
