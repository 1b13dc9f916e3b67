"""Where the pill of an unfinished run leads: to the first thing that the page does not show."""

from __future__ import annotations

import pytest

from runs.states import Status
from squids.models import Squid
from tests.runs.pages.conftest import Page, Read, run_of


def pill(page: Page) -> dict[str, str]:
    found = page.xpath('//a[@id="news"]')
    return dict(found[0].attrib) if found else {}


@pytest.mark.parametrize(
    ("rows", "href"),
    [
        (0, "?rows=unique&page=1#r1"),
        (49, "?rows=unique&page=1#r50"),
        (50, "?rows=unique&page=2#r51"),
        (120, "?rows=unique&page=3#r121"),
    ],
)
def test_results(read: Read, squid: Squid, rows: int, href: str) -> None:
    run = run_of(squid, [{"a": n} for n in range(rows)], status=Status.RUNNING)
    found = pill(read(f"/runs/{run.uid}"))
    assert (found["href"], found["data-have"]) == (href, str(rows))
    assert "hidden" in found


def test_duplicates_count_where_they_are_shown(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}] * 3, status=Status.RUNNING)
    unique, every = pill(read(f"/runs/{run.uid}")), pill(read(f"/runs/{run.uid}?rows=all"))
    assert (unique["data-of"], unique["data-have"]) == ("count-unique", "1")
    assert (every["data-of"], every["data-have"]) == ("count-all", "3")
    assert every["href"] == "?rows=all&page=1#r4"


def test_a_run_that_ended_has_none(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}])
    for tab in ("", "/tasks", "/logs"):
        assert pill(read(f"/runs/{run.uid}{tab}")) == {}


def test_nor_has_a_log_that_is_filtered(read: Read, squid: Squid) -> None:
    run = run_of(squid, [{"a": 1}], status=Status.RUNNING)
    assert pill(read(f"/runs/{run.uid}/logs"))["data-have"] == str(run.last_line)
    assert pill(read(f"/runs/{run.uid}/logs?level=error")) == {}
