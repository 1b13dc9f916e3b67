"""What the frame of every page shows of the signed-in user's account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from runs import credits
from squids.models import User


def account(request: HttpRequest) -> dict[str, Any]:
    """``account``: whole ``credits`` left until ``renews_at``, ``used_slots`` and ``slots``; read
    only when shown."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"account": SimpleLazyObject(lambda: figures(user))}


def figures(user: User) -> dict[str, Any]:
    standing = credits.standing(user)
    return {
        "credits": standing.remaining // credits.CREDIT,
        "renews_at": standing.refresh_at,
        "standing": standing,
        "used_slots": user.used_slots,
        "slots": user.slots,
    }
