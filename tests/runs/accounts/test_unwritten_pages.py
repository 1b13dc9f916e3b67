"""A page that was read and not written was read all the same, and counts for its account."""

from __future__ import annotations

import pytest

from runs import leases, lifecycle
from runs.engine.work import Page, Queued
from runs.states import Reason, Status
from runs.worker import claims, committer, tasks
from squids.crawlers.interface import Request
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, use_of
from tests.runs.conftest import fresh
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def test_behind_a_pause(members: MembersSquid, make_account: MakeAccount) -> None:
    """Three troubles in a row pause the run; two pages stand behind them, one of them read."""
    ada = make_account("ada", pages=9)
    paths = [f"/category/kitchen/?n={n}" for n in range(6)]
    run = lifecycle.start(members(*paths, accounts=[ada], concurrency=6), by="owner")
    [hold] = claims.take(leases.this_process(), claims.Room(1, 10), idle=True, new_only=False)
    pages = [
        Page(task, Queued(Request(f"http://x/{task.position}")), "http://x/", account=ada.pk)
        for task in tasks.claim_next(run.pk, 6)
    ]
    for page in pages:
        assert page.queued
        tasks.defer(run.pk, page.task, page.queued)  # tried before, as what fails for good is
    for page in pages[1:4]:
        page.reason, page.trouble, page.answered = "request_failed", "website_inaccessible", False
    pages[5].reason, pages[5].trouble = "request_failed", "website_inaccessible"
    committer.commit(hold, pages, [])
    paused = fresh(run)
    assert (paused.status, paused.reason) == (Status.PAUSED, Reason.WEBSITE_INACCESSIBLE)
    assert use_of(ada).counts["pages"] == 2
    assert use_of(ada).run is None
    assert broken(paused) == []
