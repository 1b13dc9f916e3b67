"""``Idempotency-Key``: one launch, however often it is asked for. What a key does to runs is in
``tests/runs/test_launch_keys.py``; here is how scripts send it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from runs import lifecycle
from runs.models import LaunchKey, Run
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "Idempotency-Key"


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user)


def launch(script: Script, squid: Squid, key: str) -> tuple[int, Any]:
    return script.post("/runs", {"squid": squid.uid}, **{HEADER: key})


def test_fifty_at_once_are_answered_the_same(script: Script, squid: Squid) -> None:
    def ask(_: int) -> tuple[int, Any]:
        try:
            return launch(script, squid, "nightly 2025-03-04")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(50)))
    assert answers == [answers[0]] * 50
    assert answers[0][0] == 200 and answers[0][1]["id"] == Run.objects.get().uid


def test_it_answers_the_run_as_it_is_now(script: Script, squid: Squid) -> None:
    launch(script, squid, "once")
    lifecycle.abort(Run.objects.get(), by="owner")
    status, body = launch(script, squid, "once")
    assert (status, body["status"], body["done_reason"]) == (200, "aborted", "aborted")
    assert Run.objects.count() == 1


def test_for_another_squid_it_is_refused(script: Script, squid: Squid) -> None:
    launch(script, squid, "once")
    status, body = launch(script, factories.squid(script.user), "once")
    assert (status, body["type"], body["param"]) == (400, "InvalidParameterValue", HEADER)
    assert "another squid" in body["error"]


def test_of_a_squid_that_was_deleted_there_is_nothing_to_answer(
    script: Script, squid: Squid
) -> None:
    launch(script, squid, "once")
    lifecycle.delete(squid, by="owner")
    status, body = launch(script, squid, "once")
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")
    assert Run.objects.count() == 1


def test_another_key_of_the_owner_is_answered_too_another_user_is_not(
    script: Script, other: Script, squid: Squid
) -> None:
    mine = launch(script, squid, "once")
    assert launch(Script(script.user, "second"), squid, "once") == mine
    theirs = launch(other, factories.squid(other.user), "once")
    assert theirs[0] == 200 and theirs[1]["id"] != mine[1]["id"]


def test_without_one_each_is_a_launch_of_its_own(script: Script, squid: Squid) -> None:
    script.post("/runs", {"squid": squid.uid})
    assert script.post("/runs", {"squid": squid.uid})[1]["type"] == "RunInProgress"
    assert not LaunchKey.objects.exists()


GOOD = {"one": "k", "longest": "~" * 255, "signs": 'a b/c:d=e,f;{"g"}\\'}
BAD = {"empty": "", "too long": "x" * 256, "umlaut": "schlüssel", "tab": "a\tb", "delete": "a\x7f"}


@pytest.mark.parametrize("key", GOOD.values(), ids=list(GOOD))
def test_any_printable_text_is_a_key(script: Script, squid: Squid, key: str) -> None:
    assert launch(script, squid, key)[0] == 200
    assert LaunchKey.objects.get().key == key


@pytest.mark.parametrize("key", BAD.values(), ids=list(BAD))
def test_anything_else_is_refused_by_its_field(script: Script, squid: Squid, key: str) -> None:
    status, body = launch(script, squid, key)
    assert (status, body["type"], body["param"]) == (400, "InvalidParameterValue", HEADER)
    assert not Run.objects.exists()
