"""An operator takes a crawler out of service: its runs pause, and go on once it is back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs import jobs, lifecycle
from runs.models import Run
from runs.states import Reason, Status
from squids import errors
from squids.models import Crawler, User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def save(desk: Client, crawler: Crawler, **values: str) -> None:
    path = reverse("admin:squids_crawler_change", args=[crawler.pk])
    assert desk.post(path, values).status_code == 302


@pytest.mark.parametrize(
    ("off", "on"),
    [
        ({"problem": "The site changed.", "is_available": "on"}, {"is_available": "on"}),
        ({}, {"is_available": "on"}),
    ],
)
def test_it_goes_on_where_it_stood(
    off: dict[str, str], on: dict[str, str], desk: Client, site: DemoSite, make_squid: MakeSquid
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    work(budget=0.3)
    before = fresh(run)
    save(desk, run.crawler, **off)
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.MODULE_UNDER_MAINTENANCE)
    assert (paused.message, paused.results) == (off.get("problem", ""), before.results)
    assert lifecycle.wake_paused(timezone.now()) == work() == 0
    save(desk, run.crawler, **on)
    assert lifecycle.wake_paused(timezone.now()) == 1
    work()
    run = fresh(run)
    assert (run.status, run.results) == (Status.DONE, run.unique_results)
    assert run.results > before.results
    assert broken(run) == []


def test_a_queued_run_waits_too(desk: Client, site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    Crawler.objects.update(problem="Broken.")  # as it is while the operator's save goes on
    work()
    run = fresh(run)
    assert (run.status, run.reason, run.pages) == (Status.PAUSED, "module_under_maintenance", 0)
    with pytest.raises(errors.CrawlerUnavailable, match=r"under maintenance at present. Broken\."):
        lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    with pytest.raises(errors.Hindered, match=r"under maintenance. Broken\."):
        lifecycle.resume(run, by="owner")
    assert fresh(run).last_line == run.last_line


def test_what_was_paused_for_another_cause_stays_so(
    desk: Client, site: DemoSite, make_squid: MakeSquid
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    lifecycle.pause(run, by="owner")
    save(desk, run.crawler, problem="Broken.", is_available="on")
    save(desk, run.crawler, is_available="on")
    assert lifecycle.wake_paused(timezone.now()) == 0
    assert Run.objects.get().reason == Reason.PAUSED_BY_HAND


def test_paused_as_the_crawler_came_back_it_goes_on(site: DemoSite, make_squid: MakeSquid) -> None:
    """Nobody nudged it: the pause was written after the operator's look at what is paused."""
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    Crawler.objects.update(problem="Broken.")
    work()
    Crawler.objects.update(problem="")
    jobs.tick()
    work()
    assert fresh(run).status == Status.DONE


def test_a_crawler_that_is_back_pauses_nothing(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    assert lifecycle.pause_for_maintenance(run.crawler, by="operator") == 0
    assert fresh(run).status == Status.PENDING
