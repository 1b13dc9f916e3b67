"""Each crawler on a site where almost every page is broken or meant to do harm: each task tells
what was wrong with its own, the good ones are read, and the run goes on to its end."""

from __future__ import annotations

import gzip
from typing import Any

import psutil
import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Result, RunTask
from runs.states import Status, TaskReason, TaskStatus
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, Site
from tests.runs.invariants import broken
from tests.squids.crawlers import hostile

pytestmark = pytest.mark.django_db(transaction=True)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
GOOD: dict[str, tuple[str, str]] = {
    "web-scraper": ("text/html", "<title>Lamps</title><p>good</p>"),
    "json-api-scraper": ("application/json", '{"id": 1, "name": "good"}'),
    "article-scraper": (
        "text/html",
        "<article><h1>Lighthouse</h1>" + "<p>The lighthouse is open again after two years of work, "
        "and visitors may climb it from Monday on, says the keeper.</p>" * 5 + "</article>",
    ),
    "product-scraper": (
        "text/html",
        '<script type="application/ld+json">{"@type": "Product", "name": "Lamp"}</script>',
    ),
    "feed-reader": (
        "application/rss+xml",
        "<rss version='2.0'><channel><item><title>good</title><link>/a</link></item></channel>",
    ),
    "sitemap-scraper": (
        "application/xml",
        f"<urlset xmlns='{SITEMAP}'><url><loc>http://{{place}}/a</loc></url></urlset>",
    ),
    "link-checker": ("text/html", "<a href='/good/here'>here</a>"),
    "contact-finder": ("text/html", "<p>Write to ada@shop.example.com</p>"),
}
READ_LATER = frozenset({"link-checker", "contact-finder", "sitemap-scraper"})
"""Their tasks outlive a page that cannot be had: they tell of it and go on."""
FARM = ("link-checker", "many links")
"""It would ask for every one of sixty thousand, as it should."""
GROWS = 600
"""Megabytes that the process may grow by, at a body of 20 at most."""


def harm(site: Site) -> dict[str, str]:
    """Addresses of what goes wrong on the wire, by what the task is to say."""
    zipped = gzip.compress(b"<p>x</p>" * 5_000_000)
    html = ("Content-Type", "text/html")
    site.pages["/bomb"] = Answer(zipped, headers=(html, ("Content-Encoding", "gzip")))
    site.pages["/torn"] = Answer(zipped[900:1800], headers=(html, ("Content-Encoding", "gzip")))
    site.page("/huge", b"x" * (21 * 1024 * 1024))
    site.page("/picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 3000, "image/png")
    site.page("/empty", b"")
    site.redirect("/round", "/round")
    site.redirect("/inside", "http://127.0.0.1:9/")
    site.pages["/teapot"] = Answer(b"no", 418, (html,))
    return {
        "/bomb": "20 MB",
        "/torn": "cannot be unpacked",
        "/huge": "20 MB",
        "/picture": "",
        "/empty": "",
        "/round": "edirect",
        "/inside": "private address",
        "/teapot": "418",
    }


@pytest.mark.parametrize("slug", hostile.ours())
def test_the_run_goes_on(slug: str, web: Site, make_squid: MakeSquid, settings: Settings) -> None:
    settings.DNS = ()
    said = harm(web)
    kind, good = GOOD[slug]
    bodies = []
    for number, (name, make) in enumerate(hostile.BODIES.items()):
        if (slug, name) != FARM:
            web.page(f"/body/{number}", make()[: 5 * 1024 * 1024], "")
            bodies.append(web.url(f"/body/{number}"))
    places = [web.url(f"/good/{n}") for n in range(2)]
    for n in range(2):
        web.page(f"/good/{n}", good.replace("{place}", web.place), kind)
    params: dict[str, Any] = {"max_pages": 1} if slug in ("link-checker", "contact-finder") else {}
    squid = make_squid(places[0], *map(web.url, said), *bodies, places[1], crawler=slug, **params)
    before = psutil.Process().memory_info().rss
    run = lifecycle.start(squid, by="owner")
    work(budget=240)
    run = fresh(run)
    assert (run.status, broken(run)) == (Status.DONE, [])
    assert psutil.Process().memory_info().rss - before < GROWS * 1024**2
    found = RunTask.objects.filter(run=run).select_related("task")
    tasks = {task.task.params["url"]: task for task in found}
    for url in places:
        assert tasks[url].status == TaskStatus.COMPLETED, tasks[url].message
        assert Result.objects.filter(run=run, run_task=tasks[url]).exists()
    for path, words in said.items():
        _tells(slug, tasks[web.url(path)], words)
    reasons = {task.reason for task in tasks.values()}
    assert not reasons & {TaskReason.KILLED_WORKER, TaskReason.RUN_ENDED}


def _tells(slug: str, task: RunTask, words: str) -> None:
    if slug in READ_LATER:
        return
    assert task.status == TaskStatus.FAILED, (task.task.params, task.reason)
    assert task.reason in (TaskReason.REQUEST_FAILED, TaskReason.BAD_PAGE)
    assert task.message and words in task.message, (task.task.params, task.message)
