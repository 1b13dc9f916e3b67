"""What is executed. Rows of the hot tables (requests, results, ledger, lines) are written by the
committer alone, a page whole; everything a person sees is read from here.

Money is integers, thousandths of a credit. Durations are milliseconds.
"""

from __future__ import annotations

from runs.models.firings import Firing, FiringOutcome
from runs.models.money import Balance, Bonus, LedgerEntry, Spending
from runs.models.notices import Notice, NoticeState
from runs.models.results import Line, Result
from runs.models.runs import LaunchKey, Run, RunEvent, RunQuerySet
from runs.models.seats import AccountUse
from runs.models.work import HostRule, Lease, PendingPage, Request, RunTask

__all__ = [
    "AccountUse",
    "Balance",
    "Bonus",
    "Firing",
    "FiringOutcome",
    "HostRule",
    "LaunchKey",
    "Lease",
    "LedgerEntry",
    "Line",
    "Notice",
    "NoticeState",
    "PendingPage",
    "Request",
    "Result",
    "Run",
    "RunEvent",
    "RunQuerySet",
    "RunTask",
    "Spending",
]
