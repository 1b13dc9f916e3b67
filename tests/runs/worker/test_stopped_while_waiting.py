"""A slice that ends calls off what waits for its host; what is on the wire is read and written."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from runs import lifecycle
from runs.models import HostRule, Lease, Run
from runs.states import Status
from runs.worker.slice import Slice
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, Hit, Site, running_site
from tests.runs.invariants import broken
from tests.runs.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 300.0
NAMES = ("one", "two", "three", "four")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Pages are answered once it is set."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def shop(gate: threading.Event, settings: Settings, tmp_path: Path) -> Iterator[Site]:
    """A site that may be asked one thing at a time."""

    def page(hit: Hit) -> Answer:
        gate.wait(LONG)
        return Answer(b"<article class=product data-sku=1></article>")

    with running_site() as site:
        settings.HOSTS_DIR = tmp_path / "hosts"
        settings.ALLOW_PRIVATE = frozenset({site.place})
        HostRule.objects.create(host=site.place, in_flight=1)
        site.pages |= {f"/{name}": page for name in NAMES}
        yield site


def in_a_thread(part: Slice) -> threading.Thread:
    def run() -> None:
        try:
            asyncio.run(part.work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def free_leases() -> set[int]:
    return set(Lease.objects.filter(token="").values_list("run", flat=True))


def stopped_with_one_on_the_wire(shop: Site, part: Slice) -> threading.Thread:
    """The slice at work, and its budget over as soon as the site has been asked for a page."""
    thread = in_a_thread(part)
    wait_until(lambda: bool(shop.paths()))
    part.budget = 0.0
    return thread


def test_who_waits_is_called_off_and_who_was_sent_is_read(
    shop: Site, gate: threading.Event, make_squid: MakeSquid
) -> None:
    run = lifecycle.start(make_squid(*map(shop.url, map("/{}".format, NAMES))), by="owner")
    part = Slice(budget=LONG, drain=LONG, idle=0.2)
    thread = stopped_with_one_on_the_wire(shop, part)
    working = part._working
    wait_until(lambda: all(w.loop.is_stopped and not w.loop._unsent for w in working.values()))
    gate.set()
    thread.join(60)
    assert not thread.is_alive()
    run = fresh(run)
    assert (run.status, run.pages, len(shop.paths())) == (Status.RUNNING, 1, 1)
    work()
    run = fresh(run)
    assert (run.status, run.pages, run.tasks_done) == (Status.DONE, 4, 4)
    assert sorted(shop.paths()) == sorted(f"/{name}" for name in NAMES)
    assert broken(run) == []


def test_a_run_that_only_waits_gives_its_lease_back_at_once(
    shop: Site, gate: threading.Event, make_squid: MakeSquid
) -> None:
    """Its host is held by another run whose page takes for ever."""
    runs = [lifecycle.start(make_squid(shop.url(f"/{name}")), by="owner") for name in NAMES[:2]]
    thread = stopped_with_one_on_the_wire(shop, Slice(budget=LONG, drain=LONG, idle=0.2))
    wait_until(lambda: len(free_leases()) == 1)
    assert thread.is_alive() and len(shop.paths()) == 1
    gate.set()
    thread.join(60)
    assert not thread.is_alive()
    work()
    assert {fresh(run).status for run in runs} == {Status.DONE}
    assert len(shop.paths()) == 2


def test_a_slice_that_is_cut_takes_all_its_leases_back(
    shop: Site, gate: threading.Event, make_squid: MakeSquid
) -> None:
    """Called off and cut at the same moment: the lease goes back, the page is read later."""
    run = lifecycle.start(make_squid(*map(shop.url, ("/one", "/two"))), by="owner")
    part = Slice(budget=LONG, drain=0.0, idle=0.2)
    thread = stopped_with_one_on_the_wire(shop, part)
    thread.join(60)
    assert not thread.is_alive()
    assert free_leases() == {run.pk}
    gate.set()
    work()
    assert Run.objects.get().status == Status.DONE
