"""The user's own page: their plan and slots, time zone, address, and password."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordChangeView
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_GET, require_POST

from runs import credits, lifecycle
from squids import actions, errors, zones
from squids.account_forms import refuse
from squids.models import Interval, User
from squids.own_forms import AllocationForm, EmailForm, ZoneForm
from squids.views import SignedIn


@require_GET
@login_required
def page(request: SignedIn) -> HttpResponse:
    return _show(request)


@require_POST
@login_required
def set_time_zone(request: SignedIn) -> HttpResponse:
    form = ZoneForm(request.POST)
    if not _done(form, "time_zone", partial(actions.set_time_zone, request.user)):
        return _show(request, zone_form=form)
    return _saved(request, f"Times are told in {request.user.time_zone} from now on.")


@require_POST
@login_required
def set_email(request: SignedIn) -> HttpResponse:
    form = EmailForm(request.POST)
    if not _done(form, "email", partial(actions.set_email, request.user)):
        return _show(request, email_form=form)
    to = request.user.email
    return _saved(request, f"E-mails go to {to}." if to else "You have no address any more.")


@require_POST
@login_required
def allocate(request: SignedIn) -> HttpResponse:
    """What may be spent now changes; what the cycle has left does not."""
    form = AllocationForm(request.POST)
    if not _done(form, "allocation", partial(lifecycle.allocate, request.user)):
        return _show(request, allocation_form=form)
    return _saved(request, "Saved. What is left of your credits is the same as before.")


class ChangePassword(PasswordChangeView):
    """Who signs in by links alone, so far, has no old password to give."""

    request: SignedIn
    template_name = "registration/change_password.html"
    success_url = reverse_lazy("squids:you")
    extra_context = {"nav": "you"}

    def get_form_class(self) -> type[Any]:
        known = self.request.user.has_usable_password()
        return super().get_form_class() if known else SetPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, "Your password is set. Other browsers are signed out.")
        return answer


change_password = ChangePassword.as_view()


def _done(form: Form, field: str, act: Callable[[str], object]) -> bool:
    """Have the action take the form's value; False where it, or the form, refuses it beside its
    field."""
    if form.is_valid():
        try:
            act(form.cleaned_data[field])
        except errors.Refused as refused:
            refuse(form, refused)
    return not form.errors


def _saved(request: SignedIn, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("squids:you")


def _show(request: SignedIn, **forms: Form) -> HttpResponse:
    """The page, with a form that was refused standing in for a fresh one."""
    user = User.objects.select_related("plan").get(pk=request.user.pk)
    fresh = {
        "zone_form": ZoneForm(initial={"time_zone": user.time_zone}),
        "email_form": EmailForm(initial={"email": user.email}),
        "allocation_form": AllocationForm(initial={"allocation": user.allocation}),
    }
    context = _context(user) | fresh | forms
    return render(request, "you/page.html", context, status=422 if forms else 200)


def _context(user: User) -> dict[str, Any]:
    balance = credits.balance_of(user)
    lengths = {balance.interval, user.plan.interval} if user.plan else set()
    return {
        "nav": "you",
        "owner": user,
        "balance": balance,
        "is_monthly": Interval.MONTH in lengths,
        "is_spread": balance.refresh_at < balance.ends_at,
        "holders": user.slot_holders,
        "zones": zones.places(),
    }
