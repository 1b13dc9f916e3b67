"""How a crawler's runs went lately: which count, and what is made of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs import charts, pace
from runs.models import Run, RunEvent
from runs.pace import Tally
from runs.states import Status
from squids.models import Crawler, Squid
from tests import factories

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def squid(db: None) -> Squid:
    return factories.squid(factories.user("owner"))


def ended(squid: Squid, at: datetime = NOW, *, bug: bool = False, status: str = "") -> Run:
    status = status or (Status.ERROR if bug else Status.DONE)
    run = factories.run(squid, status=status, ended_at=at)
    if bug:
        RunEvent.objects.create(run=run, target=Status.ERROR)
    return run


def told(squid: Squid) -> Tally:
    return pace.together(pace.by_day(squid.crawler, NOW).values())


def test_without_runs_every_day_is_empty(squid: Squid) -> None:
    days = pace.by_day(squid.crawler, NOW)
    assert len(days) == 90 and list(days)[-1] == TODAY
    assert set(days.values()) == {Tally()}
    assert told(squid).grade == "none"


def test_runs_count_on_the_day_they_ended(squid: Squid) -> None:
    for back, bug in ((0, False), (0, True), (1, False), (89, False), (90, True)):
        ended(squid, NOW - timedelta(days=back), bug=bug)
    days = pace.by_day(squid.crawler, NOW)
    found = {(TODAY - day).days: tally for day, tally in days.items() if tally.ended}
    assert found == {0: Tally(2, 1), 1: Tally(1, 0), 89: Tally(1, 0)}
    assert told(squid) == Tally(4, 1)


def test_only_the_crawlers_own_errors_count_against_it(squid: Squid) -> None:
    factories.run(squid, ended_at=NOW, tasks_failed=1)
    ended(squid, status=Status.ABORTED)
    factories.run(squid, status=Status.PAUSED)
    assert told(squid) == Tally(2, 0)


def test_a_run_that_was_mended_had_its_error_still(squid: Squid) -> None:
    run = ended(squid, bug=True)
    Run.objects.filter(pk=run.pk).update(status=Status.DONE)
    RunEvent.objects.create(run=run, target=Status.ERROR)
    assert told(squid) == Tally(1, 1)


def test_all_users_runs_of_this_crawler_count_and_no_others(squid: Squid) -> None:
    ended(squid)
    ended(factories.squid(factories.user("other")), bug=True)
    ended(factories.squid(squid.owner, crawler="test-places", tasks=0), bug=True)
    assert told(squid) == Tally(2, 1)


def test_days_are_those_of_the_reader(squid: Squid) -> None:
    ended(squid, datetime(2026, 3, 30, 20, tzinfo=UTC))
    for zone, day in (("Asia/Tokyo", 31), ("UTC", 30), ("America/Los_Angeles", 30)):
        days = pace.by_day(squid.crawler, NOW, ZoneInfo(zone))
        assert days[date(2026, 3, day)] == Tally(1, 0)


def test_one_query_over_a_bounded_number_of_runs(
    squid: Squid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "COUNTED", 3)
    for _ in range(5):
        ended(squid)
    with CaptureQueriesContext(connection) as queries:
        days = pace.by_day(Crawler.objects.get(pk=squid.crawler.pk), NOW)
    assert len(queries) == 2  # the crawler's, and one
    assert days[TODAY].ended == 3


@pytest.mark.parametrize(
    ("runs", "failed", "grade", "text"),
    [
        (0, 0, "none", "0"),
        (10, 0, "good", "100"),
        (10, 1, "good", "90"),
        (10_000, 1_001, "fair", "89.9"),
        (3, 1, "fair", "66.6"),
        (2, 1, "fair", "50"),
        (1_000, 501, "poor", "49.9"),
        (1, 1, "poor", "0"),
        (5_000, 1, "good", "99.9"),
        (5_000, 4_999, "poor", "< 0.1"),
    ],
)
def test_grades(runs: int, failed: int, grade: str, text: str) -> None:
    tally = Tally(runs, failed)
    assert tally.grade == grade
    assert charts.success_text(tally) == text


def test_bars_stand_in_their_order_and_are_as_high_as_the_success() -> None:
    days = [TODAY - timedelta(days=2), TODAY - timedelta(days=1), TODAY]
    bars = charts.day_bars(dict(zip(days, (Tally(), Tally(4, 2), Tally(4)), strict=True)))
    assert [bar.height for bar in bars] == [3, 16, 32]
    assert [bar.top + bar.height for bar in bars] == [32, 32, 32]
    assert [bar.left for bar in bars] == sorted(bar.left for bar in bars)
    assert bars[-1].left + bars[-1].width < 100
    assert bars[-1].label == "31 Mar 2026"
