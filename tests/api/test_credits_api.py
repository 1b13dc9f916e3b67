"""What runs, squids and crawlers spent, by API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs import lifecycle
from runs.models import LedgerEntry, Run, Spending
from runs.models import Request as Page
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script

ROWS = [{"a": 1}, {"a": 2}, {"a": 1}]


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user)


def spending_run(squid: Squid, rows: Any = ROWS, ago: timedelta = timedelta()) -> Run:
    """A run that was charged a credit a unique row, so long ago."""
    run = factories.results(factories.run(squid), rows)
    Spending.objects.filter(run=run).update(at=timezone.now() - ago)
    return run


def test_of_a_run(script: Script, squid: Squid) -> None:
    run = factories.results(factories.run(squid), ROWS)
    factories.charge(run, Page.objects.get(run=run), 2, function="detail", rate=3500)
    run.settings["prices"]["functions"] = {"detail": 3500}
    run.save()
    status, body = script.get(f"/runs/{run.uid}/credits")
    assert status == 200
    assert (body["run_id"], body["total_credits"], body["total_results"]) == (run.uid, 9, 2)
    assert [(c["function"], c["credits"], c["attempts"]) for c in body["breakdown"]] == [
        ("detail", 7, 2),
        ("base", 2, 2),
    ]
    assert [c["percent"] for c in body["breakdown"]] == [77.78, 22.22]
    assert body["rates"] == {"credits_per_row": 1, "detail": 3.5}
    assert set(body["function_colors"]) == {"base", "detail"}
    assert (body["base_function_label"], body["filter_breakdown"]) == ("Results", [])


def test_of_a_run_that_spent_nothing(script: Script, squid: Squid) -> None:
    body = script.get(f"/runs/{factories.run(squid).uid}/credits")[1]
    assert (body["total_credits"], body["breakdown"], body["function_colors"]) == (0, [], {})


def test_of_a_squid(script: Script, squid: Squid) -> None:
    for _ in range(2):
        spending_run(squid)
    spending_run(factories.squid(script.user))
    status, body = script.get(f"/squids/{squid.uid}/credits")
    assert status == 200
    (base,) = body.pop("breakdown")
    assert body == {
        "squid_id": squid.uid,
        "total_runs": 2,
        "total_results": 4,
        "total_credits": 4,
    }
    assert base == {
        "function": LedgerEntry.BASE,
        "label": "Results",
        "credits": 4,
        "hits": 4,
        "percent": 100,
    }


def test_of_a_squid_without_a_run(script: Script, squid: Squid) -> None:
    body = script.get(f"/squids/{squid.uid}/credits")[1]
    assert (body["total_runs"], body["total_credits"], body["breakdown"]) == (0, 0, [])


def test_by_squid_the_largest_first(script: Script, other: Script, squid: Squid) -> None:
    second = factories.squid(script.user)
    spending_run(squid, [{"a": 1}])
    spending_run(second)
    spending_run(second, [{"a": 3}])
    spending_run(second, ago=timedelta(days=20))
    spending_run(factories.squid(other.user))
    status, body = script.get("/credits/squids", days=7)
    assert (status, body["total_results"]) == (200, 2)
    assert [(s["id"], s["credits"], s["percent"]) for s in body["data"]] == [
        (second.uid, 3, 75),
        (squid.uid, 1, 25),
    ]
    assert [s["credits"] for s in script.get("/credits/squids")[1]["data"]] == [5, 1]
    assert [s["id"] for s in script.get("/credits/squids", limit=1, page=2)[1]["data"]] == [
        squid.uid
    ]


def test_a_deleted_squid_is_still_counted(script: Script, squid: Squid) -> None:
    spending_run(squid)
    lifecycle.delete(squid, by="owner")
    (found,) = script.get("/credits/squids")[1]["data"]
    assert (found["id"], found["name"], found["is_deleted"]) == (squid.uid, squid.name, True)
    assert script.get(f"/squids/{squid.uid}/credits")[0] == 404


def test_by_crawler(script: Script, squid: Squid) -> None:
    spending_run(squid)
    spending_run(factories.squid(script.user))
    (found,) = script.get("/credits/modules", days=1)[1]["data"]
    assert found == {
        "id": squid.crawler.uid,
        "object": "crawler",
        "name": squid.crawler.name,
        "slug": "test-shop",
        "credits": 4,
        "percent": 100,
    }


@pytest.mark.parametrize("path", ["/credits/squids", "/credits/modules"])
def test_before_anything_was_spent(script: Script, squid: Squid, path: str) -> None:
    factories.run(squid)
    status, body = script.get(path)
    assert (status, body["data"], body["total_results"]) == (200, [], 0)


@pytest.mark.parametrize("path", ["/credits/squids", "/credits/modules"])
@pytest.mark.parametrize("days", ["0", "-1", "367", "9" * 30, "x", ""])
def test_days_that_cannot_be(script: Script, path: str, days: str) -> None:
    status, body = script.get(path, days=days)
    assert (status, body["param"]) == (400, "days")


def test_somebody_elses(script: Script, other: Script, squid: Squid) -> None:
    run = spending_run(squid)
    assert other.get(f"/runs/{run.uid}/credits")[1]["type"] == "RunDoesNotExist"
    assert other.get(f"/squids/{squid.uid}/credits")[1]["type"] == "SquidDoesNotExistException"
    assert other.get("/credits/squids")[1]["data"] == []
    assert other.get("/credits/modules")[1]["data"] == []


def test_the_queries_of_a_page_are_as_many_for_many(script: Script) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert script.get("/credits/squids")[0] == 200
        return len(found)

    spending_run(factories.squid(script.user))
    script.get("/me")
    few = queries()
    for _ in range(10):
        spending_run(factories.squid(script.user))
    assert queries() == few <= 4
