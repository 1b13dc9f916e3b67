"""GET /runs and GET /runs/{id}."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lobstrio.models.run import Run as SdkRun

from runs import lifecycle
from runs.models import Notice, NoticeState, Run
from runs.states import Origin, Reason, Status
from squids import actions
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script

ROWS = [{"a": 1}, {"a": 2}, {"a": 1}]


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=2)


# --- one run ----------------------------------------------------------------------------------


def test_a_run_that_is_done(script: Script, squid: Squid) -> None:
    run = factories.results(factories.run(squid, active_ms=5100, started_by="owner"), ROWS)
    status, body = script.get(f"/runs/{run.uid}")
    assert status == 200
    assert body == {
        "id": run.uid,
        "object": "run",
        "squid": squid.uid,
        "status": "done",
        "is_done": True,
        "created_at": "2025-03-04T15:06:07.000Z",
        "started_at": "2025-03-04T15:06:07.000Z",
        "ended_at": "2025-03-04T16:10:07.000Z",
        "duration": "0:00:05.1",
        "credit_used": 2,
        "origin": "user",
        "force_launch": False,
        "total_results": 3,
        "total_unique_results": 2,
        "export_done": True,
        "export_count": 1,
        "export_time": "2025-03-04T16:10:07.000Z",
        "email_done": None,
        "email_time": None,
        "email_verification": None,
        "next_launch_at": None,
        "done_reason": "tasks_done",
        "done_reason_desc": "All tasks were processed.",
        "message": None,
        "started_by": "owner",
        "api_key": None,
    }


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0:00:00.0"), (5199, "0:00:05.1"), (3_723_000, "1:02:03.0"), (90_000_000, "25:00:00.0")],
)
def test_its_duration_is_a_text(script: Script, squid: Squid, milliseconds: int, text: str) -> None:
    run = factories.run(squid, active_ms=milliseconds)
    assert script.get(f"/runs/{run.uid}")[1]["duration"] == text


@pytest.mark.parametrize("status", Status.values)
def test_each_status_is_told_in_lower_case(script: Script, squid: Squid, status: str) -> None:
    run = factories.run(squid, status=status)
    body = script.get(f"/runs/{run.uid}")[1]
    done = status in ("done", "aborted", "error")
    assert (body["status"], body["is_done"], body["export_done"]) == (status, done, done)
    assert (body["ended_at"] is not None) == (body["export_count"] == 1) == done
    assert body["export_time"] == body["ended_at"]


@pytest.mark.parametrize("reason", Reason.values)
def test_each_reason_has_its_text(script: Script, squid: Squid, reason: str) -> None:
    body = script.get(f"/runs/{factories.run(squid, reason=reason).uid}")[1]
    assert (body["done_reason"], body["done_reason_desc"]) == (reason, Reason(reason).label)


def test_a_paused_run_tells_its_next_try_and_why(script: Script, squid: Squid) -> None:
    at = factories.EPOCH + timedelta(hours=6)
    run = factories.run(
        squid,
        status=Status.PAUSED,
        reason=Reason.REQUEST_FAILED,
        message="shop.example answers 503.",
        wake_at=at,
    )
    body = script.get(f"/runs/{run.uid}")[1]
    assert body["next_launch_at"] == "2025-03-04T21:06:07.000Z"
    assert (body["done_reason"], body["is_done"]) == ("request_failed", False)
    assert body["message"] == "shop.example answers 503."
    Run.objects.update(status=Status.RUNNING)
    assert script.get(f"/runs/{run.uid}")[1]["next_launch_at"] is None


@pytest.mark.parametrize("origin", Origin.values)
def test_what_launched_it(script: Script, squid: Squid, origin: str) -> None:
    run = factories.run(squid, origin=origin)
    assert script.get(f"/runs/{run.uid}")[1]["origin"] == origin


def test_a_revoked_key_is_still_named(script: Script, squid: Squid) -> None:
    laptop = Script(script.user, "laptop")
    uid = laptop.post("/runs", {"squid": squid.uid})[1]["id"]
    actions.revoke_key(laptop.key)
    assert script.get(f"/runs/{uid}")[1]["api_key"] == "laptop"


def test_its_last_email_counts(script: Script, squid: Squid) -> None:
    def told() -> tuple[bool | None, str | None]:
        one = script.get(f"/runs/{run.uid}")[1]
        listed = script.get("/runs")[1]["data"][0]
        assert (listed["email_done"], listed["email_time"]) == (
            one["email_done"],
            one["email_time"],
        )
        return one["email_done"], one["email_time"]

    run = factories.run(squid)
    sent = {"state": NoticeState.SENT, "sent_at": factories.EPOCH}
    assert told() == (None, None)
    Notice.objects.create(run=run, to="a@shop.example", status=Status.PAUSED, **sent)
    assert told() == (True, "2025-03-04T15:06:07.000Z")
    last = Notice.objects.create(run=run, to="a@shop.example", status=Status.DONE)
    assert told() == (False, None)
    Notice.objects.filter(pk=last.pk).update(state=NoticeState.FAILED)
    assert told() == (False, None)


def test_parts_of_credits(script: Script, squid: Squid) -> None:
    run = factories.run(squid, credits=7500)
    assert script.get(f"/runs/{run.uid}")[1]["credit_used"] == 7.5


@pytest.mark.parametrize("path", ["", "/stats", "/credits"])
def test_only_its_owner_finds_it(script: Script, other: Script, squid: Squid, path: str) -> None:
    run = factories.run(squid)
    for asked, uid in ((other, run.uid), (script, "0" * 32), (script, "nonsense")):
        status, body = asked.get(f"/runs/{uid}{path}")
        assert (status, body["type"]) == (404, "RunDoesNotExist")
    lifecycle.delete(squid, by="owner")
    assert script.get(f"/runs/{run.uid}{path}")[0] == 404


# --- the list ---------------------------------------------------------------------------------


def test_newest_first_of_all_squids_or_of_one(script: Script, squid: Squid) -> None:
    second = factories.squid(script.user)
    made = [factories.run(of) for of in (squid, second, squid)]
    status, body = script.get("/runs")
    assert status == 200 and body["total_results"] == 3
    assert [run["id"] for run in body["data"]] == [run.uid for run in made[::-1]]
    body = script.get("/runs", squid=squid.uid)[1]
    assert [run["id"] for run in body["data"]] == [made[2].uid, made[0].uid]
    assert script.get("/runs", squid="")[0] == 404


def test_an_item_has_the_fields_of_the_run_and_its_duration_in_seconds(
    script: Script, squid: Squid
) -> None:
    run = factories.results(factories.run(squid, active_ms=5100), ROWS)
    (item,) = script.get("/runs")[1]["data"]
    assert item.pop("duration") == 5.1
    alone = script.get(f"/runs/{run.uid}")[1]
    del alone["duration"]
    assert item == alone
    told = SdkRun.from_api(item)
    assert (told.total_results, told.total_unique_results, told.credit_used) == (3, 2, 2)


def test_pages(script: Script, squid: Squid) -> None:
    made = [factories.run(squid).uid for _ in range(5)][::-1]
    pages = [script.get("/runs", squid=squid.uid, limit=2, page=n)[1] for n in (1, 2, 3, 4)]
    assert [[run["id"] for run in page["data"]] for page in pages] == [
        made[:2],
        made[2:4],
        made[4:],
        [],
    ]
    assert {page["total_pages"] for page in pages} == {3}
    assert f"squid={squid.uid}" in pages[0]["next"] and "page=2" in pages[0]["next"]
    assert pages[2]["next"] is None


def test_a_stranger_sees_none_of_it(script: Script, other: Script, squid: Squid) -> None:
    factories.run(squid)
    assert other.get("/runs")[1]["data"] == []
    status, body = other.get("/runs", squid=squid.uid)
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")


def test_runs_of_a_deleted_squid_are_gone(script: Script, squid: Squid) -> None:
    factories.run(squid)
    lifecycle.delete(squid, by="owner")
    assert script.get("/runs")[1]["total_results"] == 0


@pytest.mark.parametrize(
    ("query", "field"), [({"page": "x"}, "page"), ({"limit": "x"}, "limit")], ids=["page", "limit"]
)
def test_a_bad_query_names_its_field(script: Script, query: dict[str, Any], field: str) -> None:
    status, body = script.get("/runs", **query)
    assert (status, body["type"], body["param"]) == (400, "InvalidParamType", field)


def test_a_page_takes_as_many_queries_however_many_runs(script: Script, squid: Squid) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert script.get("/runs", squid=squid.uid)[0] == 200
        return len(found)

    factories.run(squid, api_key=script.key)
    script.get("/me")
    few = queries()
    for _ in range(30):
        run = factories.run(squid, api_key=script.key, ended_at=timezone.now())
        Notice.objects.create(run=run, to="a@shop.example", status=Status.DONE)
    assert queries() == few <= 5
