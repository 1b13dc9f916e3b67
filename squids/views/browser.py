"""What a signed-in user's browser tells about them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from squids import actions, errors
from squids.views import SignedIn


@require_POST
@login_required
def tell_time_zone(request: SignedIn) -> HttpResponse:
    """The browser's zone, for a user whose zone is not known yet. Nothing is shown of it."""
    try:
        actions.tell_time_zone(request.user, request.POST.get("zone", ""))
    except errors.FieldRefused as refused:
        return HttpResponse(refused.message, status=422, content_type="text/plain")
    return HttpResponse(status=204)
