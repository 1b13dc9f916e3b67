"""A user in Paris whose plan is 310 credits a month."""

from __future__ import annotations

import pytest

from squids.models import Plan, User
from tests import factories

CREDIT = 1000


@pytest.fixture
def user(db: None) -> User:
    plan = Plan.objects.create(name="Paris", credits=310 * CREDIT, slots=100)
    made = factories.user("claire", time_zone="Europe/Paris")
    User.objects.filter(pk=made.pk).update(plan=plan)
    return User.objects.get(pk=made.pk)
