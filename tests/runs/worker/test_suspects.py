"""A task that was in flight when its worker died: alone for one page, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections

from runs import leases, lifecycle
from runs.models import Lease, Run, RunTask
from runs.states import Status, TaskStatus
from runs.worker import claims
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def _run_with_a_suspect(site: DemoSite, make_squid: MakeSquid) -> Run:
    squid = make_squid(f"{site.url}/category/toys/", f"{site.url}/category/music/")
    run = lifecycle.start(squid, by="owner")
    first = RunTask.objects.filter(run=run, position=1)
    first.update(status=TaskStatus.RUNNING, suspect=True, kills=1)
    return run


def test_a_suspect_cleared_while_we_waited_for_the_lock_is_not_taken_alone(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    run = _run_with_a_suspect(site, make_squid)
    with connection.execute_wrapper(_first_before_a_write(_clear_the_suspect)):
        holds = claims.take(leases.this_process(), claims.Room(5, 64), idle=True, new_only=False)
    assert RunTask.objects.filter(run=run, status=TaskStatus.COMPLETED).exists()
    assert [hold.alone for hold in holds if hold.alone] == []
    assert not Lease.objects.exclude(alone=None).exists()


def _clear_the_suspect() -> None:
    """What another slice would have done with it meanwhile, in a connection of its own."""
    RunTask.objects.filter(suspect=True).update(suspect=False, status=TaskStatus.COMPLETED)
    connections.close_all()


def _first_before_a_write(act: Callable[[], None]) -> Callable[..., Any]:
    """Has ``act`` happen once, after the first reads and before anything is locked."""
    left = [act]

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if left and sql.startswith(("BEGIN", "UPDATE")):
            thread = Thread(target=left.pop())
            thread.start()
            thread.join()
        return execute(sql, params, many, context)

    return wrapper


def test_a_page_clears_its_task_of_the_kills_before(site: DemoSite, make_squid: MakeSquid) -> None:
    run = _run_with_a_suspect(site, make_squid)
    work()
    assert fresh(run).status == Status.DONE
    assert not RunTask.objects.filter(run=run, kills__gt=0).exists()
    assert broken(fresh(run)) == []
