"""Signing in with a password, and how often a wrong one may be tried."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lobstr_site import login
from lobstr_site.login import OF_A_NAME, OF_AN_ADDRESS, Tries
from squids.models import User
from tests import factories

RIGHT, WRONG = "correct horse battery", "guess"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No try was made yet, and time stands still until it is moved."""
    clock, tries = Clock(), Tries()
    tries.names.clock = tries.addresses.clock = clock
    monkeypatch.setattr(login, "tries", tries)
    return clock


@pytest.fixture
def ada(db: None, settings: Settings) -> User:
    """Her password is checked by a quick hash: hundreds are tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = factories.user("ada")
    user.set_password(RIGHT)
    user.save()
    return user


def sign_in(password: str, name: str = "ada", **meta: Any) -> Any:
    form = {"username": name, "password": password, "next": "/usage"}
    return Client().post("/login", form, **meta)


def test_the_right_one_leads_on(ada: User, clock: Clock) -> None:
    answer = sign_in(RIGHT)
    assert (answer.status_code, answer["Location"]) == (302, "/usage")


def test_a_wrong_one_is_told_and_the_name_stays(ada: User, clock: Clock) -> None:
    answer = sign_in(WRONG)
    assert answer.status_code == 200
    assert 'value="ada"' in answer.content.decode()


def test_after_many_wrong_ones_no_password_is_looked_at(ada: User, clock: Clock) -> None:
    assert {sign_in(WRONG).status_code for _ in range(OF_A_NAME)} == {200}
    for password in (WRONG, RIGHT):
        answer = sign_in(password)
        assert (answer.status_code, answer["Retry-After"]) == (429, "6")
        page = answer.content.decode()
        assert "Try again in 6 seconds." in page and 'value="ada"' in page


def test_it_can_be_tried_again_when_that_time_is_over(ada: User, clock: Clock) -> None:
    for _ in range(OF_A_NAME):
        sign_in(WRONG)
    clock.now += 5.9
    assert sign_in(RIGHT)["Retry-After"] == "1"
    clock.now += 0.1
    assert sign_in(RIGHT).status_code == 302


def test_the_name_is_counted_however_it_is_written(ada: User, clock: Clock) -> None:
    for name in ("ada", "ADA", " ada ", "Ada") * 3:
        answer = sign_in(WRONG, name)
    assert answer.status_code == 429


def test_nobody_locks_another_one_out(ada: User, clock: Clock) -> None:
    for _ in range(OF_A_NAME + 1):
        sign_in(WRONG, REMOTE_ADDR="192.0.2.1")
    assert sign_in(RIGHT, REMOTE_ADDR="192.0.2.2").status_code == 302
    factories.user("bob").set_password(RIGHT)
    assert sign_in(WRONG, "bob", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_many_names_from_one_address_end_too(ada: User, clock: Clock) -> None:
    statuses = [sign_in(WRONG, f"name{n}").status_code for n in range(OF_AN_ADDRESS + 1)]
    assert statuses == [200] * OF_AN_ADDRESS + [429]


def test_a_right_one_forgets_the_wrong_ones_before_it(ada: User, clock: Clock) -> None:
    for _ in range(2):
        for _ in range(OF_A_NAME - 1):
            sign_in(WRONG)
        assert sign_in(RIGHT).status_code == 302


def test_behind_a_proxy_its_client_counts(ada: User, clock: Clock, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for _ in range(OF_A_NAME + 1):
        sign_in(WRONG, HTTP_X_FORWARDED_FOR="10.0.0.9, 192.0.2.1")
    assert sign_in(WRONG, HTTP_X_FORWARDED_FOR="10.0.0.9, 192.0.2.1").status_code == 429
    assert sign_in(RIGHT, HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2").status_code == 302


def test_without_a_proxy_nobody_chooses_an_address(ada: User, clock: Clock) -> None:
    for n in range(OF_A_NAME):
        sign_in(WRONG, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
    assert sign_in(RIGHT, HTTP_X_FORWARDED_FOR="192.0.2.99").status_code == 429


def test_the_admin_has_the_same_door(ada: User, clock: Clock) -> None:
    answer = Client().get("/admin/login/?next=/admin/squids/")
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=/admin/squids/")
    answer = Client().post("/admin/login/", {"username": "ada", "password": RIGHT})
    assert answer["Location"] == "/login?next=/admin/"


def test_who_is_no_operator_is_told_so(ada: User, clock: Clock) -> None:
    client = Client()
    client.force_login(ada)
    assert client.get("/admin/", follow=True).status_code == 403


def test_it_leads_to_no_other_site(ada: User, clock: Clock) -> None:
    form = {"username": "ada", "password": RIGHT, "next": "//evil.example/"}
    assert Client().post("/login", form)["Location"] == "/"
