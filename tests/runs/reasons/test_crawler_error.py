"""A bug of the crawler stops the run in Error with everything kept; mended, the run goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs import jobs, lifecycle
from runs.models import Line, Run
from runs.states import Reason, Status
from squids import actions
from squids.models import Crawler, Squid
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def errored(site: DemoSite, make_squid: MakeSquid, tmp_path: Path) -> Run:
    """One good task and one that meets the bug, until ``mended`` exists in ``tmp_path``."""
    squid = make_squid(
        f"{site.url}/category/kitchen/",
        f"{site.url}/category/garden/?bug",
        crawler="test-bug",
        concurrency=1,
        mended=str(tmp_path / "mended"),
    )
    run = lifecycle.start(squid, by="owner")
    work()
    return fresh(run)


def test_the_run_says_what_happened_and_keeps_its_rows(errored: Run) -> None:
    assert (errored.status, errored.reason) == (Status.ERROR, Reason.CRAWLER_ERROR)
    assert errored.message.startswith("ZeroDivisionError: a bug of the crawler (http://")
    assert "ZeroDivisionError" in errored.traceback
    assert errored.results > 0
    last = Line.objects.get(run=errored, number=errored.last_line)
    assert last.level == "error"
    assert broken(errored) == []


def test_resolved_it_goes_on_from_where_it_stood(errored: Run, tmp_path: Path) -> None:
    (tmp_path / "mended").touch()
    actions.report_problem(errored.crawler, "Garden pages")
    assert lifecycle.resolve(errored.crawler, by="operator").errored == 1
    assert not Crawler.objects.get(pk=errored.crawler_id).has_problem
    work()
    run = fresh(errored)
    assert (run.status, run.message) == (Status.DONE, "")
    assert run.results > errored.results
    assert lifecycle.resolve(errored.crawler, by="operator").errored == 0
    assert broken(run) == []


def test_a_newer_run_supersedes_it(errored: Run, tmp_path: Path) -> None:
    (tmp_path / "mended").touch()
    newer = lifecycle.start(errored.squid, by="owner")
    assert fresh(errored).superseded
    work()
    assert fresh(newer).status == Status.DONE
    assert lifecycle.resolve(errored.crawler, by="operator").errored == 0
    assert fresh(errored).status == Status.ERROR


def test_two_operators_at_once_resume_it_once(errored: Run, tmp_path: Path) -> None:
    (tmp_path / "mended").touch()

    def resolve(name: str) -> int:
        try:
            return lifecycle.resolve(Crawler.objects.get(pk=errored.crawler_id), by=name).errored
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(resolve, ["ann", "bob", "cid", "dee"])) == 1
    work()
    run = fresh(errored)
    assert run.status == Status.DONE
    assert run.events.filter(source=Status.ERROR).count() == 1
    assert run.results == run.unique_results
    assert broken(run) == []


def test_resolved_half_way_the_dispatcher_goes_on(errored: Run, tmp_path: Path) -> None:
    """As a process leaves it that is killed once the resolution is written."""
    (tmp_path / "mended").touch()
    Run.objects.filter(pk=errored.pk).update(wake_at=timezone.now())
    jobs.tick()
    work()
    assert fresh(errored).status == Status.DONE
    assert lifecycle.retry_resolved() == 0


def test_resolved_while_its_squid_is_off_it_is_left(errored: Run, tmp_path: Path) -> None:
    lifecycle.deactivate(errored.squid, by="owner")
    assert lifecycle.resolve(errored.crawler, by="operator").errored == 0
    actions.activate(Squid.objects.get(pk=errored.squid_id))
    jobs.tick()
    assert (fresh(errored).status, fresh(errored).wake_at) == (Status.ERROR, None)


def test_its_owner_cannot_resume_it(errored: Run) -> None:
    client = Client()
    client.force_login(errored.owner)
    answer = client.post(reverse("runs:resume", args=[errored.uid]), follow=True)
    assert "not in a state that allows this" in answer.content.decode()
    newer = lifecycle.start(errored.squid, by="owner")
    assert client.post(reverse("runs:resume", args=[errored.uid])).status_code == 302
    assert fresh(errored).status == Status.ERROR
    assert fresh(newer).status == Status.PENDING
