"""Several accounts of a squid share its pages."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import Line
from runs.states import Reason, Status
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, held_by, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_instances_two_accounts(members: MembersSquid, make_account: MakeAccount) -> None:
    ada, bob = make_account("ada"), make_account("bob")
    paths = [f"/cookie/need/category/kitchen/?n={n}" for n in range(4)]
    run = lifecycle.start(members(*paths, accounts=[ada, bob], concurrency=2), by="owner")
    work()
    run = fresh(run)
    assert run.status == Status.DONE
    read = [use_of(account).counts["pages"] for account in (ada, bob)]
    assert sum(read) == run.pages and min(read) > 0
    first = Line.objects.get(run=run, number=1).text
    assert first.endswith("4 tasks · 2 accounts (“ada”, “bob”)")
    assert broken(run) == []


def test_each_keeps_its_limit(members: MembersSquid, make_account: MakeAccount) -> None:
    accounts = [make_account(name, pages=pages) for name, pages in (("ada", 4), ("bob", 9))]
    paths = [f"/category/kitchen/?n={n}" for n in range(6)]
    run = lifecycle.start(members(*paths, accounts=accounts, concurrency=6), by="owner")
    work()
    assert fresh(run).reason == Reason.LIMIT_EXCEEDED
    assert [use_of(account).counts["pages"] for account in accounts] == [4, 9]
    assert fresh(run).pages == 13
    assert broken(fresh(run)) == []


def test_one_instance_uses_one_after_the_other(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    accounts = [make_account(name, pages=2) for name in ("ada", "bob", "eve")]
    run = lifecycle.start(members("/shop/", accounts=accounts), by="owner")
    work()
    assert fresh(run).pages == 6
    assert [use_of(account).counts["pages"] for account in accounts] == [2, 2, 2]
    assert [held_by(account) for account in accounts] == [None, None, None]
    switches = Line.objects.filter(run=run, text__startswith="Going on with").order_by("number")
    assert [line.text for line in switches] == [
        "Going on with 1 account (“bob”)",
        "Going on with 1 account (“eve”)",
    ]


def test_two_that_are_full_for_different_pages(
    members: MembersSquid, make_account: MakeAccount
) -> None:
    """Each is taken for what it may still read, and no slice spins on the other."""
    accounts = [make_account("ada", lists=1), make_account("bob", lists=3)]
    paths = ["/category/kitchen/", "/category/garden/"]
    run = lifecycle.start(members(*paths, accounts=accounts), by="owner")
    assert work() < 10
    assert fresh(run).reason == Reason.LIMIT_EXCEEDED
    assert [use_of(account).counts["lists"] for account in accounts] == [1, 3]
    assert broken(fresh(run)) == []
