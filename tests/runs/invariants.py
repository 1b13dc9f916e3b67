"""What must hold in the database at every moment, whoever was killed."""

from __future__ import annotations

from django.db.models import Count, Max, Min, Q, Sum

from runs.models import Balance, LedgerEntry, Line, Request, Result, Run, RunTask
from runs.states import TASK_ENDED, RequestState, TaskStatus


def broken(run: Run) -> list[str]:
    """Each broken rule in words; an exact run has none."""
    checks = (_counters, _ledger, _requests, _lines, _tasks)
    return [f"run {run.pk}: {text}" for check in checks for text in check(run)]


def _counters(run: Run) -> list[str]:
    rows = Result.objects.filter(run=run)
    found = rows.aggregate(
        results=Count("id"),
        unique=Count("unique_number"),
        last=Max("number"),
        last_unique=Max("unique_number"),
        digests=Count("digest", distinct=True),
    )
    pages = Request.objects.filter(run=run, state__in=[RequestState.DONE, RequestState.FAILED])
    expected = {
        "results": (run.results, found["results"], found["last"] or 0),
        "unique": (run.unique_results, found["unique"], found["last_unique"] or 0),
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
    for balance in Balance.objects.filter(user=run.owner_id):
        spent = balance.entries.aggregate(n=Sum("amount"))["n"] or 0
        if balance.spent != spent:
            texts.append(f"balance says {balance.spent}, its ledger {spent}")
    return texts


def _requests(run: Run) -> list[str]:
    astray = Result.objects.filter(run=run).exclude(request__state=RequestState.DONE)
    texts = [f"{astray.count()} rows of an undone request"] if astray.exists() else []
    charged = LedgerEntry.objects.filter(run=run, function="base").values_list(
        "request", "attempts", "hits"
    )
    counted = (
        Result.objects.filter(run=run)
        .values_list("request")
        .annotate(rows=Count("id"), unique=Count("unique_number"))
    )
    if sorted(charged) != sorted(counted):
        texts.append("a done request's rows are not those it was charged for")
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
