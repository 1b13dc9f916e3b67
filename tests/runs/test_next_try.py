"""The console says by the owner's clock when a paused run is tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from runs import lifecycle
from runs.models import Line
from runs.states import Reason, Status
from tests import factories

AT = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/Paris", "Next try at 2026-11-25 00:00:00 CET."),
        ("America/Sao_Paulo", "Next try at 2026-11-24 20:00:00 -03."),
        ("", "Next try at 2026-11-24 23:00:00 UTC."),
    ],
)
def test_the_zone_is_the_owners(zone: str, told: str) -> None:
    owner = factories.user("owner")
    owner.time_zone = zone
    owner.save()
    run = factories.run(factories.squid(owner), status=Status.RUNNING)
    with transaction.atomic():
        lifecycle.suspend(lifecycle.lock(run.pk), Reason.BATCH_WAIT, wake_at=AT)
    assert Line.objects.latest("pk").text.endswith(told)
