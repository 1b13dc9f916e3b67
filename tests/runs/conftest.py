"""A user with a plan, the demo site, and a worker: the real slice, in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from runs.models import Run
from runs.worker import slice
from squids import actions
from squids.models import Crawler, Plan, Squid, User
from tests.demo_server import DemoSite

CREDIT = 1000


@pytest.fixture
def site(demo_site: DemoSite, settings: Settings, tmp_path: Path) -> DemoSite:
    """The demo shop, which may be scraped although it is private; it remembers no earlier test."""
    settings.HOSTS_DIR = tmp_path / "hosts"
    settings.ALLOW_PRIVATE = frozenset({demo_site.address})
    return demo_site


@pytest.fixture
def plan(db: None) -> Plan:
    return Plan.objects.create(name="Tests", credits=1_000_000 * CREDIT, slots=100)


@pytest.fixture
def owner(plan: Plan) -> User:
    return User.objects.create_user("owner", password="owner", plan=plan)


MakeSquid = Callable[..., Squid]


@pytest.fixture
def make_squid(owner: User) -> MakeSquid:
    """A squid of the tests' shop crawler with these addresses as tasks."""

    def make(*urls: str, crawler: str = "test-shop", concurrency: int = 4, **params: Any) -> Squid:
        actions.sync_crawlers()
        squid = actions.create_squid(owner, Crawler.objects.get(slug=crawler))
        actions.update_squid(squid, {"concurrency": concurrency, "params": params})
        added = actions.add_tasks(squid, [{"url": url} for url in urls])
        assert len(added.tasks) == len(urls)
        return squid

    return make


def work(budget: float = 60, drain: float = 5, idle: float = 0.2) -> int:
    """A slice to its end, as the queue would start it."""
    return slice.run(budget, drain, idle)


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)
