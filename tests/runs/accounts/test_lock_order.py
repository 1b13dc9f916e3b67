"""Where a cycle begins, the balance is renewed before anything else is locked."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs import credits, leases, lifecycle
from runs.engine.work import Page
from runs.models import Balance, Lease
from runs.worker import claims, committer, tasks
from runs.worker.hold import Hold
from squids.models import User
from tests.runs.accounts.conftest import MakeAccount, MembersSquid
from tests.runs.worker.allowances import end_cycle

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = re.compile(r"runs_(lease|run|accountuse|runtask)\b")


def among_others(captured: CaptureQueriesContext) -> list[str]:
    """What was asked of other tables in the transactions that renew a balance."""
    found: list[str] = []
    pending: list[str] = []
    for query in captured.captured_queries:
        pending = [] if query["sql"].startswith("BEGIN") else [*pending, query["sql"]]
        if re.match(r'(UPDATE|INSERT INTO) "runs_balance"', query["sql"]):
            found += [sql for sql in pending if OTHERS.search(sql)]
    return found


@pytest.fixture
def hold(members: MembersSquid, make_account: MakeAccount) -> Hold:
    squid = members("/category/kitchen/", accounts=[make_account("ada")])
    lifecycle.start(squid, by="owner")
    room = claims.Room(1, 10)
    [taken] = claims.take(leases.this_process(), room, idle=True, new_only=False)
    return taken


def test_a_commit(hold: Hold, owner: User) -> None:
    [task] = tasks.claim_next(hold.run_id, 1)
    end_cycle(owner)
    with CaptureQueriesContext(connection) as captured:
        committer.commit(hold, [Page(task, None, "")], [])
    assert Balance.objects.filter(user=owner).count() == 2
    assert among_others(captured) == []


def test_a_take(hold: Hold, owner: User) -> None:
    claims.give_back(hold)
    end_cycle(owner)
    with CaptureQueriesContext(connection) as captured:
        assert claims.take(leases.this_process(), claims.Room(1, 10), idle=True, new_only=False)
    assert Lease.objects.exclude(token="").exists()
    assert Balance.objects.filter(user=owner).count() == 2
    assert among_others(captured) == []


def test_a_launch(members: MembersSquid, make_account: MakeAccount, owner: User) -> None:
    squid = members("/category/kitchen/", accounts=[make_account("ada")])
    credits.balance_of(owner)
    end_cycle(owner)
    with CaptureQueriesContext(connection) as captured:
        lifecycle.start(squid, by="owner")
    assert Balance.objects.filter(user=owner).count() == 2
    assert among_others(captured) == []
