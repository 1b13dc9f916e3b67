"""GET /runs/{id}/stats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lobstrio.models.run import RunStats

from runs.models import Run, RunTask
from runs.states import Reason, Status, TaskStatus
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=5)


def going(squid: Squid, **fields: Any) -> Run:
    """A run that was at work for 6 seconds and began a moment ago to be so again."""
    values: dict[str, Any] = {"active_ms": 6000, "active_since": timezone.now(), "tasks_done": 2}
    return factories.run(squid, status=Status.RUNNING, **(values | fields))


def stats(script: Script, run: Run) -> Any:
    status, body = script.get(f"/runs/{run.uid}/stats")
    assert status == 200
    RunStats.from_api(body).percent_done.replace("%", "")  # as the command line reads it
    return body


def test_a_run_on_its_way(script: Script, squid: Squid) -> None:
    run = going(squid, results=8, unique_results=7, pages=4)
    RunTask.objects.filter(run=run, position__in=[3, 4]).update(status=TaskStatus.RUNNING)
    body = stats(script, run)
    assert (body["id"], body["object"], body["status"]) == (run.uid, "run", "running")
    assert body["percent_done"] == "40%"
    tasks = body["total_tasks"], body["total_tasks_done"], body["total_tasks_left"]
    assert tasks == (5, 2, 3)
    assert (body["total_results"], body["results_done"], body["results_total"]) == (8, 7, None)
    assert body["total_requests"] == 4
    assert body["current_task"] == "http://shop.example/3"
    assert body["duration"].startswith("0:00:0") and body["eta"].startswith("0:00:")
    assert body["is_done"] is False and body["ended_at"] is None
    assert body["started_at"] == "2025-03-04T15:06:07.000Z" and body["updated_at"]


def test_nobody_knows_how_long_before_a_task_has_ended(script: Script, squid: Squid) -> None:
    body = stats(script, going(squid, tasks_done=0))
    assert (body["eta"], body["percent_done"], body["current_task"]) == ("∞", "0%", "")


def test_nor_while_it_is_paused(script: Script, squid: Squid) -> None:
    run = factories.run(squid, status=Status.PAUSED, tasks_done=2, active_ms=5100)
    body = stats(script, run)
    assert (body["eta"], body["percent_done"]) == ("∞", "40%")
    assert (body["duration"], body["is_done"]) == ("0:00:05.1", False)


ENDS = (
    (Status.DONE, Reason.TASKS_DONE, 5, "100%"),
    (Status.DONE, Reason.NO_CREDITS_LEFT, 2, "100%"),
    (Status.ABORTED, Reason.ABORTED, 2, "40%"),
    (Status.ERROR, Reason.CRAWLER_ERROR, 0, "0%"),
)


@pytest.mark.parametrize(
    ("status", "reason", "done", "percent"), ENDS, ids=[end[1].value for end in ENDS]
)
def test_a_run_that_has_ended(
    script: Script, squid: Squid, status: Status, reason: Reason, done: int, percent: str
) -> None:
    run = factories.run(squid, status=status, reason=reason, tasks_done=done, unique_results=3)
    body = stats(script, run)
    assert (body["percent_done"], body["is_done"], body["eta"]) == (percent, True, "0:00:00")
    assert body["results_done"] == body["results_total"] == 3
    assert body["duration"] == "1:04:00.0" and body["current_task"] == ""


def test_it_never_says_100_before_the_end(script: Script, squid: Squid) -> None:
    run = going(squid, tasks_total=1000, tasks_done=999)
    assert stats(script, run)["percent_done"] == "99%"


def test_what_is_expected_comes_from_the_forecast(script: Script, squid: Squid) -> None:
    told = {"basis": "squid", "runs": 3, "alike": True, "tasks": 5, "rate": 1000, "most": None}
    told |= {"rows": [10, 20], "credits": [10, 20], "seconds": [5, 9]}
    run = going(squid, forecast=told, unique_results=7)
    assert stats(script, run)["results_total"] == 20
    Run.objects.update(unique_results=25)
    assert stats(script, run)["results_total"] == 25


def test_a_long_wait_is_told_in_hours(script: Script, squid: Squid) -> None:
    hours = timedelta(hours=20) / timedelta(milliseconds=1)
    run = going(squid, tasks_done=1, active_ms=int(hours))
    assert stats(script, run)["eta"].startswith("80:00:")


def test_it_takes_three_queries_however_large_the_run(script: Script) -> None:
    script.get("/me")  # the key's last use is written once a minute
    for tasks in (1, 300):
        run = going(factories.squid(script.user, tasks=tasks))
        RunTask.objects.filter(run=run).update(status=TaskStatus.RUNNING)
        with CaptureQueriesContext(connection) as queries:
            stats(script, run)
        assert len(queries) == 3
