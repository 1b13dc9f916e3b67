"""The Schedule tab: the picker with the next firings, on and off, what became of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from runs import paging
from runs.figures import duration_text
from runs.models import Firing
from squids import actions, errors, schedules
from squids.access import squid_of
from squids.models import Schedule, Squid
from squids.schedule_forms import ScheduleForm, proposal
from squids.views import SignedIn
from squids.views.pages import code_of, head


@require_http_methods(["GET", "POST"])
@login_required
def page(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    if request.method == "GET":
        return _show(request, squid, ScheduleForm(squid))
    form = ScheduleForm(squid, request.POST)
    if code_of(squid) is None or form.draft() is None:
        return _show(request, squid, form)
    try:
        saved = actions.set_schedule(squid, **form.values)
    except errors.Refused as refused:
        form.refuse(refused)
        return _show(request, squid, form)
    messages.success(request, f"Saved: {schedules.text_of(saved)}.")
    return redirect("squids:schedule", squid.uid)


@require_POST
@login_required
def preview(request: SignedIn, uid: str) -> HttpResponse:
    """The next firings of what is typed, and what is wrong by field: the region for htmx, the page
    without it. Nothing is saved."""
    squid = squid_of(request.user, uid)
    form = ScheduleForm(squid, request.POST)
    if not getattr(request, "htmx", False):
        return _show(request, squid, form)
    context = {"squid": squid, "form": form, "next": _next(form.draft()), "swap": True}
    return render(request, "squids/_schedule_next.html", context)


@require_POST
@login_required
def switch_on(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    try:
        actions.switch_schedule(squid, True)
    except errors.Refused as refused:
        messages.error(request, refused.message)
    return redirect("squids:schedule", squid.uid)


@require_POST
@login_required
def switch_off(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    actions.switch_schedule(squid, False)
    messages.success(request, "Switched off. The squid is launched by hand until you switch it on.")
    return redirect("squids:schedule", squid.uid)


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: SignedIn, uid: str) -> HttpResponse:
    """GET asks and names what is lost; POST does it."""
    squid = squid_of(request.user, uid)
    if request.method == "GET":
        context = head(squid, "schedule")
        if context["schedule"] is None:
            return redirect("squids:schedule", squid.uid)
        return render(request, "squids/schedule_delete.html", context)
    actions.delete_schedule(squid)
    messages.success(request, "The schedule was removed. What it did stays listed.")
    return redirect("squids:schedule", squid.uid)


def _show(request: SignedIn, squid: Squid, form: ScheduleForm) -> HttpResponse:
    context = head(squid, "schedule")
    if context["code"] is None:
        status = 422 if request.method == "POST" else 200
        return render(request, "squids/uninstalled.html", context, status=status)
    schedule = context["schedule"]
    draft = form.draft() if form.is_bound else schedule or proposal(squid)
    history = paging.firings_page(squid, request.GET.get("before", ""))
    context |= {
        "form": form,
        "next": _next(draft),
        "history": history,
        "rows": _rows(history.firings, schedule, squid),
    }
    status = 422 if form.errors else 200
    return render(request, "squids/schedule.html", context, status=status)


@dataclass(frozen=True, slots=True)
class NextFiring:
    """A moment as the schedule's zone tells it, with how far away it is."""

    date: str
    time: str
    offset: str
    away: str
    at: datetime


def _next(draft: Schedule | None) -> dict[str, Any] | None:
    """The next five firings and the schedule in words; None where they cannot be told."""
    now = timezone.now()
    try:
        firings = schedules.upcoming(draft, now) if draft else []
    except schedules.BrokenSchedule:
        return None
    rows = [NextFiring(*_told(at), f"in {duration_text(at - now)}", at) for at in firings]
    return {"text": schedules.text_of(draft), "firings": rows} if draft else None


def _told(at: datetime) -> tuple[str, str, str]:
    """Weekday and date, time of day, offset."""
    offset = f"{at:%z}"
    return f"{at:%a} {at.day} {at:%b %Y}", f"{at:%H:%M}", f"{offset[:3]}:{offset[3:]}"


def _rows(
    firings: list[Firing], schedule: Schedule | None, squid: Squid
) -> list[tuple[Firing, str]]:
    """Each with its due time in the schedule's zone; the owner's where it has none."""
    try:
        zone: tzinfo = schedules.zone_of(schedule) if schedule else squid.owner.zone
    except schedules.BrokenSchedule:
        zone = squid.owner.zone
    return [(firing, " ".join(_told(firing.due_at.astimezone(zone)))) for firing in firings]
