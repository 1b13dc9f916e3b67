"""A slice holds many runs, takes new ones in, and gives every lease back at its end."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from runs import jobs, lifecycle
from runs.models import HostRule, Lease, Line, Run
from runs.states import Status
from runs.worker.slice import STOPPING, Slice
from squids.models import Squid
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow_runs(site: DemoSite, make_squid: MakeSquid) -> list[Run]:
    HostRule.objects.create(host=site.address, in_flight=32)
    squids = [make_squid(f"{site.url}/slow/10000/shop/?n={n}", concurrency=1) for n in range(5)]
    return [lifecycle.start(squid, by="owner") for squid in squids]


def test_a_new_run_is_done_beside_slow_ones(
    slow_runs: list[Run], site: DemoSite, make_squid: MakeSquid
) -> None:
    with worker(site.address):
        wait_until(lambda: all(fresh(run).status == Status.RUNNING for run in slow_runs))
        quick = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
        wait_until(lambda: fresh(quick).is_done)
    assert [fresh(run).pages for run in slow_runs] == [0] * 5
    assert fresh(quick).status == Status.DONE


def test_cut_at_its_end_it_gives_every_lease_back_and_rings(slow_runs: list[Run]) -> None:
    OrmQ.objects.all().delete()
    work(budget=0.3, drain=0.3)
    assert not Lease.objects.exclude(token="").exists()
    assert OrmQ.objects.count() >= len(slow_runs)
    assert {fresh(run).status for run in slow_runs} == {Status.RUNNING}
    assert all(broken(fresh(run)) == [] for run in slow_runs)


def test_past_its_budget_it_finishes_pages_in_flight(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/700/shop/"), by="owner")
    work(budget=0.3, drain=30)
    run = fresh(run)
    assert (run.status, run.pages, run.results) == (Status.RUNNING, 1, 20)
    assert Lease.objects.get(run=run).is_free


def test_a_stopping_site_gives_leases_back_at_once(slow_runs: list[Run]) -> None:
    STOPPING.touch()
    try:
        work(budget=60, drain=60)
    finally:
        STOPPING.unlink()
    assert not Lease.objects.exclude(token="").exists()


def test_a_run_that_must_wait_gives_its_lease_back(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/retry-after/30"), by="owner")
    asyncio.run(Slice(budget=5, idle=0).work())
    run = fresh(run)
    assert run.status == Status.RUNNING
    assert run.wake_at and 20 < (run.wake_at - timezone.now()).total_seconds() <= 31
    assert Lease.objects.get(run=run).is_free
    assert Line.objects.filter(run=run, text__contains="trying again in").exists()
    assert work() == 0
    assert fresh(run).wake_at == run.wake_at


def test_no_more_slices_than_places(settings: object, make_squid: MakeSquid) -> None:
    place = partial(jobs._place, "slices", 2)
    with place() as first, place() as second, place() as third:
        assert (first, second, third) == (True, True, False)
    with place() as again:
        assert again


def test_the_dispatcher_rings_for_what_was_lost(make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid("http://shop.example/"), by="owner")
    OrmQ.objects.all().delete()
    jobs.tick()
    assert OrmQ.objects.count() == 1
    Run.objects.filter(pk=run.pk).update(status=Status.PAUSED)
    OrmQ.objects.all().delete()
    jobs.tick()
    assert OrmQ.objects.count() == 0


def test_the_queue_calls_the_dispatcher_by_itself() -> None:
    jobs.schedule_tick()
    jobs.schedule_tick()
    schedule = Schedule.objects.get()
    assert (schedule.func, schedule.minutes, schedule.repeats) == ("runs.jobs.tick", 1, -1)
    assert schedule.next_run <= timezone.now()


def test_a_squid_changed_meanwhile_does_not_change_the_run(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    squid = make_squid(f"{site.url}/category/kitchen/")
    run = lifecycle.start(squid, by="owner")
    Squid.objects.filter(pk=squid.pk).update(params={"max_results": 1})
    work()
    assert fresh(run).results > 1
