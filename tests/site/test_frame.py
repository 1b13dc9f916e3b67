from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from runs import credits
from runs.models import Balance
from squids.models import User
from tests import factories


@pytest.fixture
def owner(db: None) -> User:
    owner = factories.user("owner")
    owner.set_password("owner")
    owner.save(update_fields=["password"])
    return owner


def bar(user: User) -> str:
    """What the frame tells of the account, as one reads it."""
    client = Client()
    client.force_login(user)
    page = html.fromstring(client.get(reverse("squids:list")).content.decode())
    return " ".join(page.get_element_by_id("account").text_content().split())


def test_bar_tells_credits_and_slots(owner: User) -> None:
    factories.squid(owner, concurrency=7)
    assert re.fullmatch(
        r"Credits ?1,000,000, renews in (a minute|\d+ (d|h|min)) Slots ?7 / 100", bar(owner)
    )


def test_bar_counts_down_to_the_renewal(owner: User) -> None:
    credits.balance_of(owner)
    in_days, in_hours = (timezone.now() + timedelta(**t) for t in ({"days": 6.5}, {"hours": 5.5}))
    Balance.objects.update(refresh_at=in_days, ends_at=in_days)
    assert "1,000,000, renews in 6 d " in bar(owner)
    Balance.objects.update(refresh_at=in_hours, ends_at=in_days, spent=999_999_600)
    assert "Credits0.4, renews in 5 h " in bar(owner)
    Balance.objects.update(spent=F("allowance"))
    assert "No credits left, renews in 5 h " in bar(owner)


def test_bar_tells_the_exact_time_of_the_renewal_in_the_users_zone(owner: User) -> None:
    User.objects.update(time_zone="Asia/Tokyo")
    credits.balance_of(owner)
    at = datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)
    Balance.objects.update(refresh_at=at, ends_at=at)
    client = Client()
    client.force_login(owner)
    assert "it renews 2099-01-02 12:04:05 JST" in client.get("/").content.decode()


def test_operator_is_led_to_the_admin(db: None) -> None:
    client = Client()
    client.force_login(factories.user("boss", is_staff=True))
    assert reverse("admin:index") in client.get(reverse("squids:list")).content.decode()


def test_signs_in_and_goes_on_to_the_page_that_was_asked_for(owner: User) -> None:
    client = Client()
    asked = reverse("squids:create")
    login = client.get(asked).headers["Location"]
    page = client.post(login, {"username": "owner", "password": "owner", "next": asked})
    assert page.headers["Location"] == asked


def test_leads_to_no_other_site_after_sign_in(owner: User) -> None:
    given = {"username": "owner", "password": "owner", "next": "https://evil.example/"}
    response = Client().post(reverse("login"), given)
    assert response.headers["Location"] == reverse("squids:list")


def test_wrong_password_is_said_and_the_name_stays(owner: User) -> None:
    response = Client().post(reverse("login"), {"username": "owner", "password": "wrong"})
    page = response.content.decode()
    assert "Please enter a correct username and password" in page
    assert 'value="owner"' in page


def test_signs_out_by_post_only(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).headers["Location"] == reverse("login")
    assert client.get(reverse("squids:list")).headers["Location"].startswith("/login")


def test_unknown_address_is_told_in_the_frame(owner: User) -> None:
    for client in (Client(), Client()):
        response = client.get("/no/such/page")
        assert response.status_code == 404
        assert "There is nothing here" in response.content.decode()
        client.force_login(owner)


@pytest.mark.parametrize("url", ["/", "/login", "/squids/new", "/no/such/page"])
def test_no_inline_script_or_style(owner: User, url: str) -> None:
    """The policy that the page is sent with would block them."""
    client = Client()
    client.force_login(owner)
    response = client.get(url, follow=True)
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert "<script>" not in page
    assert " style=" not in page
    assert " onclick=" not in page
