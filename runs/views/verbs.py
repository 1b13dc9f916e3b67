"""The buttons: one URL per verb. A plain form is sent back to the page it came from; htmx gets the
region it asked for. What cannot be done is said as a message, and nothing has changed then.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from runs import lifecycle
from runs.access import run_of
from runs.models import Run
from squids import listing
from squids.access import squid_of
from squids.errors import MoveRefused, Refused
from squids.models import Squid

REGIONS = {"progress": "runs/_progress.html", "run-cards": "runs/_run_cards.html"}
"""Regions that a verb may be asked to answer with, by their id in the page."""


@require_POST
@login_required
def launch(request: HttpRequest, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    _try(request, partial(lifecycle.start, squid, by=request.user.get_username()))
    return _answer(request, squid)


@require_POST
@login_required
def abort(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    with suppress(MoveRefused):  # it ended first; there is nothing left to stop
        lifecycle.abort(run, by=request.user.get_username())
    return _answer(request, run.squid, run)


@require_POST
@login_required
def pause(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    _try(request, partial(lifecycle.pause, run, by=request.user.get_username()))
    return _answer(request, run.squid, run)


@require_POST
@login_required
def resume(request: HttpRequest, uid: str) -> HttpResponse:
    run = run_of(request.user, uid)
    _try(request, partial(lifecycle.resume, run, by=request.user.get_username()))
    return _answer(request, run.squid, run)


@require_POST
@login_required
def retry(request: HttpRequest, uid: str) -> HttpResponse:
    """A new run of a finished one's failed tasks; to the squid's page, where it is watched."""
    earlier = run_of(request.user, uid)
    by = request.user.get_username()
    try:
        run = lifecycle.start(earlier.squid, by=by, retry_of=earlier)
    except Refused as refused:
        messages.error(request, refused.message)
        return _go(request, "runs:tasks", earlier.uid)
    if left_out := earlier.tasks_failed - run.tasks_total:
        text = (
            f"{left_out:,} of {earlier.tasks_failed:,} failed tasks were deleted or excluded since"
        )
        messages.info(request, f"{text}; the other {run.tasks_total:,} are tried again.")
    return _go(request, "squids:detail", earlier.squid.uid)


def _go(request: HttpRequest, page: str, uid: str) -> HttpResponse:
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(reverse(page, args=[uid]))
    return redirect(page, uid)


def _try(request: HttpRequest, action: Callable[[], object]) -> None:
    try:
        action()
    except Refused as refused:
        messages.error(request, refused.message)


def _answer(request: HttpRequest, squid: Squid, run: Run | None = None) -> HttpResponse:
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx:
        return _back(request, squid, run)
    if htmx.target == f"squid-row-{squid.uid}":
        return _row(request, squid)
    template = REGIONS.get(htmx.target or "")
    if template is None:
        return HttpResponseClientRefresh()
    context = {"squid": squid, "run": _latest(squid) if run is None else _fresh(run)}
    return render(request, "runs/_answer.html", {"region": template, **context})


def _row(request: HttpRequest, squid: Squid) -> HttpResponse:
    """The squid's row of the List of Squids."""
    (entry,) = listing.entries_of(Squid.objects.filter(pk=squid.pk))
    return render(request, "runs/_answer.html", {"region": "squids/_row.html", "entry": entry})


def _back(request: HttpRequest, squid: Squid, run: Run | None) -> HttpResponse:
    """To the page the form names in its field ``from``; the squid's where it names none."""
    origin = request.POST.get("from")
    if origin == "list":
        return redirect("squids:list")
    if origin == "run" and run is not None:
        return redirect("runs:detail", run.uid)
    return redirect("squids:detail", squid.uid)


def _fresh(run: Run) -> Run:
    fresh: Run = Run.objects.select_related("squid", "crawler", "api_key").get(pk=run.pk)
    return fresh


def _latest(squid: Squid) -> Run | None:
    runs = Run.objects.filter(squid=squid).select_related("api_key").order_by("-id")
    run: Run | None = runs.first()
    return run
