"""GET /user/balance: what a script works out is what the pages show."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from lobstrio.models.user import Balance as SdkBalance

from runs import credits, lifecycle
from runs.models import Balance
from squids.models import Interval, Plan, User
from tests import factories
from tests.api.conftest import Script

CREDIT = credits.CREDIT


def asked(script: Script) -> dict[str, Any]:
    status, body = script.get("/user/balance")
    assert status == 200
    return dict(body)


def bar(user: User) -> str:
    """The credits in the frame of every page."""
    client = Client()
    client.force_login(user)
    found = re.search(
        r'class="bar-credits.*?<dd>(.*?)<span', client.get("/").content.decode(), re.DOTALL
    )
    assert found
    return found[1].strip()


def spend(user: User, amount: int) -> None:
    assert credits.charge(credits.balance_of(user), amount)


def test_a_plan_by_the_month(script: Script) -> None:
    factories.squid(script.user, concurrency=3)
    spend(script.user, 1500)
    found = asked(script)
    cycle = Balance.objects.get()
    assert re.fullmatch("[0-9a-f]{32}", found.pop("id"))
    assert found == {
        "object": "plan",
        "name": "Tests",
        "available": 1_000_000,
        "consumed": 1.5,
        "bonus_credit": 0,
        "rollover_credit": 0,
        "rollover_credit_expires_at": None,
        "interval": "monthly",
        "used_slots": 3,
        "total_available_slots": 100,
        "has_unpaid_bill": False,
        "reset_time": f"{cycle.refresh_at:%Y-%m-%dT%H:%M:%S}.000Z",
    }


def test_bonuses_are_part_of_what_is_available(script: Script) -> None:
    lifecycle.grant(script.user, 70 * CREDIT, by="op")
    found = asked(script)
    assert (found["available"], found["bonus_credit"]) == (1_000_070, 70)


def test_what_was_left_of_a_bonus_rolls_over(script: Script) -> None:
    lifecycle.grant(script.user, 70 * CREDIT, by="op")
    lifecycle.set_plan(script.user, Plan.objects.create(name="Small", credits=10 * CREDIT))
    found = asked(script)
    assert (found["name"], found["available"]) == ("Small", 80)
    assert (found["bonus_credit"], found["rollover_credit"]) == (0, 70)


@pytest.mark.parametrize("interval", [Interval.MONTH, Interval.DAY], ids=str)
@pytest.mark.parametrize("allocation", [Interval.MONTH, Interval.DAY], ids=str)
def test_what_is_left_by_it_is_what_the_bar_shows(
    script: Script, interval: str, allocation: str
) -> None:
    """Also where a monthly plan is spread over the days, and with a bonus."""
    plan = Plan.objects.create(name="P", credits=62_000 * CREDIT, interval=interval)
    lifecycle.set_plan(script.user, plan)
    lifecycle.grant(script.user, 5 * CREDIT, by="op")
    lifecycle.allocate(script.user, allocation)
    spend(script.user, 7 * CREDIT)
    found = asked(script)
    assert found["interval"] == interval
    left = round(found["available"] - found["consumed"], 3)
    assert f"{int(left):,}" == bar(script.user)  # whole credits there


def test_a_user_without_a_plan(script: Script) -> None:
    lifecycle.set_plan(script.user, None)
    found = asked(script)
    assert (found["name"], found["available"], found["total_available_slots"]) == ("", 0, 0)


def test_the_sdk_reads_it(script: Script) -> None:
    read = SdkBalance.from_api(asked(script))
    assert (read.available, read.consumed, read.total_available_slots) == (1_000_000, 0, 100)
