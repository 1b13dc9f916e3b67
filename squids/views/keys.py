"""The API page: keys made, shown once, revoked; and how scripts reach this server with one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from runs.models import Run
from squids import actions, errors
from squids.access import key_of, keys_of
from squids.account_forms import refuse
from squids.models import ApiKey, new_uid
from squids.views import SignedIn

REVOKED_SHOWN = 50
REVOKED_ORDER = ("-revoked_at", "-id")


class KeyForm(forms.Form):
    """A key's name; ``uid``, chosen with the form, keeps one that is sent twice from making two."""

    name = forms.CharField(
        help_text="What uses it, such as “nightly export”. A key of its own for each script can be"
        " revoked alone.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "nightly export"}),
        error_messages={"required": "Give the key a name, such as the script's."},
    )
    uid = forms.CharField(widget=forms.HiddenInput, required=False)


@require_GET
@login_required
def page(request: SignedIn) -> HttpResponse:
    return _show(request, _fresh_form())


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def make(request: SignedIn) -> HttpResponse:
    """The new key stands on this answer alone. GET is what an address typed again asks for."""
    if request.method == "GET":
        return redirect("squids:keys")
    form = KeyForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            key, text = actions.make_key(request.user, values["name"], uid=values["uid"])
        except errors.KeyMade:
            made = keys_of(request.user).filter(uid=values["uid"]).first()
            return _show(request, _fresh_form(), {"again": True, "made": made}, 422)
        except errors.Refused as refused:
            refuse(form, refused)
        else:
            return _show(request, _fresh_form(), {"key": key, "text": text})
    return _show(request, form, status=422)


@require_http_methods(["GET", "POST"])
@login_required
def revoke(request: SignedIn, uid: str) -> HttpResponse:
    """GET asks and names what stops; POST does it."""
    key = key_of(request.user, uid)
    if request.method == "POST":
        actions.revoke_key(key)
        messages.success(request, f"“{key.name}” was revoked.")
    elif not key.is_revoked:
        runs = Run.objects.filter(api_key=key).unfinished().select_related("squid").order_by("-id")
        context = {"nav": "api", "key": key, "runs": runs}
        return render(request, "keys/revoke.html", context)
    return redirect("squids:keys")


def _fresh_form() -> KeyForm:
    return KeyForm(initial={"uid": new_uid()})


def _show(
    request: SignedIn, form: KeyForm, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    keys, revoked = keys_of(request.user).good(), keys_of(request.user).exclude(revoked_at=None)
    context = {
        "nav": "api",
        "form": form,
        "keys": _with_runs(keys.order_by("-id")),
        "revoked": _with_runs(_newest(revoked).order_by(*REVOKED_ORDER)),
        "revoked_count": revoked.count(),
        "address": request.build_absolute_uri(reverse("v1:api-root")),
    }
    return render(request, "keys/page.html", context | (more or {}), status=status)


def _newest(revoked: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
    """Those that are shown, chosen first: so the runs of the others are not counted."""
    return revoked.filter(pk__in=revoked.order_by(*REVOKED_ORDER).values("pk")[:REVOKED_SHOWN])


def _with_runs(keys: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
    """Each with ``run_count``, how many runs it started."""
    return keys.annotate(run_count=Count("runs"))
