"""``GET /me``: whose key it is."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema

from squids.api.caller import Caller
from squids.api.schema import answers, moment
from squids.models import Interval, User

router = Router(tags=["User"])


class PlanOut(Schema):
    name: str
    status: str


class UserOut(Schema):
    id: str
    username: str
    first_name: str
    last_name: str
    email: str
    email_verified: bool
    is_active: bool
    is_staff: bool
    date_joined: str
    login_count: int
    profile_image: str | None
    plan: list[PlanOut]
    credit_interval: str


@router.get("/me", response=answers(UserOut), summary="The user whose key this is")
def me(request: Caller) -> dict[str, Any]:
    return _user(request.user)


def _user(user: User) -> dict[str, Any]:
    plan = user.plan
    return {
        "id": f"{user.pk:032x}",
        "username": user.get_username(),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "email_verified": bool(user.email),
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "date_joined": moment(user.date_joined),
        "login_count": int(user.last_login is not None),
        "profile_image": None,
        "plan": [{"name": plan.name, "status": "active"}] if plan else [],
        "credit_interval": _interval(user),
    }


def _interval(user: User) -> str:
    """How the credits come: day by day, or all at once."""
    daily = Interval.DAY in (user.allocation, user.plan.interval if user.plan else "")
    return str(Interval.DAY if daily else Interval.MONTH)
