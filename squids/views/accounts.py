"""Pages of accounts: the list, adding one, and one with its cookies, limits and name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from runs import lifecycle
from runs.models import Run
from squids import account_listing, account_types, actions, errors
from squids.access import account_of, squid_of
from squids.account_forms import AddForm, LimitsForm, NameForm, RefreshForm, refuse
from squids.models import Account, Squid
from squids.views import SignedIn


@require_GET
@login_required
def listing(request: SignedIn) -> HttpResponse:
    entries = account_listing.listing(request.user)
    return render(request, "accounts/list.html", {"nav": "accounts", "entries": entries})


@sensitive_post_parameters("cookies")
@require_http_methods(["GET", "POST"])
@login_required
def add(request: SignedIn) -> HttpResponse:
    """For a squid (``?squid=``) the new account is linked to it."""
    uid = request.POST.get("squid") or request.GET.get("squid", "")
    squid = squid_of(request.user, uid) if uid else None
    if request.method == "GET":
        initial = {"type": request.GET.get("type", "")}
        return _show_new(request, AddForm(initial=initial), squid)
    form = AddForm(request.POST, request.FILES)
    account = _try_adding(request, form) if form.is_valid() else None
    if account is None:
        return _show_new(request, form, squid)
    messages.success(request, f"“{account.name}” was added.")
    if squid:
        _link(request, squid, account)
    return redirect(_way_back(request, squid))


def _try_adding(request: SignedIn, form: AddForm) -> Account | None:
    values = form.cleaned_data
    site = values.get("site", "")
    try:
        return actions.add_account(
            request.user, values["type"], values["name"], form.text, site=site
        )
    except errors.Refused as refused:
        refuse(form, refused)
        return None


def _link(request: SignedIn, squid: Squid, account: Account) -> None:
    """The account stays, whatever keeps it from being linked."""
    try:
        linked = [*squid.accounts.all(), account]
        lifecycle.configure(squid, {"accounts": linked}, by=request.user.get_username())
    except errors.Refused as refused:
        messages.error(request, f"It is not linked to “{squid.name}”: {refused.message}")


def _origin(request: SignedIn) -> str:
    """The page of the squid that asked for an account."""
    page = (request.POST or request.GET).get("from", "")
    return page if page in ("edit", "settings") else "detail"


def _way_back(request: SignedIn, squid: Squid | None) -> str:
    if squid is None:
        return reverse("squids:accounts")
    page = _origin(request)
    place = "" if page == "detail" else "#accounts"
    return reverse(f"squids:{page}", args=[squid.uid]) + place


def _show_new(request: SignedIn, form: AddForm, squid: Squid | None) -> HttpResponse:
    context = {"nav": "accounts", "form": form, "squid": squid}
    context |= {"from": _origin(request), "way_back": _way_back(request, squid)}
    return render(request, "accounts/new.html", context, status=422 if form.errors else 200)


@require_GET
@login_required
def detail(request: SignedIn, uid: str) -> HttpResponse:
    return _show(request, account_of(request.user, uid))


@sensitive_post_parameters("cookies")
@require_POST
@login_required
def refresh(request: SignedIn, uid: str) -> HttpResponse:
    account = account_of(request.user, uid)
    form = RefreshForm(account, request.POST, request.FILES)
    woken = 0
    if form.is_valid():
        try:
            site = form.cleaned_data.get("site", "")
            woken = lifecycle.refresh_account(account, form.text, site)
        except errors.Refused as refused:
            refuse(form, refused)
    if form.errors:
        return _show(request, account, refresh_form=form)
    then = f" {woken} paused run{pluralize(woken, ' goes,s go')} on." if woken else ""
    messages.success(request, f"The cookies of “{account.name}” are fresh.{then}")
    return redirect("squids:account", account.uid)


@require_POST
@login_required
def rename(request: SignedIn, uid: str) -> HttpResponse:
    account = account_of(request.user, uid)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            actions.rename_account(account, form.cleaned_data["name"])
        except errors.Refused as refused:
            refuse(form, refused)
    if form.errors:
        return _show(request, account, name_form=form)
    messages.success(request, "Saved.")
    return redirect("squids:account", account.uid)


@require_POST
@login_required
def limit(request: SignedIn, uid: str) -> HttpResponse:
    """A limit that is lowered holds from a run's next slice on, within about 20 s."""
    account = account_of(request.user, uid)
    kind = account_types.get(account.type)
    if kind is None:
        return redirect("squids:account", account.uid)
    form = LimitsForm(account, kind, request.POST)
    if form.is_valid():
        try:
            lifecycle.limit_account(account, form.cleaned_data)
        except errors.Refused as refused:
            refuse(form, refused)
    if form.errors:
        return _show(request, account, limits_form=form)
    messages.success(request, "Saved.")
    return redirect("squids:account", account.uid)


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: SignedIn, uid: str) -> HttpResponse:
    """GET asks and names what is lost; POST does it."""
    account = account_of(request.user, uid)
    if request.method == "GET":
        squids = list(account.squids.visible().order_by("name"))
        runs = Run.objects.filter(squid__in=squids).unfinished().select_related("squid")
        context = {"nav": "accounts", "item": account, "squids": squids, "runs": runs}
        return render(request, "accounts/delete.html", context)
    lifecycle.delete_account(account)
    messages.success(request, f"“{account.name}” was deleted.")
    return redirect("squids:accounts")


def _show(request: SignedIn, account: Account, **forms: Form) -> HttpResponse:
    """The account's page, with a form that was refused standing in for a fresh one."""
    kind = account_types.get(account.type)
    fresh: dict[str, Any] = {
        "refresh_form": RefreshForm(account) if kind else None,
        "name_form": NameForm(initial={"name": account.name}),
        "limits_form": LimitsForm(account, kind) if kind else None,
    }
    context = {
        "nav": "accounts",
        "entry": account_listing.entry(account, timezone.now()),
        "squids": account.squids.visible().order_by("name"),
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "accounts/detail.html", context | fresh | forms, status=status)
