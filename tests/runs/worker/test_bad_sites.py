"""What sites do wrong: each fails its task with words that say what happened, and loses nothing."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import Line, RunTask
from runs.states import Reason, Status, TaskReason, TaskStatus
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.reasons.conftest import wake

pytestmark = pytest.mark.django_db(transaction=True)

TRIED_ONCE_MORE = ("status/500", "nothing")
"""As the run's last page they may be an outage."""


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("status/500", "HTTP status 500"),
        ("garbage", "did not answer with HTTP"),
        ("nothing", "answer"),
        ("redirect-loop", "edirect"),
        ("bomb", "more than 20 MB"),
        ("huge", "more than 20 MB"),
        ("forbidden/", "robots.txt"),
    ],
)
def test_the_task_fails_with_its_reason(
    path: str, says: str, site: DemoSite, make_squid: MakeSquid
) -> None:
    squid = make_squid(f"{site.url}/{path}", f"{site.url}/category/kitchen/", crawler="web-scraper")
    run = lifecycle.start(squid, by="owner")
    work()
    if path in TRIED_ONCE_MORE:
        assert fresh(run).is_paused
        wake(run)
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    bad, good = RunTask.objects.filter(run=run).order_by("position")
    assert (bad.status, bad.reason) == (TaskStatus.FAILED, TaskReason.REQUEST_FAILED)
    assert says in bad.message
    assert Line.objects.filter(run=run, level="error", text__contains=says).exists()
    assert (good.status, good.results) == (TaskStatus.COMPLETED, 1)
    assert says in run.message
    assert broken(run) == []


def test_private_addresses_are_refused(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid("http://127.0.0.1:9/", f"{site.url}/redirect-to?url=http://127.0.0.1:9/")
    run = lifecycle.start(squid, by="owner")
    work()
    tasks = RunTask.objects.filter(run=run)
    assert [task.status for task in tasks] == [TaskStatus.FAILED] * 2
    assert all("private address" in task.message for task in tasks)


def test_an_endless_chain_ends_at_its_limit(site: DemoSite, make_squid: MakeSquid) -> None:
    recipe = {"rows": "article", "fields": {"title": "a"}, "next": "a[rel=next]::attr(href)"}
    squid = make_squid(f"{site.url}/endless/1", crawler="web-scraper", recipe=recipe, max_pages=25)
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.pages) == (Status.DONE, 25)
    assert Line.objects.filter(run=run, text__contains="the chain goes on").exists()
    assert broken(run) == []


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "windows-1251", "shift_jis"])
def test_odd_encodings_are_read(encoding: str, site: DemoSite, make_squid: MakeSquid) -> None:
    recipe = {"rows": "article.product", "fields": {"title": "a.title", "price": ".price"}}
    plain = make_squid(f"{site.url}/category/kitchen/", crawler="web-scraper", recipe=recipe)
    odd = make_squid(
        f"{site.url}/encoding/{encoding}/category/kitchen/", crawler="web-scraper", recipe=recipe
    )
    runs = [lifecycle.start(squid, by="owner") for squid in (plain, odd)]
    work()
    titles = [[row.row["title"] for row in fresh(run).rows.order_by("number")] for run in runs]
    assert titles[0] and titles[0] == titles[1]
