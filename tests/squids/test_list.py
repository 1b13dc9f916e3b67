from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from runs.states import Status
from squids.listing import Listing, listing
from squids.models import Squid, User
from tests import factories

LIST = reverse("squids:list")


def names(found: Listing) -> list[str]:
    return [entry.squid.name for entry in found.entries]


def shown(client: Client, query: str = "") -> str:
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_says_what_to_do_when_there_is_none(client: Client) -> None:
    page = shown(client)
    assert "No squid yet" in page
    assert reverse("squids:create") in page


def test_row_tells_the_last_run(client: Client, squid: Squid) -> None:
    run = factories.run(squid)
    factories.results(run, [{"sku": str(n)} for n in range(1234)])
    page = shown(client)
    assert f'id="squid-row-{squid.uid}"' in page
    for text in ("Books", "Test shop", "Done", "1,234", reverse("runs:launch", args=[squid.uid])):
        assert text in page


def test_running_row_has_its_bar_and_abort(client: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.RUNNING, tasks_done=2)
    page = shown(client)
    assert 'max="3" value="2"' in page
    assert "2 of 3 tasks" in page
    assert reverse("runs:abort", args=[run.uid]) in page
    assert reverse("runs:launch", args=[squid.uid]) not in page


def test_paused_row_tells_the_next_try(client: Client, squid: Squid) -> None:
    wake = factories.EPOCH + timedelta(hours=6)
    factories.run(squid, status=Status.PAUSED, wake_at=wake)
    assert wake.isoformat() in shown(client)


def test_names_are_shown_as_text(client: Client, owner: User) -> None:
    factories.squid(owner, name="<script>alert(1)</script>")
    page = shown(client, "?q=<script>alert(1)")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_finds_by_a_part_of_the_name(owner: User) -> None:
    for name in ("Books of Rome", "Shoes", "More BOOKS"):
        factories.squid(owner, name=name)
    assert set(names(listing(owner, q="books"))) == {"Books of Rome", "More BOOKS"}
    assert names(listing(owner, q="nothing such")) == []


def test_filters_by_status(owner: User) -> None:
    for status in (Status.PENDING, Status.PAUSED, Status.DONE, Status.ABORTED, Status.ERROR):
        factories.run(factories.squid(owner, name=status), status=status)
    factories.squid(owner, name="fresh")
    factories.squid(owner, name="off", is_active=False)
    for name in ("paused", "done", "aborted", "error"):
        assert names(listing(owner, status=name)) == [name]
    assert names(listing(owner, status="running")) == ["pending"]
    assert set(names(listing(owner, status="never"))) == {"fresh", "off"}
    assert names(listing(owner, status="inactive")) == ["off"]
    assert len(names(listing(owner, status="no such"))) == 7


@pytest.mark.parametrize("sort", ["name", "status", "last", "unique", "credits", "slots", "tasks"])
def test_sorts_both_ways(owner: User, sort: str) -> None:
    for number, status in enumerate((Status.ABORTED, Status.DONE, Status.ERROR), start=1):
        made = factories.squid(owner, tasks=number, name=f"squid {number}", concurrency=number)
        factories.run(made, status=status, unique_results=number, credits=number)
    up = ["squid 1", "squid 2", "squid 3"]
    assert names(listing(owner, sort=sort)) == up
    assert names(listing(owner, sort=f"-{sort}")) == up[::-1]


def test_never_run_sorts_last_both_ways(owner: User) -> None:
    factories.squid(owner, name="fresh")
    factories.run(factories.squid(owner, name="used"), unique_results=5)
    assert names(listing(owner, sort="unique")) == ["used", "fresh"]
    assert names(listing(owner, sort="-unique")) == ["used", "fresh"]


def test_bars_are_the_last_seven_runs(owner: User, squid: Squid) -> None:
    for unique in range(10):
        factories.run(squid, unique_results=unique)
    (entry,) = listing(owner).entries
    assert [bar.unique_results for bar in entry.bars] == [3, 4, 5, 6, 7, 8, 9]
    assert [bar.height for bar in entry.bars][-1] == 24
    assert [bar.x for bar in entry.bars] == [0, 10, 20, 30, 40, 50, 60]


def test_foreign_and_deleted_are_not_shown(owner: User, squid: Squid) -> None:
    factories.squid(factories.user("other"), name="Theirs")
    factories.squid(owner, name="Gone", is_active=False, deleted_at=factories.EPOCH)
    assert names(listing(owner)) == ["Books"]


def test_queries_do_not_grow_with_the_squids(client: Client, owner: User) -> None:
    counts = []
    shown(client)  # opens the balance of the period
    for number in (2, 30):
        while owner.squids.count() < number:
            factories.run(factories.squid(owner))
        with CaptureQueriesContext(connection) as queries:
            shown(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 12


def test_pages_of_two_hundred(client: Client, owner: User) -> None:
    crawler = factories.squid(owner, tasks=0).crawler
    more = (Squid(owner=owner, crawler=crawler, name=f"n {n}") for n in range(204))
    Squid.objects.bulk_create(more)
    first, second = listing(owner), listing(owner, page="2")
    assert len(first.entries) == 200
    assert len(second.entries) == 5
    assert not set(names(first)) & set(names(second))
    assert "1 to 200 of 205" in shown(client)
    assert listing(owner, page="nonsense").entries[0].squid == first.entries[0].squid
