"""Signing in with a password, and how often one may be tried.

Only wrong tries count: those of one address at one name, and those of one address at any name. So
nobody locks another one out, and who guesses gets ten tries a minute. Kept in the web process.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from lobstr_site.api.limits import WINDOW, Buckets, client_address

OF_A_NAME, OF_AN_ADDRESS = 10, 50
"""Wrong tries a minute."""


class Tries:
    """What may be tried now, by the address of who tries and the name that is tried."""

    def __init__(self) -> None:
        self.names = Buckets(OF_A_NAME)
        self.addresses = Buckets(OF_AN_ADDRESS)

    def wait(self, address: str, name: str) -> int:
        """Seconds until the next try; 0: now."""
        waits = (b.owed(who) + b.interval - WINDOW for b, who in self._both(address, name))
        return max(0, *(math.ceil(wait - 1e-6) for wait in waits))

    def note_wrong(self, address: str, name: str) -> None:
        for buckets, who in self._both(address, name):
            buckets.charge(who, 1)

    def forget(self, address: str, name: str) -> None:
        """It was right in the end."""
        self.names.drop(f"{address} {name}")

    def _both(self, address: str, name: str) -> Iterator[tuple[Buckets, str]]:
        yield self.names, f"{address} {name}"
        yield self.addresses, address


tries = Tries()


class Login(LoginView):
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        wait = tries.wait(*_who(request))
        return self._refuse(wait) if wait else super().post(request, *args, **kwargs)

    def _refuse(self, wait: int) -> HttpResponse:
        """The password is not looked at: a right one is told no sooner than a wrong one."""
        form = AuthenticationForm(
            self.request, initial={"username": self.request.POST.get("username")}
        )
        response = self.render_to_response(self.get_context_data(form=form, wait=wait), status=429)
        response.headers["Retry-After"] = str(wait)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        tries.note_wrong(*_who(self.request))
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        tries.forget(*_who(self.request))
        return super().form_valid(form)


def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin's own page has no bound of tries, so there is one door for all."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/admin/"))


def _who(request: HttpRequest) -> tuple[str, str]:
    meta = request.META
    address = client_address(
        meta.get("REMOTE_ADDR", ""),
        meta.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else "",
    )
    return address, request.POST.get("username", "").strip().casefold()[:200]
