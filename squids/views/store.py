"""The store: the crawlers there are, and what one of them gives, takes and costs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from runs import charts, pace
from squids import account_types, store
from squids.crawlers import registry
from squids.crawlers.interface import Crawler as Code
from squids.models import Crawler, User
from squids.views import SignedIn


@require_GET
@login_required
def page(request: SignedIn) -> HttpResponse:
    """``?q=`` with words to search for."""
    found = store.store(request.GET.get("q", "").strip()[:200])
    return render(request, "store/list.html", {"nav": "store", "store": found})


@require_GET
@login_required
def crawler(request: SignedIn, slug: str) -> HttpResponse:
    found = store.crawler_of(slug)
    code = registry.all().get(found.slug)
    context = {"nav": "store", "crawler": found, "code": code}
    context |= _success(found, request.user)
    if code:
        context |= _declared(code)
    return render(request, "store/crawler.html", context)


def _success(found: Crawler, user: User) -> dict[str, Any]:
    days = pace.by_day(found, timezone.now(), user.zone)
    tally = pace.together(days.values())
    return {"tally": tally, "percent": charts.success_text(tally), "bars": charts.day_bars(days)}


def _declared(code: Code) -> dict[str, Any]:
    return {
        "columns": store.columns(code),
        "columns_depend": store.columns_depend(code),
        "example": store.example(code),
        "task_params": store.params(code.task_params),
        "settings": store.params(code.squid_params),
        "package": registry.package(code.slug),
        "account_needed": account_types.is_needed(code),
    }
