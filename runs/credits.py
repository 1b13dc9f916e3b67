"""Prices and charging, in thousandths of a credit. Only unique rows are charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from runs.models import Balance, LedgerEntry, Run
from squids.crawlers import registry
from squids.crawlers.interface import Crawler
from squids.models import User

CREDIT = 1000


def price_list(crawler: Crawler, functions: dict[str, bool]) -> dict[str, Any]:
    """What a run will pay, frozen at launch: a rate a row and one for each function in use."""
    used = {f.name: f.rate for f in crawler.functions if functions.get(f.name, f.default)}
    return {"row": crawler.credits_per_row, "functions": used}


def balance_of(user: User) -> Balance:
    """The user's balance of the present period, opened from the plan at first use."""
    return newest_balance(user.pk) or _open(user)


def newest_balance(user_id: int) -> Balance | None:
    """The same where it was opened already."""
    query = "SELECT * FROM runs_balance WHERE user_id = %s ORDER BY starts_at DESC LIMIT 1"
    return next(iter(Balance.objects.raw(query, [user_id])), None)


def _open(user: User) -> Balance:
    allowance = user.plan.credits if user.plan else 0
    start = timezone.localtime(timezone=user.zone).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    end = (start + timedelta(days=32)).replace(day=1)
    try:
        with transaction.atomic():
            return Balance.objects.create(
                user=user,
                starts_at=start,
                ends_at=end,
                refresh_at=end,
                base=allowance,
                allowance=allowance,
            )
    except IntegrityError:  # another process opened it at the same moment
        return Balance.objects.get(user=user, starts_at=start)


def remaining(user: User) -> int:
    return balance_of(user).remaining


def charge(balance_id: int, amount: int) -> bool:
    """Take an amount, or nothing and False where it is not there. One conditional UPDATE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE runs_balance SET spent = spent + %s WHERE id = %s AND allowance >= spent + %s",
            [amount, balance_id, amount],
        )
        return bool(cursor.rowcount == 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one function cost in a run; ``percent`` is its part of the run's credits."""

    function: str
    label: str
    attempts: int
    hits: int
    amount: int
    percent: float


def _labels(run: Run) -> dict[str, str]:
    """The functions' names; a crawler that is no longer installed leaves them as they are."""
    code = registry.all().get(run.crawler.slug)
    named = {function.name: function.label for function in code.functions} if code else {}
    return named | {LedgerEntry.BASE: "Results"}


def costs(run: Run) -> list[Cost]:
    """The run's charges by function, the largest first, straight from the ledger."""
    labels = _labels(run)
    entries = (
        LedgerEntry.objects.filter(run=run)
        .values("function")
        .annotate(attempts=Sum("attempts"), hits=Sum("hits"), amount=Sum("amount"))
        .order_by("-amount")
    )
    total = sum(entry["amount"] for entry in entries) or 1
    return [
        Cost(label=labels.get(e["function"], e["function"]), percent=100 * e["amount"] / total, **e)
        for e in entries
    ]
