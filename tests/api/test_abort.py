"""POST /runs/{id}/abort."""

from __future__ import annotations

import pytest
from lobstrio.models.run import Run as SdkRun

from runs import lifecycle
from runs.models import Line, Run, RunEvent
from runs.states import Status
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=2)


def test_it_answers_the_run_that_has_ended(script: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    status, body = script.post(f"/runs/{run.uid}/abort")
    assert status == 200
    assert (body["id"], body["status"], body["is_done"]) == (run.uid, "aborted", True)
    assert (body["done_reason"], body["export_done"]) == ("aborted", True)
    assert body["ended_at"] is not None
    assert SdkRun.from_api(body).done_reason == "aborted"


def test_history_and_console_name_the_key(script: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    script.post(f"/runs/{run.uid}/abort")
    assert RunEvent.objects.get(target=Status.ABORTED).by == "owner · API key “script”"
    assert Line.objects.get().text.startswith("Aborted by owner · API key “script” · 0 results")


def test_without_a_body_or_its_type(script: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    answer = script.client.generic("POST", f"/v1/runs/{run.uid}/abort", content_type="")
    assert answer.status_code == 200 and answer.json()["status"] == "aborted"


@pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING, Status.PAUSED])
def test_whatever_it_does_at_the_moment(script: Script, squid: Squid, status: Status) -> None:
    run = factories.run(squid, status=status)
    assert script.post(f"/runs/{run.uid}/abort")[1]["status"] == "aborted"


@pytest.mark.parametrize("status", [Status.DONE, Status.ABORTED, Status.ERROR])
def test_a_run_that_has_ended(script: Script, squid: Squid, status: Status) -> None:
    run = factories.run(squid, status=status)
    code, body = script.post(f"/runs/{run.uid}/abort")
    assert (code, body["type"]) == (404, "RunDoesNotExist")
    assert "has ended" in body["error"]
    assert Run.objects.get().status == status


def test_only_its_owner_can(script: Script, other: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    for asked, uid in ((other, run.uid), (script, "0" * 32)):
        assert asked.post(f"/runs/{uid}/abort")[0] == 404
    assert Run.objects.get().is_queued
