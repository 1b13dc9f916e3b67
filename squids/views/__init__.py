"""Pages of squids. A view fetches with access, guards, calls one action, answers."""

from __future__ import annotations

from django.http import HttpRequest

from squids.models import User


class SignedIn(HttpRequest):
    """The request of somebody signed in; every view here stands behind ``login_required``."""

    user: User
