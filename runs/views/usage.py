"""The Usage page: what credits were spent on, and how the present cycle stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from runs import charts, usage
from squids.models import Squid, User
from squids.views import SignedIn

PERIODS = (
    ({"days": "7"}, "7 days"),
    ({"days": "30"}, "30 days"),
    ({"by": "month"}, "Month by month"),
)


@require_GET
@login_required
def page(request: SignedIn) -> HttpResponse:
    """``?days=7``, ``?days=30`` or ``?by=month``, and ``?squid=`` with a squid's uid."""
    now = timezone.now()
    squid = _squid(request)
    found = usage.usage(request.user, _spans(request, now), now, squid)
    balance, pace = usage.present(request.user, now)
    context = {
        "nav": "usage",
        "usage": found,
        "chart": charts.columns(found.spans, found.amounts),
        "monthly": _is_monthly(request),
        "periods": _periods(request, squid),
        "squid": squid,
        "squids": usage.spenders(request.user),
        "balance": balance,
        "pace": pace,
    }
    return render(request, "runs/usage.html", context)


def _is_monthly(request: SignedIn) -> bool:
    return request.GET.get("by") == "month"


def _days(request: SignedIn) -> int:
    """30 where nothing, or nothing that is offered, is asked for."""
    return 7 if request.GET.get("days") == "7" else 30


def _spans(request: SignedIn, now: datetime) -> list[usage.Span]:
    if _is_monthly(request):
        return usage.last_months(request.user, usage.MONTHS, now)
    return usage.last_days(request.user, _days(request), now)


def _squid(request: SignedIn) -> Squid | None:
    uid = request.GET.get("squid", "all")
    if uid == "all":
        return None
    user: User = request.user
    squid = usage.spenders(user).filter(uid=uid).first()
    if squid is None:
        raise Http404("No such squid")
    return squid


def _periods(request: SignedIn, squid: Squid | None) -> list[dict[str, Any]]:
    """The switch: each period's link, and whether it is the one shown."""
    shown = {"by": "month"} if _is_monthly(request) else {"days": str(_days(request))}
    kept = {"squid": squid.uid} if squid else {}
    return [
        {"label": label, "query": urlencode(asked | kept), "asked": asked, "shown": asked == shown}
        for asked, label in PERIODS
    ]
