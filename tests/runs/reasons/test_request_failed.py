"""A site that answers with errors pauses the run; once it answers well, nothing is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Line, RunTask
from runs.states import Reason, Status, TaskStatus
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, running_site
from tests.runs.invariants import broken
from tests.runs.reasons.conftest import wake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hasty")]

PAGE = "<article class=product data-sku={}></article>"


def test_it_pauses_and_reads_every_page_afterwards(
    make_squid: MakeSquid, settings: Settings, tmp_path: Path
) -> None:
    settings.HOSTS_DIR = tmp_path / "hosts"
    with running_site() as site:
        settings.ALLOW_PRIVATE = frozenset({site.place})
        paths = [f"/{n}" for n in range(6)]
        for path in paths:
            site.pages[path] = Answer(status=502)
        site.page("/0", PAGE.format(0))
        run = lifecycle.start(make_squid(*map(site.url, paths), concurrency=1), by="owner")
        work()
        run = fresh(run)
        assert (run.status, run.reason) == (Status.PAUSED, Reason.REQUEST_FAILED)
        assert run.message == "HTTP status 502."
        assert (run.tasks_done, run.tasks_failed, run.pages, run.results) == (1, 0, 1, 1)
        line = Line.objects.filter(run=run).latest("number")
        assert line.text.startswith("Paused · The site answers with errors. HTTP status 502. Next")
        for number, path in enumerate(paths):
            site.page(path, PAGE.format(number))
        run = wake(run)
    assert (run.status, run.reason, run.results) == (Status.DONE, Reason.TASKS_DONE, 6)
    done = RunTask.objects.filter(run=run, status=TaskStatus.COMPLETED, message="")
    assert done.count() == 6
    assert broken(run) == []


def test_one_page_that_fails_in_the_middle_costs_its_task_alone(
    make_squid: MakeSquid, settings: Settings, tmp_path: Path
) -> None:
    settings.HOSTS_DIR = tmp_path / "hosts"
    with running_site() as site:
        settings.ALLOW_PRIVATE = frozenset({site.place})
        for number in range(5):
            site.page(f"/{number}", PAGE.format(number))
        site.pages["/2"] = Answer(status=500)
        urls = [site.url(f"/{number}") for number in range(5)]
        run = lifecycle.start(make_squid(*urls, concurrency=1), by="owner")
        work()
    run = fresh(run)
    assert (run.status, run.tasks_failed, run.results) == (Status.DONE, 1, 4)
    assert not run.events.filter(target=Status.PAUSED).exists()
    assert broken(run) == []
