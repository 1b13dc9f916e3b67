"""Every run and balance worked out anew from the ledger, and what differs, in words.

A few grouped queries whatever there is, each a pass over a table: seconds at a million rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, Min, Sum
from django.db.models.functions import TruncMinute

from runs.credits.cycles import left_of_bonuses
from runs.credits.sums import quarter_of
from runs.models import Balance, LedgerEntry, PendingPage, Run, Spending
from runs.states import RequestState, Status, TaskStatus
from squids.models import Interval

Quarter = tuple[int, int, str, datetime]
"""Run, owner, function and the beginning of a quarter of an hour."""
CLOCKS = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""


def faults() -> Iterator[str]:
    """Each in words; nothing where the books are exact. Read it in one snapshot."""
    for check in CHECKS:
        yield from check()


# --- runs -------------------------------------------------------------------------------------


def _runs() -> Iterator[str]:
    charged = "SELECT run_id AS k, SUM(amount) AS n FROM runs_ledgerentry GROUP BY run_id"
    for run, says, found in _different("SELECT id AS k, credits AS n FROM runs_run", charged):
        yield f"run {_uid(run)}: it says {says} were charged, its ledger says {found}"
    for table, key in (("run", "run_id"), ("runtask", "run_task_id")):
        for column, rows in (("results", "*"), ("unique_results", "unique_number")):
            said = f"SELECT id AS k, {column} AS n FROM runs_{table}"
            counted = f"SELECT {key} AS k, COUNT({rows}) AS n FROM runs_result GROUP BY {key}"
            for one, says, found in _different(said, counted):
                what = column.replace("_", " ")
                yield f"{_named(table, one)}: it says {says} {what}, it has {found}"


def _named(table: str, key: int) -> str:
    return f"run {_uid(key)}" if table == "run" else f"task {key} of a run"


def _sums() -> Iterator[str]:
    """What the charts read was written with the ledger: by owner, function and quarter."""
    said = Spending.objects.values_list("run_id", "owner_id", "function", "at", "hits", "amount")
    minute = TruncMinute("at", tzinfo=UTC)
    charged = LedgerEntry.objects.values_list("run_id", "run__owner_id", "function", minute)
    found = charged.annotate(Sum("hits"), Sum("amount")).order_by()
    charts, ledger = _by_quarter(said.iterator()), _by_quarter(found.iterator())
    for key in sorted(charts.keys() | ledger.keys()):
        if charts.get(key) != ledger.get(key):
            run, owner, function, at = key
            yield (
                f"run {_uid(run)}: its charts say {charts.get(key)} (hits, amount) for {function}"
                f" of user {owner} at {at}, its ledger {ledger.get(key)}"
            )


def _by_quarter(sums: Iterable[tuple[Any, ...]]) -> dict[Quarter, tuple[int, int]]:
    found: dict[Quarter, tuple[int, int]] = {}
    for run, owner, function, at, hits, amount in sums:
        key = run, owner, function, quarter_of(at)
        before = found.get(key, (0, 0))
        if hits or amount:
            found[key] = before[0] + int(hits), before[1] + int(amount)
    return found


def _pages() -> Iterator[str]:
    """Each page's rows are those it was charged for, all of them and the unique ones."""
    differing = _ask(
        "SELECT run_id, request_id, SUM(n), SUM(u), SUM(attempts), SUM(hits) FROM ("
        " SELECT run_id, request_id, COUNT(*) AS n, COUNT(unique_number) AS u, 0 AS attempts,"
        " 0 AS hits FROM runs_result GROUP BY run_id, request_id"
        " UNION ALL SELECT run_id, request_id, 0, 0, SUM(attempts), SUM(hits)"
        " FROM runs_ledgerentry WHERE function = 'base' GROUP BY run_id, request_id"
        ") both_sides GROUP BY run_id, request_id"
        " HAVING SUM(n) <> SUM(attempts) OR SUM(u) <> SUM(hits) ORDER BY run_id, request_id"
    )
    for run, page, *counts in differing:
        rows, unique, attempts, hits = map(int, counts)
        yield (
            f"run {_uid(run)}: page {page} has {rows} rows, {unique} of them unique; its ledger"
            f" says {attempts} and {hits}"
        )


def _waiting() -> Iterator[str]:
    """What waits for credits goes with the run."""
    ended = PendingPage.objects.filter(run__status__in=(Status.DONE, Status.ABORTED))
    for run, page in ended.order_by("pk").values_list("run__uid", "request_id"):
        yield f"run {run}: it has ended, and page {page} waits for credits"


def _functions() -> Iterator[str]:
    """Of a page that was charged whole, a function was paid for no more rows than were new. In a
    task that is not completed some of its rows may have been dropped."""
    excessive = _ask(
        "SELECT e.run_id, e.request_id, e.function, SUM(e.hits) FROM runs_ledgerentry e"
        " JOIN runs_request q ON q.id = e.request_id"
        f" JOIN runs_runtask t ON t.id = q.run_task_id AND t.status = '{TaskStatus.COMPLETED}'"
        " LEFT JOIN (SELECT request_id, SUM(hits) AS n FROM runs_ledgerentry"
        " WHERE function = 'base' GROUP BY request_id) b ON b.request_id = e.request_id"
        " WHERE e.function <> 'base' GROUP BY e.run_id, e.request_id, e.function, b.n"
        " HAVING SUM(e.hits) > COALESCE(b.n, 0) ORDER BY e.run_id, e.request_id, e.function"
    )
    for run, page, function, hits in excessive:
        yield (
            f"run {_uid(run)}: {function} was charged {int(hits)} times for page {page}, which has"
            " fewer unique results"
        )


def _different(first: str, second: str) -> list[tuple[int, int, int]]:
    """Where two sums ``n`` by key ``k`` are not alike: the key, the first, the second."""
    found = _ask(
        f"SELECT k, SUM(a), SUM(b) FROM (SELECT k, n AS a, 0 AS b FROM ({first}) one"
        f" UNION ALL SELECT k, 0, n FROM ({second}) other"
        ") both_sides GROUP BY k HAVING SUM(a) <> SUM(b) ORDER BY k"
    )
    return [(key, int(a), int(b)) for key, a, b in found]


def _uid(run: int) -> str:
    return str(Run.objects.values_list("uid", flat=True).get(pk=run))


# --- entries ----------------------------------------------------------------------------------


def _entries() -> Iterator[str]:
    wrong = "SELECT id, run_id FROM runs_ledgerentry WHERE amount <> hits * rate ORDER BY id"
    for entry, run in _ask(wrong):
        yield f"entry {entry} of run {_uid(run)}: its amount is not its hits times its rate"
    stray = (
        "SELECT e.id, e.run_id FROM runs_ledgerentry e LEFT JOIN runs_request q"
        " ON q.id = e.request_id AND q.run_id = e.run_id WHERE q.id IS NULL ORDER BY e.id"
    )
    for entry, run in _ask(stray):
        yield f"entry {entry} of run {_uid(run)}: it charges no page of that run"
    early = (
        "SELECT e.id, e.run_id FROM runs_ledgerentry e JOIN runs_request q"
        f" ON q.id = e.request_id WHERE q.state <> '{RequestState.DONE}' ORDER BY e.id"
    )
    for entry, run in _ask(early):
        yield f"entry {entry} of run {_uid(run)}: its page was not read"
    foreign = (
        "SELECT e.id, e.run_id, e.balance_id FROM runs_ledgerentry e"
        " JOIN runs_run r ON r.id = e.run_id JOIN runs_balance b ON b.id = e.balance_id"
        " WHERE b.user_id <> r.owner_id ORDER BY e.id"
    )
    for entry, run, balance in _ask(foreign):
        yield f"entry {entry} of run {_uid(run)}: balance {balance} is another user's"


def _rates() -> Iterator[str]:
    """The rates of the ledger are those that were frozen at launch."""
    used = LedgerEntry.objects.values_list("run_id", "function", "rate").distinct().order_by()
    prices = dict(Run.objects.values_list("pk", "settings__prices"))
    for run, function, rate in used:
        agreed = prices[run]["functions"] | {LedgerEntry.BASE: prices[run]["row"]}
        if rate != agreed.get(function, 0):
            yield f"run {_uid(run)}: {function} was charged at {rate}, which was not its price"


# --- balances ---------------------------------------------------------------------------------


def _sums_of_balances() -> Iterator[str]:
    said = "SELECT id AS k, {} AS n FROM runs_balance"
    sums = "SELECT balance_id AS k, SUM(amount) AS n FROM {} GROUP BY balance_id"
    spent = _different(said.format("spent"), sums.format("runs_ledgerentry"))
    for balance, says, found in spent:
        yield f"balance {balance}: it says {says} were spent, its ledger says {found}"
    for balance, says, found in _different(said.format("bonus"), sums.format("runs_bonus")):
        yield f"balance {balance}: it says {says} of bonuses, they are {found}"


def _cycles() -> Iterator[str]:
    """Each balance by itself, and beside the one before it."""
    previous: Balance | None = None
    for balance in Balance.objects.order_by("user_id", "id").iterator():
        before = previous if previous and previous.user_id == balance.user_id else None
        for text in (*_alone(balance), *_after(balance, before)):
            yield f"balance {balance.pk}: {text}"
        previous = balance


def _alone(balance: Balance) -> Iterator[str]:
    if balance.spent > balance.allowance:
        yield f"{balance.spent} were spent of {balance.allowance}"
    if balance.allowance > balance.granted:
        yield f"{balance.allowance} are released of {balance.granted} that were granted"
    spread = balance.interval == Interval.MONTH and balance.refresh_at < balance.ends_at
    if balance.allowance < balance.granted and not spread and balance.closed_at is None:
        yield f"only {balance.allowance} are released of {balance.granted}, which are not spread"


def _after(balance: Balance, before: Balance | None) -> Iterator[str]:
    carried = left_of_bonuses(before) if before else 0
    if balance.carried != carried:
        yield f"{balance.carried} were carried over, {carried} were left"
    if before and before.closed_at is None:
        yield f"it follows balance {before.pk}, which is open"
    elif before and before.closed_at and balance.starts_at < min(before.ends_at, before.closed_at):
        yield f"it begins before the end of balance {before.pk}"


def _times() -> Iterator[str]:
    """What was charged was charged while the balance was open."""
    charges = LedgerEntry.objects.values_list("balance_id").order_by()
    spans = {pk: span for pk, *span in charges.annotate(first=Min("at"), last=Max("at"))}
    for balance in Balance.objects.order_by("pk").iterator():
        if balance.pk in spans and not _covers(balance, *spans[balance.pk]):
            first, last = spans[balance.pk]
            yield f"balance {balance.pk}: it was charged from {first} to {last}, outside its cycle"


def _covers(balance: Balance, first: datetime, last: datetime) -> bool:
    closed = balance.closed_at
    return first >= balance.starts_at - CLOCKS and (closed is None or last <= closed + CLOCKS)


CHECKS = (
    _runs, _sums, _pages, _waiting, _functions, _entries, _rates, _sums_of_balances, _cycles,
    _times,
)  # fmt: skip


def _ask(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
