"""The feed reader by the real worker, on a site with good and bad feeds."""

from __future__ import annotations

import gzip

import pytest

from runs import lifecycle
from runs.models import Result, RunTask
from runs.states import Reason, Status, TaskReason, TaskStatus
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Site
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = 5


def page(number: int) -> str:
    onward = f"<link rel='next' href='/{number + 1}.xml'/>" if number < PAGES else ""
    entries = "".join(
        f"<entry><id>urn:{number}-{n}</id><title>Entry {n}</title><link href='/e/{number}/{n}'/>"
        f"<updated>2025-06-{30 - number:02}T09:00:00Z</updated></entry>"
        for n in range(4)
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title>{onward}{entries}</feed>"


@pytest.fixture
def news(web: Site) -> Site:
    for number in range(1, PAGES + 1):
        web.page(f"/{number}.xml", page(number), "application/atom+xml")
    link = "<link rel=alternate type='application/atom+xml' href='/1.xml'>"
    web.page("/", f"<!DOCTYPE html><head>{link}</head><p>News")
    return web


def test_a_site_by_its_web_page_to_the_last_page(news: Site, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(news.url(), crawler="feed-reader"), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.LAST_PAGE_REACHED)
    assert (run.unique_results, run.credits) == (4 * PAGES, 400 * PAGES)
    assert news.paths() == ["/", *[f"/{number}.xml" for number in range(1, PAGES + 1)]]
    assert broken(run) == []


def test_since_a_date(news: Site, make_squid: MakeSquid) -> None:
    squid = make_squid(news.url("/1.xml"), crawler="feed-reader", fetch_since="2025-06-28 00:00")
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert run.unique_results == 8
    assert RunTask.objects.get(run=run).reason == TaskReason.TOO_OLD
    assert news.paths() == ["/1.xml", "/2.xml", "/3.xml"]


def test_bad_feeds_fail_alone(news: Site, make_squid: MakeSquid) -> None:
    news.redirect("/loop", "/loop")
    news.page("/bomb", gzip.compress(b"<rss>" + b" " * 110_000_000, 9), "application/rss+xml")
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    item = "<rss><channel><item><title>a&e11;</title></item></channel></rss>"
    news.page("/laughs", f'<!DOCTYPE r [<!ENTITY e0 "ha">{laughs}]>{item}', "text/xml")
    news.page("/none", "<html>", "text/html")
    paths = ["/loop", "/bomb", "/none", "/gone", "/laughs", "/5.xml"]
    squid = make_squid(*[news.url(path) for path in paths], crawler="feed-reader")
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 4)
    tasks = list(RunTask.objects.filter(run=run).order_by("position"))
    assert [task.status for task in tasks[:4]] == [TaskStatus.FAILED] * 4
    said = [task.message for task in tasks[:4]]
    for words, message in zip(("circle", "100 MB", "names no feed", "404"), said, strict=True):
        assert words in message
    titles = [result.row["title"] for result in Result.objects.filter(run=run)]
    assert titles.count("a&e11;") == 1 and len(titles) == 5
    assert broken(run) == []
