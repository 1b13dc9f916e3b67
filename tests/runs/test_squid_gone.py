"""A squid that is deleted or deactivated starts nothing more, however things cross."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from runs import lifecycle
from runs.models import Run
from runs.states import Status
from squids import errors
from squids.models import Squid
from tests.runs.conftest import MakeSquid

pytestmark = pytest.mark.django_db(transaction=True)

URL = "http://shop.example/"


def test_a_launch_with_a_squid_read_before_its_delete_is_refused(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    read_before = Squid.objects.get(pk=squid.pk)
    lifecycle.delete(squid, by="owner")
    with pytest.raises(errors.SquidInactive):
        lifecycle.start(read_before, by="owner")
    assert Run.objects.count() == 0


@pytest.mark.parametrize("leave", [lifecycle.delete, lifecycle.deactivate])
def test_resolving_resumes_nothing_of_a_squid_that_is_gone(
    leave: object, make_squid: MakeSquid
) -> None:
    assert callable(leave)
    squid = make_squid(URL)
    run = lifecycle.start(squid, by="owner")
    Run.objects.filter(pk=run.pk).update(status=Status.ERROR)
    leave(squid, by="owner")
    assert lifecycle.resolve(squid.crawler, by="operator").errored == 0
    assert Run.objects.get(pk=run.pk).status == Status.ERROR


def test_a_run_that_ends_at_this_moment_does_not_stop_the_delete(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    run = lifecycle.start(squid, by="owner")
    with connection.execute_wrapper(_first_at("runs_lease", lambda: _end(run))):
        lifecycle.delete(squid, by="owner")
    assert Squid.objects.get(pk=squid.pk).deleted_at
    assert Run.objects.get(pk=run.pk).status != Status.ABORTED


def _end(run: Run) -> None:
    """What the last page's commit does to the row (here inside the abort that is undone)."""
    Run.objects.filter(pk=run.pk).update(status=Status.DONE)


def _first_at(table: str, act: Callable[[], None]) -> Callable[..., Any]:
    """Has ``act`` happen once, just before the table is read."""
    left = [act]

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if left and sql.startswith("SELECT") and table in sql:
            left.pop()()
        return execute(sql, params, many, context)

    return wrapper
