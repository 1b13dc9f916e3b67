"""Signing in by a link that works once and not for long."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from squids.models import User

LIFETIME = 15 * 60
SALT = "lobstr_site.signin"


def make_link(user: User) -> str:
    """The path of a link that signs ``user`` in: once, within 15 minutes, and only while nobody
    has signed in as that user since."""
    token = signing.dumps({"user": user.pk, "seen": _seen(user)}, salt=SALT)
    return reverse("signin", args=[token])


@require_GET
@never_cache
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    user = _claim(token)
    if user:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect(resolve_url("squids:list"))
    if request.user.is_authenticated:
        return redirect(resolve_url("squids:list"))
    messages.error(
        request,
        "This sign-in link was used before or is too old. “manage.py link” makes a new one.",
    )
    return redirect("login")


def _claim(token: str) -> User | None:
    """The link's user, if this call is the one that uses it up."""
    try:
        claim = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=claim["user"], is_active=True).first()
    if user is None or _seen(user) != claim["seen"]:
        return None
    same = User.objects.filter(pk=user.pk, last_login=user.last_login)
    return user if same.update(last_login=timezone.now()) else None


def _seen(user: User) -> str:
    """What the link is bound to: signing in changes it."""
    return user.last_login.isoformat() if user.last_login else ""
