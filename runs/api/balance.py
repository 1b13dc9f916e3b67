"""``GET /user/balance``: what the user may spend, has spent, and holds in slots."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, Router, Schema

from runs import credits
from squids.api.caller import Caller
from squids.api.schema import answers, credits_of, moment
from squids.ids import uid_from
from squids.models import Interval, Plan

router = Router(tags=["User"])


class BalanceOut(Schema):
    """Credits of the present cycle. What may be spent now is ``available - consumed``."""

    id: str = Field(description="Of the plan.")
    object: Literal["plan"] = "plan"
    name: str = Field(description="Of the plan; empty without one.")
    available: int | float = Field(
        description="Released so far in this cycle, the spent ones, bonuses and what was carried"
        " over included."
    )
    consumed: int | float
    bonus_credit: int | float = Field(description="The part of the cycle's credits given on top.")
    rollover_credit: int | float = Field(description="The part left of bonuses of cycles before.")
    rollover_credit_expires_at: str | None = Field(description="They do not expire.")
    interval: Interval
    used_slots: int
    total_available_slots: int
    has_unpaid_bill: bool
    reset_time: str = Field(description="When there is next more to spend by itself.")


@router.get("/user/balance", response=answers(BalanceOut), summary="Credits and slots")
def balance(request: Caller) -> dict[str, Any]:
    user, found = request.user, credits.balance_of(request.user)
    plan = user.plan
    return {
        "id": _id(plan),
        "object": "plan",
        "name": plan.name if plan else "",
        "available": credits_of(found.allowance),
        "consumed": credits_of(found.spent),
        "bonus_credit": credits_of(found.bonus),
        "rollover_credit": credits_of(found.carried),
        "rollover_credit_expires_at": None,
        "interval": found.interval,
        "used_slots": user.used_slots,
        "total_available_slots": user.slots,
        "has_unpaid_bill": False,
        "reset_time": moment(found.refresh_at),
    }


def _id(plan: Plan | None) -> str:
    return uid_from(f"plan {plan.pk if plan else 0}")
