"""Slots are judged by what a squid takes now, not by what it took when somebody read it."""

from __future__ import annotations

import pytest

from squids import actions, errors
from squids.models import Plan, Squid


@pytest.fixture
def stale(places: Squid) -> Squid:
    """The same squid as somebody else read it before."""
    return Squid.objects.get(pk=places.pk)


def test_activated_meanwhile_it_needs_its_slots(places: Squid) -> None:
    actions.deactivate(places)
    stale = Squid.objects.get(pk=places.pk)
    actions.activate(places)
    Plan.objects.update(slots=2)
    with pytest.raises(errors.SlotsLimitExceeded):
        actions.update_squid(stale, {"concurrency": 3})
    places.refresh_from_db()
    assert places.concurrency == 1


def test_lowered_meanwhile_it_takes_more_again(places: Squid, squid: Squid) -> None:
    actions.update_squid(places, {"concurrency": 4})
    stale = Squid.objects.get(pk=places.pk)
    actions.update_squid(places, {"concurrency": 1})
    Plan.objects.update(slots=3)
    with pytest.raises(errors.SlotsLimitExceeded):
        actions.update_squid(stale, {"concurrency": 4})
    assert stale.concurrency == 1
    assert squid.owner.used_slots == 2


def test_raised_meanwhile_it_is_activated_with_all_it_takes(places: Squid) -> None:
    actions.deactivate(places)
    stale = Squid.objects.get(pk=places.pk)
    Plan.objects.update(slots=2)
    actions.update_squid(places, {"concurrency": 3})
    with pytest.raises(errors.SlotsLimitExceeded):
        actions.activate(stale)
    assert not Squid.objects.get(pk=places.pk).is_active


def test_deactivated_meanwhile_it_is_activated_again(places: Squid, stale: Squid) -> None:
    actions.deactivate(places)
    actions.activate(stale)
    assert Squid.objects.get(pk=places.pk).is_active


def test_deleted_meanwhile_it_stays_so(places: Squid) -> None:
    actions.deactivate(places)
    stale = Squid.objects.get(pk=places.pk)
    actions.delete(places)
    actions.activate(stale)
    assert not Squid.objects.get(pk=places.pk).is_active
