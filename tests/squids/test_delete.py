from __future__ import annotations

from django.test import Client
from django.urls import reverse

from runs.models import LedgerEntry
from runs.states import Status
from squids.models import Squid
from tests import factories


def test_asks_and_names_what_is_lost(client: Client, squid: Squid) -> None:
    factories.results(factories.run(squid), [{"n": n} for n in range(5)])
    page = client.get(reverse("squids:delete", args=[squid.uid])).content.decode()
    assert "Delete “Books”?" in page
    assert "3 tasks, 1 run and 5 results" in page
    squid.refresh_from_db()
    assert squid.deleted_at is None


def test_hides_it_and_keeps_the_charges(client: Client, squid: Squid) -> None:
    run = factories.results(factories.run(squid), [{"n": 1}])
    url = reverse("squids:delete", args=[squid.uid])
    assert client.post(url).headers["Location"] == reverse("squids:list")
    assert client.get(reverse("squids:detail", args=[squid.uid])).status_code == 404
    assert client.get(reverse("runs:detail", args=[run.uid])).status_code == 404
    assert LedgerEntry.objects.filter(run=run).exists()


def test_frees_name_and_slots(client: Client, squid: Squid) -> None:
    client.post(reverse("squids:delete", args=[squid.uid]))
    assert squid.owner.used_slots == 0
    factories.squid(squid.owner, name="Books")


def test_aborts_an_unfinished_run(client: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.PAUSED)
    client.post(reverse("squids:delete", args=[squid.uid]))
    run.refresh_from_db()
    assert run.status == Status.ABORTED
