from __future__ import annotations

from django.test import Client
from django.urls import reverse

from squids import actions
from squids.models import Crawler, Plan, Squid, User

NEW = reverse("squids:create")


def make(client: Client, **fields: str) -> tuple[int, str]:
    """Send the form; answers the status and the page, or where it leads."""
    actions.sync_crawlers()
    response = client.post(NEW, {"crawler": "test-shop", **fields})
    return response.status_code, response.headers.get("Location") or response.content.decode()


def test_makes_a_squid_with_a_name_of_its_own(client: Client, owner: User) -> None:
    status, where = make(client)
    squid = Squid.objects.get(owner=owner)
    assert (status, where) == (302, reverse("squids:edit", args=[squid.uid]))
    assert squid.name == "Test shop (1)"
    assert squid.concurrency == 1
    assert squid.created_from == "web"


def test_next_name_is_the_next_number(client: Client, owner: User) -> None:
    make(client)
    make(client)
    assert set(owner.squids.values_list("name", flat=True)) == {"Test shop (1)", "Test shop (2)"}


def test_crawlers_defaults_are_filled_in(client: Client, owner: User) -> None:
    make(client, crawler="test-places")
    assert Squid.objects.get(owner=owner).params == {"depth": 3, "images": True}


def test_name_that_is_taken_is_refused(client: Client, squid: Squid) -> None:
    status, page = make(client, name="Books")
    assert status == 422
    assert "You already have a squid named “Books”." in page
    assert 'value="Books"' in page


def test_same_name_is_free_for_another_user(squid: Squid, stranger: Client) -> None:
    assert make(stranger, name="Books")[0] == 302


def test_no_crawler_is_refused(client: Client, owner: User) -> None:
    status, page = make(client, crawler="")
    assert status == 422
    assert "Choose a crawler." in page
    assert not owner.squids.exists()


def test_unavailable_crawler_is_not_offered_and_refused(client: Client, owner: User) -> None:
    actions.sync_crawlers()
    Crawler.objects.filter(slug="test-shop").update(is_available=False)
    assert "Test shop" not in client.get(NEW).content.decode()
    response = client.post(NEW, {"crawler": "test-shop"})
    assert response.status_code == 422
    assert not owner.squids.exists()


def test_without_a_free_slot_it_is_refused(client: Client, owner: User) -> None:
    Plan.objects.update(slots=0)
    status, page = make(client)
    assert status == 422
    assert "This takes 1 more slot and 0 of 0 are free." in page
    assert not owner.squids.exists()


def test_name_of_300_characters_is_kept_and_of_301_refused(client: Client, owner: User) -> None:
    assert make(client, name="n" * 300)[0] == 302
    status, page = make(client, name="n" * 301)
    assert status == 422
    assert "at most 300 characters" in page
    assert owner.squids.get().name == "n" * 300


def test_name_with_control_characters_is_refused(client: Client, owner: User) -> None:
    for name in ("a\x00b", "a\nb", "a\u202eb"):
        assert make(client, name=name)[0] == 422
    assert not owner.squids.exists()


def test_crawler_that_is_not_installed_is_not_offered(client: Client, owner: User) -> None:
    actions.sync_crawlers()
    Crawler.objects.filter(slug="test-shop").update(slug="gone-away")
    assert "Test shop" not in client.get(NEW).content.decode()
    assert client.post(NEW, {"crawler": "gone-away"}).status_code == 422
