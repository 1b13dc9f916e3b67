"""What switches a squid on and off, empties and deletes it: one address per verb."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_http_methods, require_POST

from runs import lifecycle
from runs.models import Run
from squids import actions, errors
from squids.access import squid_of
from squids.models import Squid
from squids.views import SignedIn
from squids.views.pages import head


@require_POST
@login_required
def activate(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    try:
        actions.activate(squid)
    except errors.Refused as refused:
        messages.error(request, refused.message)
    return redirect("squids:settings", squid.uid)


@require_POST
@login_required
def deactivate(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_of(request.user, uid)
    lifecycle.deactivate(squid, by=request.user.get_username())
    messages.success(request, "Deactivated. Its slots are free; its runs and results stay.")
    return redirect("squids:settings", squid.uid)


@require_http_methods(["GET", "POST"])
@login_required
def empty(request: SignedIn, uid: str) -> HttpResponse:
    """GET asks and names what is lost; POST does it."""
    squid = squid_of(request.user, uid)
    if request.method == "GET":
        return render(request, "squids/empty.html", head(squid, "tasks"))
    count = actions.empty(squid)
    messages.success(request, f"{count:,} task{pluralize(count)} removed.")
    return redirect("squids:tasks", squid.uid)


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: SignedIn, uid: str) -> HttpResponse:
    """GET asks and names what is lost; POST does it."""
    squid = squid_of(request.user, uid)
    if request.method == "GET":
        return render(request, "squids/delete.html", head(squid, "settings") | _losses(squid))
    lifecycle.delete(squid, by=request.user.get_username())
    messages.success(request, f"“{squid.name}” was deleted.")
    return redirect("squids:list")


def _losses(squid: Squid) -> dict[str, int]:
    runs = Run.objects.filter(squid=squid).values_list("results", flat=True)
    return {"run_count": len(runs), "result_count": sum(runs)}
