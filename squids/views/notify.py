"""The test button of the notifications."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from runs import outbox
from squids import errors
from squids.access import squid_of
from squids.forms import SettingsForm
from squids.views import SignedIn
from squids.views.pages import code_of, origin, show

SENT = "A test e-mail was sent to {}."
LOGGED = "No mail server is configured, so the test e-mail to {} was written to the site's log."


@require_POST
@login_required
def test_email(request: SignedIn, uid: str) -> HttpResponse:
    """Send one at once and say what came of it; the settings stay as they were typed, unsaved."""
    squid = squid_of(request.user, uid)
    if code_of(squid) is None:
        return show(request, squid, "settings")
    level, said = messages.SUCCESS, SENT if outbox.is_configured() else LOGGED
    try:
        said = said.format(outbox.send_test(squid, request.POST.get("notify_email", "")))
    except errors.Refused as refused:
        level, said = messages.ERROR, refused.message
    if getattr(request, "htmx", False):
        failed = level == messages.ERROR
        return render(request, "squids/_notify_answer.html", {"said": said, "failed": failed})
    messages.add_message(request, level, said)
    page = origin(request, "settings")
    return show(request, squid, page, settings_form=SettingsForm(squid, request.POST))
