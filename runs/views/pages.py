"""The run page: its head and four tabs, each with an address of its own."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from runs import charts, credits, exports, forecast, paging
from runs.access import run_of
from runs.cells import cells, columns_of, headers
from runs.figures import credits_text
from runs.models import Result, Run
from runs.states import Level


@require_GET
@login_required
def results(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    unique = request.GET.get("rows") != "all"
    page = paging.results_page(run, _number(request, "page", 1), unique=unique)
    rows = [result.row for result in page.results]
    columns = columns_of(exports.declared(run), rows)
    lines = [cells(row, columns) for row in rows]
    context = {
        "page": page,
        "columns": headers(columns, lines),
        "table": list(zip(page.results, lines, strict=True)),
        "unique": unique,
        "news": _news_of_results(page, unique),
    }
    return render(request, "runs/run_results.html", _head(run, "results") | context)


def _news_of_results(page: paging.ResultsPage, unique: bool) -> str:
    """Where the first row is that this page does not know of yet."""
    first = page.total + 1
    rows = "unique" if unique else "all"
    return f"?rows={rows}&page={-(-first // paging.ROWS)}#r{first}"


@require_GET
@login_required
def row(request: HttpRequest, uid: str, number: int) -> HttpResponse:
    """One row whole: a dialog's content for htmx, a page without it."""
    run = run_of(request.user, uid)
    if number > run.results:
        raise Http404("No such row")
    result = get_object_or_404(Result.objects.select_related("request"), run=run, number=number)
    found = result.row
    context = {"result": result, "cells": cells(found, columns_of(exports.declared(run), [found]))}
    template = "runs/_row.html" if getattr(request, "htmx", False) else "runs/run_row.html"
    return render(request, template, _head(run, "results") | context)


@require_GET
@login_required
def tasks(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = paging.tasks_page(run, after=after, before=before)
    return render(request, "runs/run_tasks.html", _head(run, "tasks") | {"page": page})


@require_GET
@login_required
def costs(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    found = credits.costs(run)
    ring = charts.slices(found)
    context = {
        "costs": ring,
        "steps": charts.steps(credits.switched_on(run), ring),
        "average": run.credits / run.unique_results if run.unique_results else None,
        "insight": charts.insight(found),
        "total_text": credits_text(run.credits),
        "forecast": forecast.kept(run),
        "compared": forecast.compare(run),
    }
    return render(request, "runs/run_credits.html", _head(run, "credits") | context)


@require_GET
@login_required
def logs(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    only = paging.LineFilter(
        level=request.GET.get("level", ""),
        text=request.GET.get("q", "").strip(),
        task=_number(request, "task", 0),
    )
    context = {
        "page": _lines(request, run, only),
        "only": only,
        "levels": [("", "All levels"), *((level, level.label) for level in _NOTABLE)],
        "linked": _number(request, "line", 0),
        "query": _query(request),
        "latest": run.last_line + 1,
        "news": f"?after={max(run.last_line - paging.LINES // 2, 0)}#line-{run.last_line + 1}",
    }
    return render(request, "runs/run_logs.html", _head(run, "logs") | context)


_NOTABLE = (Level.WARNING, Level.ERROR)


def _lines(request: HttpRequest, run: Run, only: paging.LineFilter) -> paging.LinesPage:
    """The page that was asked for: around one line, after one, before one, or the first."""
    if line := _number(request, "line", 0):
        return paging.lines_page(run, only, after=max(line - paging.LINES // 2, 1) - 1)
    if before := _number(request, "before", 0):
        return paging.lines_page(run, only, before=before)
    return paging.lines_page(run, only, after=_number(request, "after", 0))


def _query(request: HttpRequest) -> str:
    """The filters in force, to be carried along by the links to other pages of lines."""
    query = request.GET.copy()
    for name in ("after", "before", "line"):
        query.pop(name, None)
    return query.urlencode()


def _head(run: Run, tab: str) -> dict[str, Any]:
    return {
        "run": run,
        "squid": run.squid,
        "tab": tab,
        "nav": "squids",
        "formats": list(exports.Format),
        "file_columns": exports.offered(run),
        "socket": f"/ws/runs/{run.uid}",
    }


def _number(request: HttpRequest, name: str, default: int) -> int:
    """A whole number of the query; the default for anything that is none or is too large."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= 9 else default
