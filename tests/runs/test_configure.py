"""Many changes of a squid at once: all of them, or none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from runs import lifecycle
from runs.models import Run
from runs.states import Status
from squids import errors
from squids.models import Schedule, Squid
from tests.runs.conftest import MakeSquid

pytestmark = pytest.mark.django_db(transaction=True)

URL = "http://shop.example/"


def test_all_of_them(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    run = lifecycle.start(squid, by="owner")
    changes = {"name": "Other", "is_active": False, "cron": "0 9 * * *", "time_zone": "Asia/Tokyo"}
    changed = lifecycle.configure(squid, changes, by="owner")
    assert (changed.name, changed.is_active) == ("Other", False)
    schedule = Schedule.objects.get(squid=squid)
    assert (schedule.time_zone, schedule.next_at) == ("Asia/Tokyo", None)  # rests, as the squid
    assert Run.objects.get(pk=run.pk).status == Status.ABORTED


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"cron": "never"}, {"concurrency": 99}, {"params": {"colour": 1}}],
    ids=str,
)
def test_or_none(make_squid: MakeSquid, wrong: dict[str, object]) -> None:
    squid = make_squid(URL)
    run = lifecycle.start(squid, by="owner")
    before = Squid.objects.filter(pk=squid.pk).values().get()
    with pytest.raises(errors.FieldRefused):
        lifecycle.configure(squid, {"name": "Other", "is_active": False} | wrong, by="owner")
    assert Squid.objects.filter(pk=squid.pk).values().get() == before
    assert not Schedule.objects.exists()
    assert Run.objects.get(pk=run.pk).status == Status.PENDING


def test_one_that_was_deleted_meanwhile(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    read_before = Squid.objects.get(pk=squid.pk)
    lifecycle.delete(squid, by="owner")
    with pytest.raises(errors.Refused):
        lifecycle.configure(read_before, {"is_active": True}, by="owner")
    assert not Squid.objects.get(pk=squid.pk).is_active


def test_two_at_once_are_one_after_the_other(make_squid: MakeSquid) -> None:
    """Nothing of one is mixed with the other."""
    squid = make_squid(URL)
    both = Barrier(2)

    def configure(number: int) -> None:
        changes = {"name": f"N{number}", "delay": number, "cron": f"{number} 9 * * *"}
        try:
            read_before = Squid.objects.get(pk=squid.pk)
            both.wait()
            lifecycle.configure(read_before, changes, by="owner")
        finally:
            connections.close_all()

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(configure, (1, 2)))
        squid.refresh_from_db()
        last = int(squid.delay)
        assert (squid.name, Schedule.objects.get().cron) == (f"N{last}", f"{last} 9 * * *")
