"""The sitemap scraper by the real worker, on a site with all that sitemaps come in."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from runs import lifecycle
from runs.models import LedgerEntry, Line, Result, Run, RunTask
from runs.states import Status, TaskReason, TaskStatus
from squids import actions
from squids.crawlers.sitemap.crawler import DETAILS
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, Site
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def launch(make_squid: MakeSquid, *urls: str, details: bool = False, **params: Any) -> Run:
    squid = make_squid(*urls, crawler="sitemap-scraper", **params)
    if details:
        actions.update_squid(squid, {"functions": {DETAILS: True}})
    run = lifecycle.start(squid, by="owner")
    work()
    return fresh(run)


def rows(run: Run) -> list[dict[str, Any]]:
    return [result.row for result in Result.objects.filter(run=run).order_by("number")]


def xml(kind: str, *places: str) -> str:
    inner = {"urlset": "url", "sitemapindex": "sitemap"}[kind]
    entries = "".join(f"<{inner}><loc>{place}</loc></{inner}>" for place in places)
    return f"<?xml version='1.0'?><{kind}>{entries}</{kind}>"


def test_a_site_with_all_kinds(web: Site, make_squid: MakeSquid) -> None:
    web.page("/robots.txt", "User-agent: *\nDisallow: /private\nSitemap: /index.xml", "text/plain")
    web.page("/index.xml", xml("sitemapindex", "/1.xml", "/2.xml.gz", "/3.txt", "/bomb.gz", "/no"))
    web.page("/1.xml", xml("urlset", "/a", "/b"))
    web.page("/2.xml.gz", gzip.compress(xml("urlset", "/b", "/c").encode()), "application/gzip")
    web.page("/3.txt", f"{web.url('/d')}\n", "text/plain")
    web.page("/bomb.gz", gzip.compress(b"<urlset>" + b" " * 110_000_000, 9), "application/gzip")
    run = launch(make_squid, web.url())
    assert run.status == Status.DONE
    assert [row["url"] for row in rows(run)] == [web.url(f"/{name}") for name in "abbcd"]
    assert (run.unique_results, run.credits) == (4, 400)
    [task] = RunTask.objects.filter(run=run)
    assert (task.status, task.reason) == (TaskStatus.FAILED, TaskReason.BAD_PAGE)
    assert "more than 100 MB" in task.message
    assert Line.objects.filter(run=run, level="error", text="HTTP status 404").exists()
    assert broken(run) == []


def test_the_sitemap_of_a_site_that_closes_all_but_its_robots_file(
    web: Site, make_squid: MakeSquid
) -> None:
    web.page("/robots.txt", "User-agent: *\nDisallow: /\nAllow: /open", "text/plain")
    web.page("/sitemap.xml", xml("urlset", "/a"))
    run = launch(make_squid, web.url())
    [task] = RunTask.objects.filter(run=run)
    assert "disallows" in task.message and web.paths() == []


def test_no_more_sitemaps_than_allowed(web: Site, make_squid: MakeSquid) -> None:
    web.page("/all.xml", xml("sitemapindex", *[f"/{number}.xml" for number in range(9)]))
    for number in range(9):
        web.page(f"/{number}.xml", xml("urlset", f"/page/{number}", "/page/same"))
    run = launch(make_squid, web.url("/all.xml"), max_sitemaps=4)
    assert web.paths() == ["/all.xml", *[f"/{number}.xml" for number in range(4)]]
    assert run.unique_results == 5
    assert Line.objects.filter(run=run, text__contains="limit of 4 “sitemap”").count() == 1
    assert broken(run) == []


def test_page_details_cost_where_they_found_something(web: Site, make_squid: MakeSquid) -> None:
    web.page("/all.xml", xml("urlset", "/a", "/gone", "/file", "/loop"))
    web.page("/a", "<title>Lamps</title><meta name=description content=All>")
    web.page("/file", b"%PDF-1.7", "application/pdf")
    web.redirect("/loop", "/loop")
    run = launch(make_squid, web.url("/all.xml"), details=True)
    found = {row["url"].rpartition("/")[2]: (row["status"], row["title"]) for row in rows(run)}
    assert found == {
        "a": (200, "Lamps"),
        "gone": (404, None),
        "file": (200, None),
        "loop": (None, None),
    }
    paid = LedgerEntry.objects.filter(run=run, function=DETAILS)
    assert (sum(e.attempts for e in paid), sum(e.hits for e in paid)) == (4, 1)
    assert run.credits == 4 * 100 + 400
    assert RunTask.objects.get(run=run).status == TaskStatus.COMPLETED
    assert broken(run) == []


def test_details_of_no_more_pages_than_results_are_asked_for(
    web: Site, make_squid: MakeSquid
) -> None:
    web.page("/all.xml", xml("urlset", *[f"/{number}" for number in range(30)]))
    for number in range(30):
        web.pages[f"/{number}"] = Answer(b"<title>x</title>")
    run = launch(make_squid, web.url("/all.xml"), details=True, max_results=3)
    assert run.results == 3 and len(web.paths()) == 4
