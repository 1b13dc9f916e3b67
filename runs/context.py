"""What the frame of every page shows of the signed-in user's account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from runs import credits
from runs.figures import credits_text, thousands, until_text
from squids.models import User


def account(request: HttpRequest) -> dict[str, Any]:
    """``account``: the user's ``figures``, read only when shown."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"account": SimpleLazyObject(lambda: figures(user))}


def figures(user: User) -> dict[str, Any]:
    """Whole ``credits`` that may be spent before ``renews_at``, the same as texts, ``used_slots``
    and ``slots``. Less than one credit is told exactly: it is not nothing yet."""
    standing = credits.standing(user)
    whole = standing.remaining // credits.CREDIT
    return {
        "standing": standing,
        "credits": whole,
        "credits_text": thousands(whole) if whole else credits_text(standing.remaining),
        "renews_at": standing.refresh_at,
        "renews_text": f"renews {until_text(standing.refresh_at, timezone.now())}",
        "used_slots": user.used_slots,
        "slots": user.slots,
    }
