from __future__ import annotations

from django.test import Client
from django.urls import reverse

from runs.models import Lease
from runs.states import Reason, Status
from squids.models import Squid
from tests import factories


def test_frees_slots_and_says_so(client: Client, squid: Squid) -> None:
    response = client.post(reverse("squids:deactivate", args=[squid.uid]), follow=True)
    squid.refresh_from_db()
    assert not squid.is_active
    assert squid.owner.used_slots == 0
    assert "This squid is deactivated" in response.content.decode()


def test_cuts_an_unfinished_run(client: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.RUNNING)
    Lease.objects.create(run=run)
    client.post(reverse("squids:deactivate", args=[squid.uid]))
    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.ABORTED, Reason.DEACTIVATED)


def test_get_does_nothing(client: Client, squid: Squid) -> None:
    assert client.get(reverse("squids:deactivate", args=[squid.uid])).status_code == 405
    squid.refresh_from_db()
    assert squid.is_active
