"""The Usage page: what was spent, by day and month of the reader's zone, squid and function."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from runs import credits, usage
from runs.models import Balance, Run, Spending
from squids.models import Squid, User
from tests import factories
from tests.runs.pages.conftest import Read, texts

CREDIT = 1000
NOW = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)


def spend(run: Run, at: datetime, amount: int, function: str = "base") -> None:
    Spending.objects.create(
        owner=run.owner, run=run, function=function, at=at, hits=1, amount=amount * CREDIT
    )


@pytest.fixture
def paris(owner: User) -> User:
    owner.time_zone = "Europe/Paris"
    owner.save()
    return owner


def test_days_are_those_of_the_users_zone_across_a_clock_change(paris: User) -> None:
    spans = usage.last_days(paris, 7, NOW)
    assert [span.label for span in spans][4:] == [
        "Sunday, 29 March 2026",
        "Monday, 30 March 2026",
        "Tuesday, 31 March 2026",
    ]
    lengths = [(span.end - span.start) / timedelta(hours=1) for span in spans]
    assert lengths == [24, 24, 24, 24, 23, 24, 24]
    assert spans[4].start == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert all(a.end == b.start for a, b in pairwise(spans))


def test_months_end_where_the_next_begins(paris: User) -> None:
    spans = usage.last_months(paris, 12, NOW)
    assert [span.label for span in spans][::11] == ["April 2025", "March 2026"]
    assert all(a.end == b.start for a, b in pairwise(spans))


def test_what_is_spent_at_midnight_is_the_new_days(paris: User, squid: Squid) -> None:
    run = factories.run(squid)
    midnight = datetime(2026, 3, 30, 22, tzinfo=UTC)  # of the 31st in Paris
    spend(run, midnight - timedelta(minutes=15), 1)
    spend(run, midnight, 10)
    spans = usage.last_days(paris, 2, NOW)
    assert usage.usage(paris, spans, NOW).amounts == [1 * CREDIT, 10 * CREDIT]


def test_shares_name_the_ten_largest_and_sum_up_the_others(owner: User) -> None:
    for n in range(1, 13):
        spend(factories.run(factories.squid(owner)), NOW - timedelta(hours=1), n)
    found = usage.usage(owner, usage.last_days(owner, 7, NOW), NOW)
    assert [share.amount // CREDIT for share in found.squids] == [*range(12, 2, -1), 3]
    assert found.squids[-1].name == "2 other squids"
    assert sum(share.amount for share in found.squids) == found.total
    assert sum(share.percent for share in found.squids) == pytest.approx(100)


def test_deleted_squid_stays_and_says_so(owner: User, squid: Squid) -> None:
    spend(factories.run(squid), NOW - timedelta(hours=1), 3)
    Squid.objects.filter(pk=squid.pk).update(deleted_at=NOW, is_active=False)
    (share,) = usage.usage(owner, usage.last_days(owner, 7, NOW), NOW).squids
    assert (share.name, share.note, share.uid) == (squid.name, "Deleted", "")


def test_nothing_of_others(owner: User, squid: Squid) -> None:
    other = factories.squid(factories.user("other"))
    spend(factories.run(other), NOW - timedelta(hours=1), 3)
    assert usage.usage(owner, usage.last_days(owner, 7, NOW), NOW).total == 0


def test_a_squid_alone(owner: User, squid: Squid) -> None:
    spend(factories.run(squid), NOW - timedelta(hours=1), 3)
    spend(factories.run(factories.squid(owner)), NOW - timedelta(hours=1), 4)
    spans = usage.last_days(owner, 7, NOW)
    assert usage.usage(owner, spans, NOW, squid).total == 3 * CREDIT


def test_pace_tells_when_credits_run_out(owner: User, squid: Squid) -> None:
    run = factories.run(squid)
    balance = credits.balance_of(owner, NOW)
    Balance.objects.filter(pk=balance.pk).update(
        ends_at=NOW + timedelta(days=20), spent=balance.granted - 100 * CREDIT
    )
    balance.refresh_from_db()
    for day in range(1, 8):
        spend(run, NOW - timedelta(days=day) + timedelta(hours=1), 10)
    pace = usage.pace(owner, balance, NOW)
    assert pace.runs_out_at is not None
    assert pace.runs_out_at.date() == date(2026, 4, 10)
    Balance.objects.filter(pk=balance.pk).update(ends_at=NOW + timedelta(days=5))
    balance.refresh_from_db()
    assert usage.pace(owner, balance, NOW).runs_out_at is None


def test_page_shows_each_part(read: Read, owner: User, squid: Squid) -> None:
    run = factories.run(squid)
    now = datetime.now(UTC)
    spend(run, now, 5)
    spend(run, now, 7, "emails")
    page = read(reverse("runs:usage"))
    assert texts(page, "//section[@aria-labelledby='by-squid']//tbody/tr/th") == [squid.name]
    rows = texts(page, "//section[@aria-labelledby='by-function']//tbody/tr")
    assert rows == ["emails 7 58 %", "Results 5 42 %"]
    assert len(page.xpath("//svg[@class='columns-plot']/rect")) == 1
    assert texts(page, "//svg[@class='columns-axis']/text") == ["0", "10", "20"]
    assert not page.xpath("//svg[@class='columns-plot']/text[@class='columns-scale']")
    table = texts(page, "//details[contains(@class, 'usage-table')]//tbody/tr/td")
    assert table == ["12"] + ["0"] * 29


@pytest.mark.parametrize(("query", "rows"), [("days=7", 7), ("days=30", 30), ("by=month", 12)])
def test_periods(read: Read, squid: Squid, query: str, rows: int) -> None:
    spend(factories.run(squid), datetime.now(UTC), 5)
    page = read(f"{reverse('runs:usage')}?{query}&squid={squid.uid}")
    assert len(page.xpath("//details[contains(@class, 'usage-table')]//tbody/tr")) == rows
    (shown,) = page.xpath("//nav[@aria-label='Period']/a[@aria-current]/@href")
    assert query in shown and squid.uid in shown


def test_empty_page_says_what_it_is(read: Read) -> None:
    assert texts(read(reverse("runs:usage")), "//main//h2") == ["No credits used in this time"]


def test_anothers_squid_is_not_found(mine: Client, squid: Squid) -> None:
    other = factories.squid(factories.user("other"))
    path = reverse("runs:usage")
    assert mine.get(f"{path}?squid={other.uid}").status_code == 404
    assert mine.get(f"{path}?squid=nonsense").status_code == 404
    assert mine.get(f"{path}?days=nonsense").status_code == 200


def test_more_squids_take_no_more_queries(
    mine: Client, owner: User, squid: Squid, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        spend(factories.run(factories.squid(owner)), datetime.now(UTC), 1)
    mine.get(reverse("runs:usage"))
    with django_assert_max_num_queries(14):
        assert mine.get(reverse("runs:usage")).status_code == 200
