"""A sign-in link works once, not for long, and only for whom it was made."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from lobstr_site.signin import make_link
from squids.models import User

pytestmark = pytest.mark.django_db
HOME, LOGIN = "squids:list", "login"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ann")


def lands(link: str, client: Client | None = None) -> str:
    return str(client.get(link).headers["Location"]) if client else lands(link, Client())


def test_it_signs_in_once(user: User) -> None:
    link, client = make_link(user), Client()
    assert lands(link, client) == reverse(HOME)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert lands(link) == reverse(LOGIN)


def test_a_signed_in_person_who_reloads_it_goes_on(user: User) -> None:
    link, client = make_link(user), Client()
    assert lands(link, client) == lands(link, client) == reverse(HOME)


def test_of_two_links_one_works(user: User) -> None:
    first, second = make_link(user), make_link(user)
    assert lands(second) == reverse(HOME)
    assert lands(first) == reverse(LOGIN)


def test_an_old_link_does_not_work(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = make_link(user)
    monkeypatch.setattr("lobstr_site.signin.LIFETIME", -1)
    assert lands(link) == reverse(LOGIN)


def test_a_forged_link_does_not_work(user: User) -> None:
    token = signing.dumps({"user": user.pk, "seen": ""}, salt="another purpose")
    assert lands(reverse("signin", args=[token])) == reverse(LOGIN)
    assert lands(make_link(user) + "x") == reverse(LOGIN)


def test_a_switched_off_user_cannot_use_it(user: User) -> None:
    link = make_link(user)
    User.objects.update(is_active=False)
    assert lands(link) == reverse(LOGIN)


def test_a_command_makes_a_new_one(user: User) -> None:
    output = StringIO()
    call_command("link", "ann", stdout=output)
    path = "/signin/" + output.getvalue().strip().partition("/signin/")[2]
    assert lands(path) == reverse(HOME)
    with pytest.raises(CommandError, match="no active user"):
        call_command("link", "nobody")
