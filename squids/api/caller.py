"""Who asks: every endpoint but the public ones is reached with a key."""

from __future__ import annotations

from django.http import HttpRequest

from squids.models import ApiKey, User


class Caller(HttpRequest):
    """A request that showed a good key: ``user`` is its owner, ``auth`` the key itself, whose
    ``signature`` says who acts."""

    user: User
    auth: ApiKey
