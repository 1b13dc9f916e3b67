"""POST /squids/{id}/empty and DELETE /squids/{id}."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import Run
from runs.states import Reason, Status
from squids.models import Squid, Task
from tests import factories
from tests.api.conftest import Script


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=3)


@pytest.mark.parametrize("kind", ["url", "params"])
def test_empty_removes_every_task(script: Script, squid: Squid, kind: str) -> None:
    run = factories.run(squid)
    status, told = script.post(f"/squids/{squid.uid}/empty", {"type": kind})
    assert status == 200
    assert told == {"id": squid.uid, "object": "squid", "emptied": True, "deleted_count": 3}
    assert not Task.objects.visible().exists()
    assert Run.objects.get() == run
    assert script.post(f"/squids/{squid.uid}/empty", {})[1]["deleted_count"] == 0


@pytest.mark.parametrize("kind", ["keyword", None, 5, ["url"]], ids=str)
def test_empty_of_another_type_is_refused(script: Script, squid: Squid, kind: object) -> None:
    status, body = script.post(f"/squids/{squid.uid}/empty", {"type": kind})
    assert (status, body["param"]) == (400, "type")
    assert Task.objects.visible().count() == 3


def test_delete(script: Script, squid: Squid) -> None:
    status, told = script.delete(f"/squids/{squid.uid}")
    assert (status, told) == (200, {"id": squid.uid, "object": "squid", "deleted": True})
    assert script.get(f"/squids/{squid.uid}")[0] == 404
    assert script.delete(f"/squids/{squid.uid}")[0] == 404


@pytest.mark.django_db(transaction=True)
def test_delete_aborts_the_run(script: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    assert script.delete(f"/squids/{squid.uid}")[0] == 200
    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.ABORTED, Reason.DEACTIVATED)
    assert run.events.filter(by=script.key.signature).exists()


def test_neither_for_a_stranger(script: Script, other: Script, squid: Squid) -> None:
    assert other.delete(f"/squids/{squid.uid}")[0] == 404
    assert other.post(f"/squids/{squid.uid}/empty", {"type": "url"})[0] == 404
    assert script.get(f"/squids/{squid.uid}")[0] == 200
    assert Task.objects.visible().count() == 3
