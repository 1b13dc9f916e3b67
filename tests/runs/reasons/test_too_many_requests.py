"""A site that asks for fewer requests is left alone, for as long as it asked where that is more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Request, Run
from runs.states import Reason, Status
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.engine.servers import Answer, Site, running_site
from tests.runs.invariants import broken
from tests.runs.reasons.conftest import wake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hasty")]


def pause_of(run: Run) -> timedelta:
    run = fresh(run)
    assert (run.status, run.reason) == (Status.PAUSED, Reason.TOO_MANY_REQUESTS)
    assert run.wake_at
    return run.wake_at - run.events.latest("pk").at


def allow(site: Site, settings: Settings, folder: Path) -> None:
    """The site may be scraped, and nobody remembers what it asked for."""
    settings.ALLOW_PRIVATE = frozenset({site.place})
    settings.HOSTS_DIR = folder


def test_it_pauses_and_then_reads_the_page(
    make_squid: MakeSquid, settings: Settings, tmp_path: Path
) -> None:
    with running_site() as site:
        allow(site, settings, tmp_path / "hosts")
        site.pages["/shop"] = Answer(status=429)
        run = lifecycle.start(make_squid(site.url("/shop")), by="owner")
        work()
        assert round(pause_of(run) / timedelta(minutes=1)) == 1
        site.page("/shop", "<article class=product data-sku=1></article>")
        run = wake(run)
    assert (run.status, run.results, run.tasks_failed) == (Status.DONE, 1, 0)
    assert broken(run) == []


def test_what_the_site_asked_for_wins_where_it_is_longer(
    make_squid: MakeSquid, settings: Settings, tmp_path: Path
) -> None:
    with running_site() as site:
        site.pages["/shop"] = Answer(status=503, headers=(("Retry-After", "1200"),))
        run = lifecycle.start(make_squid(site.url("/shop")), by="owner")
        for tries in range(1, 5):  # each waits for as long as the site asked
            allow(site, settings, tmp_path / f"hosts{tries}")
            Request.objects.update(not_before=None)
            Run.objects.update(wake_at=None)
            work()
    assert len(site.paths()) == 4
    assert round(pause_of(run) / timedelta(minutes=1)) == 20
    assert broken(fresh(run)) == []
