"""POST /squid/estimate."""

from __future__ import annotations

from typing import Any

import pytest

from squids import actions
from squids.models import Crawler, Squid
from tests import factories
from tests.api.conftest import Script

WITH_STARS = {"row": 500, "functions": {"stars": 2_000}}


def estimate(script: Script, squid: Squid) -> Any:
    status, told = script.post("/squid/estimate", {"squid": squid.uid})
    assert status == 200, told
    return told


@pytest.fixture
def priced(script: Script) -> Squid:
    """Half a credit a row, and two where stars are found."""
    return factories.squid(script.user, tasks=4, crawler="test-priced", functions={"stars": True})


def test_without_history(script: Script, priced: Squid) -> None:
    assert estimate(script, priced) == {
        "services": [
            {"name": "Rows", "results": 4, "credits": 2},
            {"name": "Stars", "results": 4, "credits": 8},
        ],
        "total_credits": 10,
        "estimated_time": "unknown",
        "max_results": 4,
        "tasks": {
            "count": 4,
            "preview": [{"url": f"http://shop.example/{n}"} for n in range(1, 5)],
        },
        "recommended_upgrade_plan": None,
        "based_on": "no history yet",
    }


def test_without_history_up_to_the_limits(script: Script, priced: Squid) -> None:
    Squid.objects.filter(pk=priced.pk).update(params={"max_results": 5}, functions={})
    told = estimate(script, priced)
    assert told["services"] == [{"name": "Rows", "results": 20, "credits": 10}]
    Squid.objects.filter(pk=priced.pk).update(max_unique_results_per_run=7)
    assert estimate(script, priced)["total_credits"] == 3.5


def test_from_an_earlier_run(script: Script, priced: Squid) -> None:
    run = factories.run(priced)
    run.settings["prices"] = WITH_STARS
    run.unique_results, run.credits = 40, 40 * 500 + 10 * 2_000
    run.save()
    run.run_tasks.update(unique_results=10)
    told = estimate(script, priced)
    rows, stars = told["services"]
    assert rows["results"] == told["max_results"] == 40
    assert rows["credits"] == 20
    assert abs(stars["credits"] - 20) < 1 and abs(stars["results"] - 10) <= 1
    assert told["total_credits"] == rows["credits"] + stars["credits"]
    assert "min" in told["estimated_time"] or "h" in told["estimated_time"]
    assert told["based_on"] == "from the last run of this squid"


def test_the_preview_is_of_a_few_tasks(script: Script) -> None:
    told = estimate(script, factories.squid(script.user, tasks=9))
    assert told["tasks"]["count"] == 9 and len(told["tasks"]["preview"]) == 5


def test_needs_an_active_task(script: Script) -> None:
    squid = factories.squid(script.user, tasks=1)
    actions.set_task_active(squid.tasks.get(), False)
    status, body = script.post("/squid/estimate", {"squid": squid.uid})
    assert (status, body["type"]) == (400, "NoTasksPresent")


def test_needs_a_squid_that_is_ready(script: Script) -> None:
    squid = factories.squid(script.user, tasks=0, crawler="test-places")
    actions.add_tasks(squid, [{"city": "Lisbon"}])
    status, body = script.post("/squid/estimate", {"squid": squid.uid})
    assert (status, body["type"]) == (400, "SquidNotReady")
    assert body["error"] == "This squid is not ready: token: A value is needed."


def test_while_its_crawler_is_not_installed(script: Script) -> None:
    squid = factories.squid(script.user)
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone-away")
    assert script.post("/squid/estimate", {"squid": squid.uid})[0] == 400


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 400),
        ({"squid": 5}, 400),
        ({"squid": "0" * 32}, 404),
        ({"squid": "\ud800"}, 404),
        ({"squid": "\0"}, 404),
    ],
    ids=["nothing", "number", "unknown", "surrogate", "nul"],
)
def test_of_no_squid(script: Script, body: Any, code: int) -> None:
    assert script.post("/squid/estimate", body)[0] == code


def test_not_of_another_users(script: Script, other: Script) -> None:
    squid = factories.squid(other.user)
    status, body = script.post("/squid/estimate", {"squid": squid.uid})
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")
