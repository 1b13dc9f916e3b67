from __future__ import annotations

from django.test import Client
from django.urls import reverse

from squids import actions
from squids.models import Plan, Squid


def press(client: Client, squid: Squid) -> str:
    url = reverse("squids:activate", args=[squid.uid])
    response = client.post(url, follow=True)
    assert response.status_code == 200
    squid.refresh_from_db()
    return str(response.content.decode())


def test_takes_its_slots_again(client: Client, squid: Squid) -> None:
    actions.deactivate(squid)
    assert squid.owner.used_slots == 0
    press(client, squid)
    assert squid.is_active
    assert squid.owner.used_slots == 1


def test_refused_without_free_slots(client: Client, squid: Squid) -> None:
    actions.deactivate(squid)
    Plan.objects.update(slots=0)
    assert "0 are free" in press(client, squid)
    assert not squid.is_active


def test_active_one_stays_so_when_slots_are_gone(client: Client, squid: Squid) -> None:
    Plan.objects.update(slots=0)
    press(client, squid)
    assert squid.is_active
