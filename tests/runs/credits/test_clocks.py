"""Clocks that are put back: cycles still follow each other, and asking for one comes to an end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat

import pytest
from django.utils import timezone

from runs import credits, lifecycle
from runs.credits import audit
from runs.models import Balance
from squids.models import User
from tests.runs.credits.moments import paris, utc

Clock = Callable[[datetime], None]
NOON = utc("2026-05-10T12:00")


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the machine's clock, for as often as anybody has to read it."""
    return lambda at: monkeypatch.setattr(timezone, "now", partial(next, repeat(at, 200)))


@pytest.mark.parametrize("back", [timedelta(), timedelta(seconds=2), timedelta(days=40)])
def test_a_plan_given_at_an_earlier_time_begins_after_the_cycle_before(
    back: timedelta, user: User, put: Clock
) -> None:
    put(NOON)
    credits.balance_of(user)
    lifecycle.grant(user, 5, by="operator")
    lifecycle.set_plan(user, user.plan)
    put(NOON - back)
    lifecycle.set_plan(user, user.plan)
    last = lifecycle.set_plan(user, user.plan)
    cycles = list(Balance.objects.filter(user=user).order_by("pk"))
    starts = [balance.starts_at for balance in cycles]
    assert starts == sorted(set(starts))
    assert len(cycles) == 4
    assert last.carried == 5
    assert last.ends_at == paris("2026-06-01")
    assert list(audit.faults()) == []


def test_a_clock_that_steps_back_over_the_refresh_keeps_nobody_asking(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = credits.balance_of(user)
    late = before.refresh_at + timedelta(seconds=1)
    clock = iter([late, *[late - timedelta(seconds=2)] * 9])
    monkeypatch.setattr(timezone, "now", lambda: next(clock))
    assert credits.balance_of(user) == before
