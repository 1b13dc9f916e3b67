"""What is left, and taking from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from runs.credits.cycles import balance_of
from runs.models import Balance
from squids.models import User


@dataclass(frozen=True, slots=True)
class Standing:
    """A user's credits now. ``remaining`` may be spent at once and ``left`` until ``ends_at``,
    when the cycle does; ``refresh_at`` is when ``remaining`` next grows by itself."""

    remaining: int
    left: int
    granted: int
    spent: int
    refresh_at: datetime
    ends_at: datetime


def standing(user: User, now: datetime | None = None) -> Standing:
    balance = balance_of(user, now)
    return Standing(
        remaining=balance.remaining,
        left=balance.left,
        granted=balance.granted,
        spent=balance.spent,
        refresh_at=balance.refresh_at,
        ends_at=balance.ends_at,
    )


def remaining(user: User) -> int:
    return balance_of(user).remaining


def charge(balance: Balance, amount: int, *, ran_dry: bool = False) -> bool:
    """Take an amount in one conditional UPDATE; or nothing, and False, where it is not there, the
    cycle has ended, or, for who ``ran_dry`` on what the balance allowed, it allows more by now."""
    at_least = balance.allowance if ran_dry else 0
    at_most = balance.allowance if ran_dry else 2**63 - 1
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE runs_balance SET spent = spent + %s WHERE id = %s AND closed_at IS NULL"
            " AND allowance >= spent + %s AND allowance BETWEEN %s AND %s",
            [amount, balance.pk, amount, at_least, at_most],
        )
        return bool(cursor.rowcount == 1)
