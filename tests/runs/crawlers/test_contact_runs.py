"""The contact finder by the real worker, on a site with contacts of all kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from runs import credits, lifecycle
from runs.models import Line, Result, Run, RunTask
from runs.states import Status, TaskReason, TaskStatus
from squids import actions
from tests.dns_server import NameServer, name_server, servfail
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, Hit, Site
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = ("verified_emails", "phone_details")


@pytest.fixture
def names(settings: Settings) -> Iterator[NameServer]:
    with name_server() as server:
        settings.DNS = (server.place,)
        yield server


def launch(
    make_squid: MakeSquid, *urls: str, functions: tuple[str, ...] = (), **params: Any
) -> Run:
    squid = make_squid(*urls, crawler="contact-finder", **params)
    if functions:
        actions.update_squid(squid, {"functions": dict.fromkeys(functions, True)})
    run = lifecycle.start(squid, by="owner")
    work()
    return fresh(run)


def rows(run: Run) -> dict[str, dict[str, Any]]:
    return {result.row["value"]: result.row for result in Result.objects.filter(run=run)}


def footer(*more: str) -> str:
    links = "".join(f"<a href='{place}'>{place}</a>" for place in more)
    return f"<footer><a href='mailto:info@lamps.de'>info@lamps.de</a>{links}</footer>"


def a_site(web: Site) -> None:
    web.page("/", "<html lang=de>" + footer("/p/1", "/p/2", "/p/3", "/private/contact", "/kontakt"))
    web.page("/robots.txt", "User-agent: *\nDisallow: /private", "text/plain")
    web.page("/private/contact", "<p>boss@lamps.de")
    web.page(
        "/kontakt",
        "<html lang=de><p>Verkauf: sales [at] lamps [dot] de<p>Tel.: 030 901820 "
        "<a href='tel:+11111111111'>x</a><a href='https://x.com/lamps'>X</a>"
        + footer("/team", "/gone/contact"),
    )
    web.page("/team", "<html lang=de><p>ann@gone.de, bob@broken.de" + footer())
    for number in range(1, 4):
        web.page(f"/p/{number}", footer())


def test_a_whole_site(web: Site, make_squid: MakeSquid) -> None:
    a_site(web)
    run = launch(make_squid, web.url())
    assert run.status == Status.DONE and broken(run) == []
    found = rows(run)
    assert list(found) == [
        "info@lamps.de",
        "+11111111111",
        "https://x.com/lamps",
        "sales@lamps.de",
        "+4930901820",
        "ann@gone.de",
        "bob@broken.de",
    ]
    assert {row["site"] for row in found.values()} == {web.place}
    assert found["sales@lamps.de"]["label"] == "Verkauf"
    assert found["sales@lamps.de"]["source"] == web.url("/kontakt")
    assert (run.results, run.unique_results, run.credits) == (7, 7, 7_000)
    [task] = RunTask.objects.filter(run=run)
    assert (task.status, task.reason) == (TaskStatus.COMPLETED, TaskReason.COMPLETED)
    assert web.paths()[:4] == ["/", "/kontakt", "/gone/contact", "/team"]
    assert Line.objects.filter(run=run, level="warning", text="Left out: HTTP status 404").exists()
    assert Line.objects.filter(run=run, level="warning", text__contains="robots.txt").exists()


def test_no_more_pages_than_allowed(web: Site, make_squid: MakeSquid) -> None:
    a_site(web)
    launch(make_squid, web.url(), max_pages=3)  # one of them is closed to robots
    assert web.paths() == ["/", "/kontakt"]


def test_functions_cost_where_they_found_something(
    web: Site, names: NameServer, make_squid: MakeSquid
) -> None:
    a_site(web)
    names.zone["lamps.de"] = {"MX": ["20 b.lamps.de.", "10 a.lamps.de."]}
    names.odd["broken.de"] = servfail
    run = launch(make_squid, web.url(), functions=BOTH)
    assert run.status == Status.DONE and broken(run) == []
    checks = {v: (r["email_check"], r["mail_server"]) for v, r in rows(run).items() if "@" in v}
    assert checks == {
        "info@lamps.de": ("accepts_mail", "a.lamps.de"),
        "sales@lamps.de": ("accepts_mail", "a.lamps.de"),
        "ann@gone.de": ("no_such_domain", None),
        "bob@broken.de": ("unknown", None),
    }
    costs = {cost.function: (cost.attempts, cost.hits, cost.amount) for cost in credits.costs(run)}
    assert costs == {
        "base": (7, 7, 7_000),
        "verified_emails": (4, 2, 1_000),
        "phone_details": (2, 1, 200),
    }
    assert names.asked.count(("lamps.de", "MX", "udp")) == 1  # the resolver remembers


def test_two_sites_with_the_same_address_have_a_row_each(
    web: Site, make_squid: MakeSquid, settings: Settings
) -> None:
    web.page("/", footer())
    settings.ALLOW_PRIVATE = settings.ALLOW_PRIVATE | {f"localhost:{web.port}"}
    run = launch(make_squid, web.url(), web.url(host="localhost"))
    assert (run.results, run.unique_results) == (2, 2)


def test_a_site_that_goes_away_on_the_way_pauses_the_run(web: Site, make_squid: MakeSquid) -> None:
    def away(hit: Hit) -> Answer:
        return Answer(b"down", 503)

    web.page("/", footer(*[f"/p/{number}" for number in range(9)]))
    for number in range(9):
        web.pages[f"/p/{number}"] = away
    run = launch(make_squid, web.url())
    assert run.status == Status.PAUSED
    for number in range(9):
        web.page(f"/p/{number}", f"<p>p{number}@lamps.de")
    lifecycle.resume(run, by="owner")
    work()
    assert fresh(run).status == Status.DONE
    assert len(rows(run)) == 1 + 9 - 2  # of two pages nobody was told
    assert broken(fresh(run)) == []
