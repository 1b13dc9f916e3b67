"""Slots are judged by what a squid takes now, not by what it took when somebody read it; and who
is refused learns who holds them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from squids import actions, errors
from squids.models import Plan, Squid, User
from tests import factories


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


def test_every_refusal_says_who_holds_the_slots(places: Squid, squid: Squid) -> None:
    actions.update_squid(places, {"concurrency": 4})
    in_use = "In use: “Towns” 4, “Books” 1."
    create = partial(actions.create_squid, crawler=squid.crawler)
    raised = partial(_raise_it, squid)
    assert refusal(6, raised) == f"This takes 4 more slots and 1 of 6 are free. {in_use}"
    assert refusal(5, create) == f"This takes 1 more slot and 0 of 5 are free. {in_use}"
    assert refusal(4, create) == f"This takes 1 more slot and 0 of 4 are free. {in_use}"
    actions.deactivate(places)
    text = "This takes 4 more slots and 3 of 4 are free. In use: “Books” 1."
    assert refusal(4, partial(_activate, places)) == text


def test_a_refusal_stays_short(squid: Squid) -> None:
    for n in range(11):
        factories.squid(squid.owner, name=f"{n:02}" * 150, concurrency=n + 2)
    text = refusal(0, partial(actions.create_squid, crawler=squid.crawler))
    assert text.endswith(" and 7 more.")
    assert text.count("…” ") == 5
    assert "…” 12, “09" in text
    assert len(text) < 450


def test_a_plan_without_a_slot_names_nobody(squid: Squid) -> None:
    actions.deactivate(squid)
    text = refusal(0, partial(_activate, squid))
    assert text == "This takes 1 more slot and 0 of 0 are free."


def refusal(slots: int, action: Callable[[User], object]) -> str:
    """What the owner is told, on a plan of so many slots."""
    Plan.objects.update(slots=slots)
    with pytest.raises(errors.SlotsLimitExceeded) as refused:
        action(User.objects.get())
    assert refused.value.field == "concurrency"
    return refused.value.message


def _raise_it(squid: Squid, owner: User) -> None:
    actions.update_squid(Squid.objects.get(pk=squid.pk), {"concurrency": 5})


def _activate(squid: Squid, owner: User) -> None:
    actions.activate(Squid.objects.get(pk=squid.pk))
