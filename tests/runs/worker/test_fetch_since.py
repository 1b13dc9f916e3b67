"""Rows since a moment, by the real worker on the demo site's news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lobstr_site.demo import news
from runs import lifecycle
from runs.models import Line, Result, Run, RunTask
from runs.states import Reason, Status, TaskReason
from squids import errors
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

POSTED = {"select": "time::attr(datetime)", "type": "date"}
NEWS: dict[str, Any] = {
    "rows": "article.post",
    "fields": {"title": "a.title", "posted": POSTED},
    "next": "li.next a::attr(href)",
    "date": "posted",
}
LATER = NEWS | {
    "fields": {"title": "a.title"},
    "detail": {"link": "a.title", "fields": {"posted": POSTED}},
}


def ended(run: Run) -> Run:
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert broken(run) == []
    return run


def expected(line: datetime, newest: Any = news.NEWEST) -> int:
    return sum(news.posted_at(n, newest) >= line for n in range(1, news.POSTS + 1))


def reason(run: Run) -> str:
    return RunTask.objects.get(run=run).reason


@pytest.mark.parametrize(("recipe", "pages"), [(NEWS, 3), (LATER, 3 + 30)])
def test_it_reads_as_far_as_the_date(
    site: DemoSite, make_squid: MakeSquid, recipe: dict[str, Any], pages: int
) -> None:
    """The date stands in the listing, or only on the detail pages."""
    squid = make_squid(
        f"{site.url}/news/", crawler="web-scraper", recipe=recipe, fetch_since="2025-06-18 18:00"
    )
    run = ended(lifecycle.start(squid, by="owner"))
    assert run.unique_results == expected(datetime(2025, 6, 18, 18, tzinfo=UTC)) == 25
    assert (reason(run), run.reason) == (TaskReason.TOO_OLD, Reason.TASKS_DONE)
    assert run.pages == pages
    assert run.credits == 25_000
    older = "older than 2025-06-18 18:00 UTC"
    assert Line.objects.filter(run=run, text__contains=older).exists()


def test_a_day_in_another_zone(site: DemoSite, make_squid: MakeSquid) -> None:
    """Midnight of Tokyo's 26th is 15:00 UTC of the 25th: a post of that day's 18:00 is in."""
    squid = make_squid(
        f"{site.url}/news/",
        crawler="web-scraper",
        recipe=NEWS,
        fetch_since="2025-06-26",
        fetch_since_timezone="Asia/Tokyo",
    )
    run = ended(lifecycle.start(squid, by="owner"))
    assert run.unique_results == expected(datetime(2025, 6, 25, 15, tzinfo=UTC)) == 11


def test_a_relative_line_stays_where_the_launch_drew_it(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    today = timezone.now().date()
    squid = make_squid(
        f"{site.url}/news-from/{today}/", crawler="web-scraper", recipe=NEWS, fetch_since="9d"
    )
    before = timezone.now()
    run = lifecycle.start(squid, by="owner")
    line = datetime.fromisoformat(run.settings["params"]["fetch_since"])
    assert before - timedelta(days=9, seconds=1) <= line <= timezone.now() - timedelta(days=9)
    # It is paused for a long time, here by a line drawn so much earlier, and then goes on.
    line -= timedelta(days=5)
    run.settings["params"]["fetch_since"] = line.isoformat()
    Run.objects.filter(pk=run.pk).update(settings=run.settings)
    lifecycle.pause(run, by="owner")
    lifecycle.resume(run, by="owner")
    run = ended(run)
    assert run.unique_results == expected(line, today) > expected(line + timedelta(days=5), today)
    oldest = min(row.row["posted"] for row in Result.objects.filter(run=run))
    assert datetime.fromisoformat(oldest) >= line


def test_all_of_it_is_new(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(
        f"{site.url}/news/", crawler="web-scraper", recipe=NEWS, fetch_since="2020-01-01"
    )
    run = ended(lifecycle.start(squid, by="owner"))
    assert (run.unique_results, run.reason) == (news.POSTS, Reason.LAST_PAGE_REACHED)


def test_a_day_that_is_yet_to_come_cannot_be_launched(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    squid = make_squid(
        f"{site.url}/news/", crawler="web-scraper", recipe=NEWS, fetch_since="2999-01-01"
    )
    with pytest.raises(errors.SquidNotReady, match="yet to come"):
        lifecycle.start(squid, by="owner")
