from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from runs import lifecycle
from runs.models import Run
from squids import actions
from squids.models import Crawler, Plan, Squid, User
from tests.runs.live.web import Web, web

MakeRun = Callable[..., Run]


@pytest.fixture
def plan(transactional_db: None) -> Plan:
    """Committed for real: web processes read it."""
    return Plan.objects.create(name="Tests", credits=1_000_000_000, slots=100)


@pytest.fixture
def owner(plan: Plan) -> User:
    return User.objects.create_user("owner", password="owner", plan=plan)


@pytest.fixture
def stranger(plan: Plan) -> User:
    return User.objects.create_user("stranger", password="stranger", plan=plan)


@pytest.fixture
def squid(owner: User) -> Squid:
    actions.sync_crawlers()
    made = actions.create_squid(owner, Crawler.objects.get(slug="test-shop"), name="Shop")
    actions.update_squid(made, {"concurrency": 2, "params": {}})
    actions.add_tasks(made, [{"url": f"http://127.0.0.1:9/{n}"} for n in range(4)])
    return made


@pytest.fixture
def run(squid: Squid) -> Run:
    """At work, as far as the rows tell: its worker is the test."""
    return launch(squid)


def launch(squid: Squid, **fields: Any) -> Run:
    made = lifecycle.start(squid, by="owner")
    Run.objects.filter(pk=made.pk).update(**fields)
    begin(made)
    fresh: Run = Run.objects.select_related("squid").get(pk=made.pk)
    return fresh


def begin(made: Run) -> None:
    with transaction.atomic():
        lifecycle.begin(lifecycle.lock(made.pk))


@pytest.fixture
def site(transactional_db: None) -> Iterator[Web]:
    with web() as started:
        yield started
