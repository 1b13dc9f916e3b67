"""Where a forecast is shown, and that showing it stays cheap."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from runs import credits, forecast, lifecycle
from runs.models import Balance, Run, RunTask
from runs.states import Status, TaskStatus
from squids.models import Squid, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def squid() -> Squid:
    return factories.squid(factories.user("owner"), tasks=3)


@pytest.fixture
def client(squid: Squid) -> Client:
    client = Client()
    client.force_login(squid.owner)
    return client


def past(squid: Squid, *, each: int = 10, **fields: Any) -> Run:
    """A finished run in which each task gave so many unique rows, in a minute."""
    total = 3 * each
    values: dict[str, Any] = {"results": total, "unique_results": total, "credits": 1000 * total}
    run = factories.run(squid, active_ms=60_000, **(values | fields))
    RunTask.objects.filter(run=run).update(
        status=TaskStatus.COMPLETED, results=each, unique_results=each
    )
    return run


def page(client: Client, name: str, uid: str) -> str:
    return str(client.get(reverse(name, args=[uid])).content.decode())


SHOWN = "About 27–33 credits, 27–33 rows, "


@pytest.mark.parametrize("name", ["detail", "settings", "tasks"])
def test_it_stands_beside_launch(client: Client, squid: Squid, name: str) -> None:
    past(squid)
    text = page(client, f"squids:{name}", squid.uid)
    assert SHOWN in text and "from the last run of this squid" in text
    assert "may take more" not in text


def test_it_stands_in_the_summary(client: Client, squid: Squid) -> None:
    past(squid)
    text = page(client, "squids:edit", squid.uid)
    assert "27–33 credits<br>27–33 rows<br>" in text


def test_without_a_history(client: Client, squid: Squid) -> None:
    for name in ("detail", "edit"):
        text = page(client, f"squids:{name}", squid.uid)
        assert "1 credit a result" in text and "no history yet" in text


@pytest.mark.parametrize(
    ("to_complete", "then"), [(False, "ends with what it has"), (True, "pauses until they renew")]
)
def test_it_warns_where_credits_may_not_reach(
    client: Client, squid: Squid, to_complete: bool, then: str
) -> None:
    past(squid)
    Squid.objects.update(to_complete=to_complete)
    balance = credits.balance_of(squid.owner)
    Balance.objects.filter(pk=balance.pk).update(spent=balance.allowance - 30_500)
    for name in ("detail", "edit"):
        text = page(client, f"squids:{name}", squid.uid)
        assert f"more than the 30.5 credits that are left. The run then {then}." in text
    lifecycle.start(squid, by="owner")  # it is allowed all the same


def test_none_while_a_run_goes_on_or_nothing_can_be_launched(client: Client, squid: Squid) -> None:
    past(squid)
    run = factories.run(squid, status=Status.RUNNING)
    assert "About " not in page(client, "squids:detail", squid.uid)
    Run.objects.filter(pk=run.pk).delete()
    squid.tasks.update(is_active=False)
    assert forecast.of_squid(squid) is None
    assert page(client, "squids:detail", squid.uid)


def test_unfinished_and_empty_runs_tell_nothing(squid: Squid) -> None:
    past(squid, status=Status.PAUSED)
    past(squid, status=Status.ABORTED, tasks_done=0)
    found = forecast.of_squid(squid)
    assert found and found.basis == "none"


def test_deleted_tasks_do_not_count(squid: Squid) -> None:
    past(squid)
    squid.tasks.filter(position__gt=1).update(is_active=False)
    found = forecast.of_squid(squid)
    assert found and (found.tasks, found.rows) == (1, (9, 11))


def test_the_credits_tab_shows_both(client: Client, squid: Squid) -> None:
    past(squid)
    run = lifecycle.start(squid, by="owner")
    Run.objects.filter(pk=run.pk).update(
        status=Status.DONE, unique_results=66, credits=20_000, active_ms=70_000
    )
    text = page(client, "runs:credits", run.uid)
    assert "100 % more than foretold" in text and "26 % less than foretold" in text
    assert "as foretold" in text and "Foretold at launch, from the last run of this squid." in text


def test_a_run_cut_short_is_not_judged(client: Client, squid: Squid) -> None:
    past(squid)
    run = lifecycle.start(squid, by="owner")
    lifecycle.abort(run, by="owner")
    text = page(client, "runs:credits", run.uid)
    assert "did not come to its end" in text and "than foretold" not in text


def test_runs_of_before_have_none(client: Client, squid: Squid) -> None:
    run = past(squid)
    text = page(client, "runs:credits", run.uid)
    assert "oretold" not in text


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_a_long_history_costs_no_more_queries(client: Client, squid: Squid) -> None:
    path = reverse("squids:detail", args=[squid.uid])
    for _ in range(2):
        past(squid)
    client.get(path)
    few = queries(client, path)
    for _ in range(70):
        past(squid)
    assert queries(client, path) <= few
    found = forecast.of_squid(squid)
    assert found and found.runs == 10


def test_the_list_asks_nothing_for_it(client: Client, squid: Squid) -> None:
    past(squid)
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("squids:list"))
    assert not [query for query in found if "runs_runtask" in query["sql"]]


def test_another_users_runs_give_numbers_only(squid: Squid) -> None:
    other: User = factories.user("other")
    theirs = factories.squid(other, tasks=1)
    past(squid)
    found = forecast.of_squid(theirs)
    assert found and (found.basis, found.runs, found.rests_on) == (
        "crawler",
        1,
        "from 1 run of this crawler",
    )
