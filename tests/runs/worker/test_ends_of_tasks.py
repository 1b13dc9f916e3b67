"""What ended every task names the end of the run, by the real worker on the demo site."""

from __future__ import annotations

from typing import Any

import pytest

from lobstr_site.demo import news
from runs import lifecycle
from runs.models import Line, Run, RunTask
from runs.states import Reason, Status, TaskReason
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

NEWS: dict[str, Any] = {
    "rows": "article.post",
    "fields": {"title": "a.title"},
    "next": "li.next a::attr(href)",
}
SHOP = {"rows": "article.product", "fields": {"sku": ".sku"}, "next": "li.next a"}


def ended(make_squid: MakeSquid, *urls: str, **params: Any) -> Run:
    run = lifecycle.start(make_squid(*urls, crawler="web-scraper", **params), by="owner")
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    assert broken(run) == []
    return run


def reasons(run: Run) -> list[str]:
    tasks = RunTask.objects.filter(run=run).order_by("position")
    return list(tasks.values_list("reason", flat=True))


def test_a_listing_without_a_next_link_is_simply_done(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    run = ended(make_squid, f"{site.url}/category/kitchen/", recipe=SHOP)
    assert (run.reason, reasons(run)) == (Reason.TASKS_DONE, [TaskReason.COMPLETED])


def test_paging_past_its_end_is_the_last_page(site: DemoSite, make_squid: MakeSquid) -> None:
    urls = [f"{site.url}/news/", f"{site.url}/news/?again"]
    run = ended(make_squid, *urls, recipe=NEWS)
    assert (run.reason, run.message) == (Reason.LAST_PAGE_REACHED, "")
    assert reasons(run) == [TaskReason.LAST_PAGE] * 2
    assert run.unique_results == news.POSTS
    assert run.pages == 2 * (news.POSTS // news.PER_PAGE + 1)
    assert Line.objects.filter(run=run, text=TaskReason.LAST_PAGE.label).count() == 2


def test_detail_pages_behind_the_last_page_are_still_read(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    detail = {"link": "a.title", "fields": {"text": ".text"}}
    run = ended(make_squid, f"{site.url}/news/page-6.html", recipe=NEWS | {"detail": detail})
    assert (run.reason, run.unique_results) == (Reason.LAST_PAGE_REACHED, 10)


def test_limits_of_every_task(site: DemoSite, make_squid: MakeSquid) -> None:
    urls = [f"{site.url}/category/{name}/" for name in ("kitchen", "garden")]
    run = ended(make_squid, *urls, recipe=SHOP, max_results=30)
    assert (run.reason, reasons(run)) == (
        Reason.MAX_RESULTS_REACHED,
        [TaskReason.MAX_RESULTS] * 2,
    )


def test_a_limit_on_the_last_page_comes_first(site: DemoSite, make_squid: MakeSquid) -> None:
    """The paging ended and then the limit cut its detail pages: the limit is what ended it."""
    detail = {"link": "a.title", "fields": {"text": ".text"}}
    recipe = NEWS | {"detail": detail}
    run = ended(make_squid, f"{site.url}/news/page-6.html", recipe=recipe, max_results=5)
    assert (run.reason, run.unique_results) == (Reason.MAX_RESULTS_REACHED, 5)


@pytest.mark.parametrize("other", ["/news/post-1.html", "/status/404"])
def test_one_task_that_ended_otherwise(site: DemoSite, make_squid: MakeSquid, other: str) -> None:
    run = ended(make_squid, f"{site.url}/news/", f"{site.url}{other}", recipe=NEWS)
    assert run.reason == Reason.TASKS_DONE
    assert reasons(run)[0] == TaskReason.LAST_PAGE


def test_the_end_of_the_paging_is_no_excuse(site: DemoSite, make_squid: MakeSquid) -> None:
    """A detail page failed, and then the last listing page was reached: the task has failed."""
    detail = {"link": "(concat('/status/404/', .//a/@href))", "fields": {"text": ".text"}}
    run = ended(make_squid, f"{site.url}/news/page-6.html", recipe=NEWS | {"detail": detail})
    assert (run.tasks_failed, run.reason) == (1, Reason.TASKS_DONE)
    assert reasons(run) == [TaskReason.REQUEST_FAILED]


def test_max_pages_is_exact_and_says_so(site: DemoSite, make_squid: MakeSquid) -> None:
    run = ended(make_squid, f"{site.url}/endless/1", recipe=SHOP, max_pages=3)
    assert (run.pages, run.unique_results, run.reason) == (3, 3, Reason.TASKS_DONE)
    text = "The limit of 3 listing pages is reached; the chain goes on"
    assert Line.objects.filter(run=run, text=text).count() == 1
