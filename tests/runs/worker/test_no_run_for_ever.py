"""A run ends, whatever the site, the crawler or the slices do to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from runs import leases, lifecycle
from runs.models import HostRule, Request, Run, RunTask
from runs.states import Reason, Status, TaskStatus
from runs.worker import claims
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def test_tries_add_up_over_slices_that_are_shorter_than_the_sites_silence(
    site: DemoSite, make_squid: MakeSquid, settings: Settings
) -> None:
    settings.FETCH_TIMEOUT = 1.0
    run = lifecycle.start(make_squid(f"{site.url}/hang"), by="owner")
    for tries in (1, 2, 3):
        work(budget=0.5, drain=5)
        assert [request.tries for request in Request.objects.filter(run=run)] == [tries]
        assert fresh(run).status == Status.RUNNING
        Request.objects.update(not_before=None)
        Run.objects.update(wake_at=None)
    work(budget=0.5, drain=5)
    run = fresh(run)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.WEBSITE_INACCESSIBLE)
    assert [request.tries for request in Request.objects.filter(run=run)] == [0]
    assert broken(run) == []


def test_a_bug_with_a_nul_in_its_words_is_an_error_like_any_other(
    site: DemoSite, make_squid: MakeSquid, tmp_path: Path
) -> None:
    squid = make_squid(
        f"{site.url}/category/toys/?bug&nul", crawler="test-bug", mended=str(tmp_path / "no")
    )
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.ERROR, Reason.CRAWLER_ERROR)
    assert "\ufffd" in run.message and "\0" not in run.traceback


def test_a_site_that_boasts_is_read_all_the_same(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(
        make_squid(f"{site.url}/category/toys/", crawler="test-boaster"), by="owner"
    )
    work()
    assert fresh(run).status == Status.DONE
    assert RunTask.objects.get(run=run).expected_results is None


def test_suspects_follow_each_other_beside_busy_runs(site: DemoSite, make_squid: MakeSquid) -> None:
    HostRule.objects.create(host=site.address, in_flight=32)
    urls = [f"{site.url}/category/toys/?n={n}" for n in range(3)]
    hit = lifecycle.start(make_squid(*urls), by="owner")
    RunTask.objects.filter(run=hit).update(status=TaskStatus.RUNNING, suspect=True)
    other = lifecycle.start(make_squid(f"{site.url}/category/music/"), by="owner")
    Run.objects.filter(pk=hit.pk).update(updated_at=timezone.now())
    for suspects in (2, 1, 0):
        [hold] = claims.take(leases.this_process(), claims.Room(9, 64), idle=True, new_only=False)
        assert (hold.run_id, bool(hold.alone)) == (hit.pk, True)
        RunTask.objects.filter(pk=hold.alone or 0).update(suspect=False)
        claims.give_back(hold)
        assert RunTask.objects.filter(run=hit, suspect=True).count() == suspects
    holds = claims.take(leases.this_process(), claims.Room(9, 64), idle=True, new_only=False)
    assert {hold.run_id for hold in holds} == {hit.pk, other.pk}


def test_a_slice_takes_no_more_instances_than_it_may(make_squid: MakeSquid) -> None:
    for number in range(4):
        lifecycle.start(make_squid(f"http://shop.example/{number}", concurrency=10), by="owner")
    holds = claims.take(leases.this_process(), claims.Room(40, 20), idle=True, new_only=False)
    assert len(holds) == 2
