"""The fence: a worker whose run is no longer its own changes nothing, whatever it tries."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from runs import leases, lifecycle
from runs.engine.work import FenceBroken, Page, Queued, TaskWork, encode
from runs.models import (
    Balance,
    Lease,
    LedgerEntry,
    Line,
    Request,
    Result,
    Run,
    RunEvent,
    RunTask,
    Spending,
)
from runs.worker import claims, committer
from runs.worker.hold import Hold, Note
from runs.worker.store import RunStore
from squids.crawlers.interface import Request as CrawlerRequest
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh
from tests.runs.invariants import broken
from tests.runs.processes import next_line, stopped_outside_a_transaction, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)

TABLES: tuple[type[Model], ...] = (
    Run, RunTask, Request, Result, LedgerEntry, Line, Balance, Lease, RunEvent,
    Spending,
)  # fmt: skip


@pytest.fixture
def hold(site: DemoSite, make_squid: MakeSquid) -> Hold:
    """A run that this process holds, one of its two tasks claimed."""
    lifecycle.start(make_squid(f"{site.url}/shop/", f"{site.url}/category/toys/"), by="owner")
    [hold] = claims.take(leases.this_process(), claims.Room(1, 64), idle=True, new_only=False)
    return hold


async def _here(act: Callable[..., Any], *args: Any) -> Any:
    """The store's way to the database's thread, when that is the test's own."""
    return await asyncio.to_thread(act, *args)


def _taken_by_another(hold: Hold) -> None:
    Lease.objects.filter(pk=hold.lease_id).update(token="another's")


def _run_out(hold: Hold) -> None:
    past = timezone.now() - timedelta(milliseconds=1)
    Lease.objects.filter(pk=hold.lease_id).update(expires_at=past)


def _aborted(hold: Hold) -> None:
    lifecycle.abort(Run.objects.get(pk=hold.run_id), by="owner")


def _paused(hold: Hold) -> None:
    lifecycle.pause(Run.objects.get(pk=hold.run_id), by="owner")


def _commit_a_page(hold: Hold, store: RunStore) -> None:
    task = _claimed(hold)
    page = Page(task, task.queue[0], "http://shop/", rows=encode([{"sku": "new"}], ["sku"]))
    committer.commit(hold, [page], [])


def _write_a_line(hold: Hold, store: RunStore) -> None:
    committer.commit(hold, [], [Note("info", "I am still here")])


def _claim(hold: Hold, store: RunStore) -> None:
    asyncio.run(store.claim(1))


def _defer(hold: Hold, store: RunStore) -> None:
    task = _claimed(hold)
    asyncio.run(store.defer(task, task.queue[0]))


def _give_back(hold: Hold, store: RunStore) -> None:
    claims.give_back(hold)
    raise FenceBroken  # it says nothing: there is nobody to tell


def _fail(hold: Hold, store: RunStore) -> None:
    claims.fail(hold.lease_id, hold.token, hold.run_id, "A bug", "")
    raise FenceBroken


def _claimed(hold: Hold) -> TaskWork:
    """The first task as it is in the memory of the worker that claimed it."""
    task = RunTask.objects.select_related("task").filter(run=hold.run_id).earliest("position")
    work = TaskWork(task.pk, task.position, task.task.params)
    work.queue.append(Queued(CrawlerRequest(task.task.params["url"])))
    return work


@pytest.mark.parametrize("act", [_commit_a_page, _write_a_line, _claim, _defer, _give_back, _fail])
@pytest.mark.parametrize("lose", [_taken_by_another, _run_out, _aborted, _paused])
def test_nothing_is_written(
    hold: Hold, lose: Callable[[Hold], None], act: Callable[[Hold, RunStore], None]
) -> None:
    store = RunStore(hold, _here)
    lose(hold)
    before = _everything()
    with pytest.raises(FenceBroken):
        act(hold, store)
    assert _everything() == before


def test_the_same_is_written_while_the_run_is_ours(hold: Hold) -> None:
    _commit_a_page(hold, RunStore(hold, _here))
    _write_a_line(hold, RunStore(hold, _here))
    assert (_run_of(hold).results, Result.objects.count()) == (1, 1)
    assert broken(_run_of(hold)) == []


def _has_pages(run: Run, count: int) -> bool:
    return fresh(run).pages >= count


def _run_of(hold: Hold) -> Run:
    return Run.objects.get(pk=hold.run_id)


def _everything() -> dict[str, list[Any]]:
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in TABLES}  # type: ignore[attr-defined]


def test_woken_after_its_run_was_paused_a_worker_leaves_the_page_in_flight(
    site: DemoSite, make_squid: MakeSquid
) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    with worker(site.address) as process:
        wait_until(partial(_has_pages, run, 5))
        wait_until(partial(stopped_outside_a_transaction, process.pid))
        lifecycle.pause(fresh(run), by="owner")
        before = _everything()
        os.kill(process.pid, signal.SIGCONT)
        assert next_line(process) == "slice\n"
        assert _everything() == before
    assert broken(fresh(run)) == []
