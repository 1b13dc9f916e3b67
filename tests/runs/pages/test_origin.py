"""What launched a run: on its page, in the Runs table, live, and in the admin."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs import lifecycle
from runs.live import regions
from runs.models import Run
from runs.states import Origin
from squids import actions
from squids.models import ApiKey, Squid, User
from tests import factories
from tests.runs.pages.conftest import Read, texts

HEAD = '//*[@id="run-cards"]//*[contains(@class, "run-origin")]'
CELL = '//*[@id="runs-table"]//*[contains(@class, "run-origin")]'
BY_KEY = "by owner · API key “laptop”"


@pytest.fixture
def laptop(owner: User) -> ApiKey:
    return actions.make_key(owner, "laptop")[0]


def test_by_page(mine: Client, read: Read, squid: Squid) -> None:
    mine.post(f"/squids/{squid.uid}/launch")
    run = Run.objects.get()
    assert texts(read(f"/runs/{run.uid}"), HEAD) == ["Launched by owner"]
    assert texts(read(f"/squids/{squid.uid}"), CELL) == ["by owner"]


def test_by_schedule_with_the_way_there(read: Read, squid: Squid) -> None:
    run = lifecycle.start(squid, by="schedule", origin=Origin.SCHEDULE)
    page = read(f"/runs/{run.uid}")
    assert texts(page, HEAD) == ["Launched by its schedule"]
    assert page.xpath(f"{HEAD}/a/@href") == [f"/squids/{squid.uid}/schedule#history"]
    assert texts(read(f"/squids/{squid.uid}"), CELL) == ["by its schedule"]


def test_by_a_key_also_once_it_is_revoked(read: Read, squid: Squid, laptop: ApiKey) -> None:
    run = lifecycle.start(squid, by="owner", key=laptop)
    actions.revoke_key(laptop)
    assert texts(read(f"/runs/{run.uid}"), HEAD) == [f"Launched {BY_KEY}"]
    assert texts(read(f"/squids/{squid.uid}"), CELL) == [BY_KEY]


def test_a_retry_says_both(mine: Client, read: Read, squid: Squid) -> None:
    earlier = factories.run(squid, tasks_failed=1)
    earlier.run_tasks.filter(position=1).update(status="failed")
    mine.post(f"/runs/{earlier.uid}/retry")
    page = read(f"/runs/{earlier.retries.get().uid}")
    assert texts(page, HEAD) == ["Launched by owner"]
    assert "Retry of run" in page.xpath('string(//*[@id="run-cards"])')


def test_a_run_that_does_not_say(read: Read, squid: Squid) -> None:
    run = factories.run(squid)
    assert not read(f"/runs/{run.uid}").xpath(HEAD)
    assert not read(f"/squids/{squid.uid}").xpath(CELL)


def test_a_name_is_only_a_text(read: Read, squid: Squid) -> None:
    key, _ = actions.make_key(squid.owner, "<b>x</b>")
    run = lifecycle.start(squid, by="owner", key=key)
    assert texts(read(f"/runs/{run.uid}"), HEAD) == ["Launched by owner · API key “<b>x</b>”"]


def test_a_socket_sends_the_same(squid: Squid, laptop: ApiKey) -> None:
    run = lifecycle.start(squid, by="owner", key=laptop)
    of_run = regions.paint(regions.Topic("run", run.pk), frozenset())
    of_squid = regions.paint(regions.Topic("squid", squid.pk), frozenset())
    assert f"Launched {BY_KEY}" in of_run.regions["run-cards"]
    assert BY_KEY in of_squid.regions["runs-table"]


def test_it_costs_no_query_a_row(mine: Client, squid: Squid, laptop: ApiKey) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert mine.get(f"/squids/{squid.uid}").status_code == 200
        return len(found)

    factories.run(squid, started_by="owner", api_key=laptop)
    queries()  # the first visit begins a cycle of credits
    few = queries()
    for _ in range(10):
        factories.run(squid, started_by="owner", api_key=laptop)
    assert queries() == few


def test_operators_read_it(squid: Squid, laptop: ApiKey) -> None:
    run = lifecycle.start(squid, by="owner", key=laptop)
    operator = Client()
    operator.force_login(User.objects.create_superuser("op"))
    for path in ("", f"{run.pk}/change/"):
        assert BY_KEY in operator.get(f"/admin/runs/run/{path}").content.decode()
