"""``manage.py verify_ledger`` finds exact books exact, and sees every change to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from runs import lifecycle
from runs.models import Balance, Bonus, LedgerEntry, PendingPage, Request, Result, Run, Spending
from squids.models import User
from tests import factories
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.worker.allowances import CREDIT, allow, next_day, to_complete

pytestmark = pytest.mark.django_db(transaction=True)

TICK = timedelta(microseconds=1)
Harm = Callable[[Run], object]


def verify() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def run(site: DemoSite, make_squid: MakeSquid, owner: User) -> Run:
    """Charged over three cycles, with functions and a bonus in the second."""
    squid = make_squid(f"{site.url}/category/toys/", crawler="test-priced", max_results=40)
    to_complete(squid, stars=True)
    allow(owner, 15 * CREDIT)
    run = lifecycle.start(type(squid).objects.get(pk=squid.pk), by="owner")
    work()
    next_day(owner)
    lifecycle.grant(owner, 5 * CREDIT, by="operator")
    work()
    next_day(owner)
    work()
    assert fresh(run).is_done
    assert Balance.objects.filter(user=owner, spent__gt=0).count() == 3
    return fresh(run)


def entry(run: Run, **where: object) -> LedgerEntry:
    return LedgerEntry.objects.filter(run=run, **where).latest("pk")


def change(row: Run | LedgerEntry | Balance | Result | Spending, **values: object) -> None:
    type(row).objects.filter(pk=row.pk).update(**values)


def balance(run: Run, number: int) -> Balance:
    return Balance.objects.filter(user=run.owner_id).order_by("starts_at")[number]


def row(run: Run) -> Result:
    return Result.objects.filter(run=run).latest("number")


def raise_both(run: Run) -> None:
    """An amount and all the sums of it."""
    one = entry(run, function="base")
    change(one, amount=F("amount") + 500)
    change(one.balance, spent=F("spent") + 500, allowance=F("allowance") + 500)
    change(run, credits=F("credits") + 500)


def dearer(run: Run) -> None:
    """Another price, with an amount and sums that fit it."""
    one = entry(run, function="base")
    change(one, rate=one.rate + 1, amount=one.amount + one.hits)
    change(one.balance, spent=F("spent") + one.hits)
    change(run, credits=F("credits") + one.hits)


def foreign(run: Run) -> Balance:
    other = factories.user("other")
    one = balance(run, 0)
    one.pk, one.user, one.spent = None, other, 0
    one.save()
    return one


def charge_again(run: Run) -> None:
    """A function a second time for a page, with all the sums of it."""
    one = LedgerEntry.objects.filter(run=run, function="stars", hits__gt=0).earliest("pk")
    change(one.balance, spent=F("spent") + 4 * one.amount, allowance=F("allowance") + 99_000,
           base=F("base") + 99_000)  # fmt: skip
    change(run, credits=F("credits") + 4 * one.amount)
    chart = Spending.objects.filter(run=run, function="stars").earliest("at")
    change(chart, hits=F("hits") + 4 * one.hits, amount=F("amount") + 4 * one.amount)
    for part in range(6, 10):
        one.pk, one.part = None, part
        one.save()


def wait(run: Run) -> None:
    page = Request.objects.filter(run=run).latest("pk")
    PendingPage.objects.create(run=run, run_task=page.run_task, request=page, data='{"rows": []}')


def of_another_owner(run: Run) -> None:
    Spending.objects.filter(run=run).update(owner=factories.user("other"))


def spendings(run: Run, **values: object) -> None:
    Spending.objects.filter(run=run, function="base").update(**values)


HARMS: dict[str, tuple[Harm, str]] = {
    "a run's credits": (lambda run: change(run, credits=F("credits") - 1), "were charged"),
    "a run's results": (lambda run: change(run, unique_results=1), "unique results"),
    "all of a run's results": (lambda run: change(run, results=1), "it says 1 results"),
    "a task's results": (lambda run: run.run_tasks.update(results=1), "it says 1 results"),
    "a task's unique results": (
        lambda run: run.run_tasks.update(unique_results=1),
        "it says 1 unique results",
    ),
    "hits of the charts": (lambda run: spendings(run, hits=1), "its charts say"),
    "a quarter of the charts": (
        lambda run: spendings(run, at=F("at") - timedelta(days=40)),
        "its charts say",
    ),
    "an owner of the charts": (of_another_owner, "its charts say"),
    "a page that waits": (wait, "waits for credits"),
    "a page that is to be read again": (
        lambda run: Request.objects.filter(run=run).update(state="todo"),
        "was not read",
    ),
    "a function charged again": (charge_again, "which has fewer unique results"),
    "too little released": (
        lambda run: change(balance(run, 2), allowance=F("spent")),
        "which are not spread",
    ),
    "a charge lost": (lambda run: entry(run).delete(), "its ledger says"),
    "a charge of nothing lost": (lambda run: entry(run, function="base").delete(), "of them"),
    "an amount": (lambda run: change(entry(run), amount=1), "its hits times its rate"),
    "an amount and all sums": (raise_both, "its hits times its rate"),
    "a rate and all sums": (dearer, "which was not its price"),
    "hits": (lambda run: change(entry(run, function="base"), hits=1), "of them unique"),
    "attempts": (lambda run: change(entry(run, function="base"), attempts=99), "and"),
    "a row lost": (lambda run: row(run).delete(), "of them unique"),
    "a row called a duplicate": (lambda run: change(row(run), unique_number=None), "of them"),
    "a charge of another page": (
        lambda run: change(entry(run, function="base"), request_id=0),
        "charges no page",
    ),
    "a charge of another run": (
        lambda run: change(entry(run), run=factories.run(run.squid)),
        "charges no page",
    ),
    "a charge to another user": (
        lambda run: change(entry(run), balance=foreign(run)),
        "another user's",
    ),
    "spent": (lambda run: change(balance(run, 1), spent=F("spent") - 1), "were spent"),
    "a bonus": (lambda run: Bonus.objects.update(amount=1), "of bonuses"),
    "a bonus lost": (lambda run: Bonus.objects.all().delete(), "of bonuses"),
    "bonuses of a balance": (
        lambda run: change(balance(run, 2), bonus=1, allowance=1_000_000),
        "of bonuses",
    ),
    "a sum of the charts": (
        lambda run: Spending.objects.filter(run=run, function="stars").update(amount=1),
        "its charts say",
    ),
    "carried over": (lambda run: change(balance(run, 2), carried=F("carried") + 1), "carried over"),
    "carried by the first": (lambda run: change(balance(run, 0), carried=1), "carried over"),
    "too much released": (
        lambda run: change(balance(run, 2), allowance=F("allowance") + 1),
        "are released of",
    ),
    "two cycles at once": (
        lambda run: change(balance(run, 2), starts_at=balance(run, 1).starts_at + TICK),
        "begins before the end",
    ),
    "a charge of another time": (
        lambda run: change(entry(run), at=F("at") - timedelta(days=60)),
        "outside its cycle",
    ),
    "a charge after the cycle": (
        lambda run: change(
            LedgerEntry.objects.filter(run=run).earliest("pk"), at=F("at") + timedelta(hours=1)
        ),
        "outside its cycle",
    ),
    "a charge to another cycle": (
        lambda run: change(entry(run), balance=balance(run, 0)),
        "its ledger says",
    ),
}


def test_exact_books(run: Run) -> None:
    code, said = verify()
    assert code == 0
    entries = LedgerEntry.objects.count()
    assert said == f"Exact: 1 runs, 3 balances, {entries} ledger entries.\n"


@pytest.mark.parametrize("name", HARMS)
def test_every_change_is_told(run: Run, name: str) -> None:
    harm, words = HARMS[name]
    assert verify()[0] == 0
    harm(run)
    code, said = verify()
    assert code == 1
    assert words in said


def test_a_run_is_named(run: Run) -> None:
    change(run, credits=7)
    assert f"run {run.uid}: it says 7 were charged, its ledger says {run.credits}" in verify()[1]
