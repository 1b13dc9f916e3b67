"""POST /runs: what is launched, and every refusal by its type."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from lobstrio.models.run import Run as SdkRun

from runs import lifecycle
from runs.credits import balance_of
from runs.models import Balance, Run, RunEvent
from squids import actions
from squids.models import Crawler, Squid
from tests import factories
from tests.api.conftest import Script


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=2)


def refusal(script: Script, squid: Squid) -> tuple[str, str]:
    """Type and text; nothing was launched."""
    before = Run.objects.count()
    status, body = script.post("/runs", {"squid": squid.uid})
    assert status == 400 and body["error"] == body["detail"]
    assert Run.objects.count() == before
    return body["type"], body["error"]


def test_it_answers_the_run(script: Script, squid: Squid) -> None:
    status, body = script.post("/runs", {"squid": squid.uid})
    run = Run.objects.get()
    assert status == 200
    assert body["id"] == run.uid and body["squid"] == squid.uid and body["object"] == "run"
    assert (body["status"], body["is_done"], body["origin"]) == ("pending", False, "user")
    assert body["started_at"] is body["ended_at"] is body["done_reason"] is None
    assert (body["duration"], body["credit_used"], body["total_results"]) == (0, 0, 0)
    assert (body["started_by"], body["api_key"]) == ("owner", "script")
    told = SdkRun.from_api(body)
    assert told.id == run.uid and told.duration == 0.0 and told.export_done is False


def test_the_run_and_its_history_name_the_key(script: Script, squid: Squid) -> None:
    script.post("/runs", {"squid": squid.uid})
    run = Run.objects.get()
    assert run.api_key == script.key
    assert run.origin_text == "by owner · API key “script”"
    assert RunEvent.objects.get().by == "owner · API key “script”"


def test_an_unfinished_run_is_in_the_way(script: Script, squid: Squid) -> None:
    lifecycle.start(squid, by="owner")
    assert refusal(script, squid)[0] == "RunInProgress"


def test_without_an_active_task(script: Script, squid: Squid) -> None:
    actions.empty(squid)
    assert refusal(script, squid)[0] == "NoTasksPresent"


def test_a_squid_that_lacks_a_setting_is_not_ready(script: Script, squid: Squid) -> None:
    Squid.objects.update(params={"max_results": "many"})
    kind, text = refusal(script, squid)
    assert kind == "SquidNotReady" and "not ready" in text


def test_without_credits_it_says_when_they_renew(script: Script, squid: Squid) -> None:
    Balance.objects.filter(pk=balance_of(script.user).pk).update(spent=1_000_000_000)
    kind, text = refusal(script, squid)
    assert kind == "NotEnoughBalance" and "renew on" in text


def test_a_crawler_with_a_problem_or_without_its_package(script: Script, squid: Squid) -> None:
    actions.report_problem(squid.crawler, "Broken.")
    assert refusal(script, squid)[0] == "ModuleUnavailable"
    actions.clear_problem(squid.crawler)
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone")
    assert refusal(script, squid)[0] == "ModuleUnavailable"


def test_a_squid_that_is_switched_off(script: Script, squid: Squid) -> None:
    actions.deactivate(squid)
    assert refusal(script, squid)[0] == "SquidInactive"


def test_more_slots_held_than_the_plan_has_are_no_hindrance(script: Script, squid: Squid) -> None:
    """They are counted when a squid is made, activated or raised, not at its launch."""
    script.user.plan.slots = 0  # type: ignore[union-attr]
    script.user.plan.save()  # type: ignore[union-attr]
    assert script.post("/runs", {"squid": squid.uid})[0] == 200


@pytest.mark.parametrize("uid", ["", "nonsense", "0" * 32, "../me", "a" * 9000, "\0"])
def test_a_squid_that_is_not_there(script: Script, uid: str) -> None:
    status, body = script.post("/runs", {"squid": uid})
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")


def test_somebody_elses_and_a_deleted_one(script: Script, other: Script, squid: Squid) -> None:
    assert other.post("/runs", {"squid": squid.uid})[0] == 404
    lifecycle.delete(squid, by="owner")
    assert script.post("/runs", {"squid": squid.uid})[0] == 404
    assert not Run.objects.exists()


BAD: tuple[tuple[str, Any, str], ...] = (
    ("nothing", {}, "ParamsNeeded"),
    ("null", {"squid": None}, "InvalidParamType"),
    ("number", {"squid": 7}, "InvalidParamType"),
    ("list", {"squid": []}, "InvalidParamType"),
)


@pytest.mark.parametrize(("body", "kind"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_body_names_its_field(script: Script, body: Any, kind: str) -> None:
    status, answer = script.post("/runs", body)
    assert (status, answer["type"], answer["param"]) == (400, kind, "squid")


def test_a_field_that_there_is_not(script: Script, squid: Squid) -> None:
    status, body = script.post("/runs", {"squid": squid.uid, "sqiud": 1})
    assert (status, body["type"], body["param"]) == (400, "InvalidParam", "sqiud")


def test_after_its_end_it_is_launched_again(script: Script, squid: Squid) -> None:
    first = script.post("/runs", {"squid": squid.uid})[1]
    Run.objects.update(status="done", ended_at=timezone.now() - timedelta(hours=1))
    second = script.post("/runs", {"squid": squid.uid})[1]
    assert first["id"] != second["id"]
