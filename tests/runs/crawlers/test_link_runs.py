"""The link checker by the real worker, on a site with links of every fate."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Line, Result, Run, RunTask
from runs.states import Status, TaskStatus
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, Hit, Site, running_site
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(web: Site, settings: Settings) -> Iterator[Site]:
    """Another site, for the same run."""
    with running_site() as site:
        settings.ALLOW_PRIVATE = settings.ALLOW_PRIVATE | {site.place}
        yield site


@pytest.fixture
def dead(web: Site, settings: Settings) -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    settings.ALLOW_PRIVATE = settings.ALLOW_PRIVATE | {place}
    return f"http://{place}/"


def links(*places: str) -> str:
    return "<!DOCTYPE html>" + "".join(f"<a href='{place}'>to {place}</a>" for place in places)


def launch(make_squid: MakeSquid, *urls: str, **params: Any) -> Run:
    run = lifecycle.start(make_squid(*urls, crawler="link-checker", **params), by="owner")
    work()
    return fresh(run)


def rows(run: Run) -> dict[str, dict[str, Any]]:
    return {result.row["url"]: result.row for result in Result.objects.filter(run=run)}


def test_links_of_every_fate(web: Site, other: Site, dead: str, make_squid: MakeSquid) -> None:
    def picky(hit: Hit) -> Answer:
        return Answer(b"x", 405 if hit.method == "HEAD" else 200)

    web.page("/", links("/a", "/gone", "/loop", "/moved", "/picky", "/file.pdf", "/private/x"))
    web.page("/robots.txt", "User-agent: *\nDisallow: /private", "text/plain")
    web.page("/a", links("/", "/b", other.url("/fine"), other.url("/gone"), dead, "mailto:x@y.z"))
    web.page("/b", links("/a", dead, other.url("/gone"), "http://no-such-host.invalid/"))
    web.page("/file.pdf", links("/never"), "application/pdf")
    web.redirect("/loop", "/loop")
    web.redirect("/moved", "/moved/again", 301)
    web.redirect("/moved/again", "/b")
    web.pages["/picky"] = picky
    other.page("/fine", links("/not/ours"))
    run = launch(make_squid, web.url())
    found = rows(run)
    assert {url: (row["result"], row["status"], row["error"]) for url, row in found.items()} == {
        web.url("/"): ("ok", 200, None),
        web.url("/a"): ("ok", 200, None),
        web.url("/b"): ("ok", 200, None),
        web.url("/gone"): ("broken", 404, None),
        web.url("/loop"): ("broken", None, "redirect_loop"),
        web.url("/moved"): ("ok", 200, None),
        web.url("/picky"): ("ok", 200, None),
        web.url("/file.pdf"): ("ok", 200, None),
        web.url("/private/x"): ("unknown", None, "robots_denied"),
        other.url("/fine"): ("ok", 200, None),
        other.url("/gone"): ("broken", 404, None),
        dead: ("broken", None, "connect_failed"),
        "http://no-such-host.invalid/": ("broken", None, "dns_failed"),
    }
    assert found[web.url("/moved")]["redirects"] == [
        {"status": 301, "url": web.url("/moved")},
        {"status": 302, "url": web.url("/moved/again")},
    ]
    assert found[web.url("/moved")]["final_url"] == web.url("/b")
    assert found[web.url("/loop")]["redirects"][0] == {"status": 302, "url": web.url("/loop")}
    assert (found[dead]["source"], found[dead]["kind"]) == (web.url("/a"), "external")
    assert found[other.url("/gone")]["text"] == f"to {other.url('/gone')}"
    assert (run.status, run.results, run.unique_results) == (Status.DONE, 13, 13)
    assert RunTask.objects.get(run=run).status == TaskStatus.COMPLETED
    assert not Line.objects.filter(run=run, text__contains="paus").exists()
    assert sorted(hit.path for hit in other.hits if hit.path != "/robots.txt") == [
        "/fine",
        "/gone",
        "/gone",
    ]
    assert broken(run) == []


def test_many_dead_links_pause_nothing(web: Site, dead: str, make_squid: MakeSquid) -> None:
    web.page("/", links(*[f"{dead}{n}" for n in range(8)], "/a"))
    web.page("/a", "<p>Fine")
    run = launch(make_squid, web.url())
    assert run.status == Status.DONE and run.unique_results == 9
    results = [row["result"] for row in rows(run).values()]
    assert results.count("broken") == 8 and results.count("ok") == 1


def test_a_host_that_asks_to_be_left_alone_does_not_hold_the_run(
    web: Site, other: Site, make_squid: MakeSquid
) -> None:
    wait = (("Retry-After", "3000"),)
    for name in ("/1", "/2"):
        other.pages[name] = Answer(b"", 429, wait)
    web.page("/", links(other.url("/1"), other.url("/2")))
    run = launch(make_squid, web.url())
    assert run.status == Status.DONE
    told = [(row["result"], row["status"], row["error"]) for row in rows(run).values()]
    assert told == [("unknown", 429, None), ("unknown", None, "asked_to_wait")]


def test_no_more_pages_and_no_deeper_than_asked(web: Site, make_squid: MakeSquid) -> None:
    for number in range(9):
        web.page(f"/{number}", links(f"/{number + 1}", "/0", f"/{number + 1}#x"))
    run = launch(make_squid, web.url("/0"), max_pages=3)
    read = [hit.path for hit in web.hits if hit.method == "GET" and hit.path != "/robots.txt"]
    assert read == ["/0", "/1", "/2"]
    assert set(rows(run)) == {web.url(f"/{n}") for n in range(4)}
    assert Line.objects.filter(run=run, text__contains="limit of 3 “page”").exists()
    web.hits.clear()
    run = launch(make_squid, web.url("/0"), depth=1)
    assert [hit.path for hit in web.hits if hit.method == "GET"] == ["/0", "/1"]


def test_a_first_page_that_cannot_be_had_fails_its_task(
    web: Site, dead: str, make_squid: MakeSquid
) -> None:
    web.page("/", "<p>No links")
    web.page("/picture", b"\x89PNG", "image/png")
    run = launch(make_squid, web.url("/gone"), web.url("/picture"), web.url())
    tasks = RunTask.objects.filter(run=run).order_by("position")
    assert [task.status for task in tasks] == ["failed", "failed", "completed"]


def test_every_link_of_the_demo_shop(site: DemoSite, make_squid: MakeSquid) -> None:
    run = launch(make_squid, f"{site.url}/shop/", max_pages=5)
    assert run.status == Status.DONE and run.unique_results > 50
    assert {row["kind"] for row in rows(run).values()} == {"internal"}


@pytest.mark.parametrize("refused", [False, True])
def test_a_body_past_the_cap_is_no_broken_link(
    refused: bool, web: Site, make_squid: MakeSquid, settings: Settings
) -> None:
    settings.MAX_BODY = 10_000
    big = Answer(b"x" * 20_000)
    web.page("/", links("/big"))
    web.pages["/big"] = lambda hit: Answer(b"", 405) if refused and hit.method == "HEAD" else big
    assert rows(launch(make_squid, web.url()))[web.url("/big")]["result"] == "ok"
