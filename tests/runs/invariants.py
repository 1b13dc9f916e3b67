"""What must hold in the database at every moment, whoever was killed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, Sum

from runs.credits import quarter_of
from runs.models import (
    AccountUse,
    Balance,
    Lease,
    LedgerEntry,
    Line,
    PendingPage,
    Request,
    Result,
    Run,
    RunEvent,
    RunTask,
    Spending,
)
from runs.states import LIVE, TASK_ENDED, TASK_OPEN, Reason, RequestState, Status, TaskStatus


def broken(run: Run) -> list[str]:
    """Each broken rule in words; an exact run has none."""
    checks = (
        _counters,
        _ledger,
        _balances,
        _requests,
        _pending,
        _strays,
        _lines,
        _tasks,
        _each_task,
        _accounts,
        _end,
    )
    return [f"run {run.pk}: {text}" for check in checks for text in check(run)]


def _counters(run: Run) -> list[str]:
    rows = Result.objects.filter(run=run)
    found = rows.aggregate(
        results=Count("id"),
        unique=Count("unique_number"),
        last=Max("number"),
        last_unique=Max("unique_number"),
        numbered=Count("unique_number", distinct=True),
        digests=Count("digest", distinct=True),
    )
    pages = Request.objects.filter(run=run, state__in=[RequestState.DONE, RequestState.FAILED])
    expected = {
        "results": (run.results, found["results"], found["last"] or 0),
        "unique": (
            run.unique_results,
            found["unique"],
            found["numbered"],
            found["last_unique"] or 0,
        ),
        "digests": (run.unique_results, found["digests"]),
        "pages": (run.pages, pages.count()),
    }
    return [f"{name} differ: {seen}" for name, seen in expected.items() if len(set(seen)) > 1]


def _ledger(run: Run) -> list[str]:
    entries = LedgerEntry.objects.filter(run=run)
    sums = entries.aggregate(amount=Sum("amount"), hits=Sum("hits", filter=Q(function="base")))
    rows = Result.objects.filter(run=run, unique_number__isnull=False).count()
    texts = []
    if run.credits != (sums["amount"] or 0):
        texts.append(f"credits {run.credits} but the ledger says {sums['amount']}")
    if rows != (sums["hits"] or 0):
        texts.append(f"{rows} unique rows but {sums['hits']} charged")
    if wrong := entries.exclude(amount=F("hits") * F("rate")).count():
        texts.append(f"{wrong} charges whose amount is not hits times rate")
    if _sums(entries) != _sums(Spending.objects.filter(run=run)):
        texts.append("the quarters of an hour are not the ledger's sums")
    return texts


def _balances(run: Run) -> list[str]:
    texts = []
    for balance in Balance.objects.filter(user=run.owner_id):
        spent = balance.entries.aggregate(n=Sum("amount"))["n"] or 0
        if balance.spent != spent:
            texts.append(f"balance says {balance.spent}, its ledger {spent}")
        if not balance.spent <= balance.allowance <= balance.granted:
            texts.append(f"{balance.spent} spent of {balance.allowance} of {balance.granted}")
    if Balance.objects.filter(user=run.owner_id, closed_at=None).count() > 1:
        texts.append("two cycles at once")
    return texts


def _pending(run: Run) -> list[str]:
    """At most one page waits for credits, of a task that goes on, and its next row is not shown."""
    waiting = list(PendingPage.objects.filter(run=run).select_related("request", "run_task"))
    texts = []
    if len(waiting) > 1 or (waiting and run.status in (Status.DONE, Status.ABORTED)):
        texts.append(f"it is {run.status} and {len(waiting)} pages wait for credits")
    for page in waiting:
        if page.request.state != RequestState.DONE or page.run_task.is_ended:
            texts.append("a page waits whose task or request does not fit")
        data = json.loads(page.data)
        if not data["rows"] and not data["functions"]:
            texts.append("a page waits for nothing")
        first = [digest for _, digest in data["rows"][:1]] if not data["functions"] else []
        if Result.objects.filter(run=run, digest__in=first).exists():
            texts.append("a row that waits is shown, or would be free")
        if page.request.charges.exclude(part__lt=page.part).exists():
            texts.append("a part that waits is charged")
    return texts


def _sums(charges: Any) -> dict[tuple[str, datetime], tuple[int, int]]:
    """Hits and amount by function and quarter of an hour."""
    found: dict[tuple[str, datetime], tuple[int, int]] = {}
    for function, at, hits, amount in charges.values_list("function", "at", "hits", "amount"):
        key = function, quarter_of(at)
        before = found.get(key, (0, 0))
        found[key] = before[0] + hits, before[1] + amount
    return {key: sums for key, sums in found.items() if any(sums)}


def _requests(run: Run) -> list[str]:
    astray = Result.objects.filter(run=run).exclude(request__state=RequestState.DONE)
    texts = [f"{astray.count()} rows of an undone request"] if astray.exists() else []
    base = LedgerEntry.objects.filter(run=run, function="base").values_list("request")
    charged = base.annotate(rows=Sum("attempts"), unique=Sum("hits"))
    counted = (
        Result.objects.filter(run=run)
        .values_list("request")
        .annotate(rows=Count("id"), unique=Count("unique_number"))
    )
    if sorted(charged) != sorted(counted):
        texts.append("a done request's rows are not those it was charged for")
    return texts


def _strays(run: Run) -> list[str]:
    """Rows and charges refer to requests without a constraint in the database."""
    texts = []
    requests = set(Request.objects.filter(run=run).values_list("pk", "run_task"))
    rows = Result.objects.filter(run=run).values_list("request_id", "run_task_id").distinct()
    if strays := set(rows) - requests:
        texts.append(f"rows of {len(strays)} requests that are not their task's")
    charges = LedgerEntry.objects.filter(run=run).values_list("request_id", flat=True)
    if unknown := set(charges) - {pk for pk, _ in requests}:
        texts.append(f"{len(unknown)} charges for no request")
    if RunTask.objects.filter(requests__run=run).exclude(run=run).exists():
        texts.append("requests of another run's tasks")
    return texts


def _lines(run: Run) -> list[str]:
    found = Line.objects.filter(run=run).aggregate(n=Count("id"), a=Min("number"), z=Max("number"))
    seen = (found["n"], found["z"] or 0, run.last_line)
    return (
        [f"line numbers have a gap: {found}"]
        if len(set(seen)) > 1 or found["a"] not in (1, None)
        else []
    )


def _tasks(run: Run) -> list[str]:
    tasks = RunTask.objects.filter(run=run)
    ended = tasks.filter(status__in=TASK_ENDED)
    sums = tasks.aggregate(results=Sum("results"), unique=Sum("unique_results"), pages=Sum("pages"))
    seen = (sums["results"] or 0, sums["unique"] or 0, sums["pages"] or 0)
    texts = []
    if seen != (run.results, run.unique_results, run.pages):
        texts.append(f"tasks add up to {seen}")
    processed = ended.exclude(status=TaskStatus.ABORTED).count()
    if processed != run.tasks_done:
        texts.append(f"{processed} tasks ended, {run.tasks_done} counted")
    return texts


def _each_task(run: Run) -> list[str]:
    tasks = RunTask.objects.filter(run=run)
    told = tasks.values_list("pk", "pages", "results", "unique_results", "first_row", "last_row")
    fetched = Request.objects.filter(run=run, state__in=[RequestState.DONE, RequestState.FAILED])
    pages = dict(fetched.values_list("run_task").annotate(n=Count("id")))
    rows = Result.objects.filter(run=run).values_list("run_task")
    results = dict(rows.annotate(n=Count("id")))
    unique = dict(rows.annotate(n=Count("unique_number")))
    first = dict(rows.annotate(n=Min("number")))
    last = dict(rows.annotate(n=Max("number")))
    wrong = [
        pk
        for pk, *seen in told
        if seen
        != [
            pages.get(pk, 0),
            results.get(pk, 0),
            unique.get(pk, 0),
            first.get(pk),
            last.get(pk),
        ]
    ]
    return [f"tasks {wrong} tell other pages or rows than they have"] if wrong else []


def _accounts(run: Run) -> list[str]:
    """Only a run that works holds accounts, and no account counts more pages than it can have
    read: those of its owner's runs that were launched with it, and what their instances had read
    already when a page stopped them."""
    held = AccountUse.objects.filter(run=run).count()
    texts = (
        [f"it is {run.status} and holds {held} accounts"] if held and run.status not in LIVE else []
    )
    ids = run.settings.get("accounts", [])
    for use in AccountUse.objects.filter(account__in=ids):
        runs = Run.objects.filter(owner=run.owner_id)
        pages = sum(
            other.pages + _unwritten(other)
            for other in runs
            if use.account_id in other.settings.get("accounts", ())
        )
        if max([use.batch, *use.counts.values()]) > pages:
            texts.append(f"account {use.account} counts {use.batch}, {use.counts} of {pages} pages")
    return texts


def _unwritten(run: Run) -> int:
    """Pages at most that were read behind the one that stopped the run, and not written."""
    by_itself = RunEvent.objects.filter(run=run, source=Status.RUNNING, by="system")
    read = by_itself.exclude(reason__in=[Reason.LIMIT_EXCEEDED, Reason.BATCH_WAIT])
    return (run.concurrency - 1) * read.count()


def _end(run: Run) -> list[str]:
    """What has ended has nothing left to do, and nobody who does it."""
    texts = []
    todo = Request.objects.filter(run=run, state=RequestState.TODO)
    if left := todo.filter(run_task__status=TaskStatus.COMPLETED).count():
        texts.append(f"{left} requests left of completed tasks")
    if not run.is_done:
        return texts
    left = RunTask.objects.filter(run=run, status__in=TASK_OPEN).count()
    if left and run.status != Status.ERROR:  # which goes on once the crawler is mended
        texts.append(f"it is {run.status} with {left} open tasks")
    if Lease.objects.filter(run=run).exclude(token="").exists():
        texts.append(f"it is {run.status} and held")
    return texts
