"""The button that sends a test e-mail: at once, to what was typed, and it saves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from runs import outbox
from squids.models import Squid, User
from tests import factories
from tests.smtp_server import MailServer

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def squid(db: None) -> Squid:
    return factories.squid(factories.user("owner", email="owner@example.org"), name="Demo shop")


def press(client: Client, squid: Squid, headers: dict[str, str] | None = None, **typed: str) -> Any:
    client.force_login(squid.owner)
    return client.post(reverse("squids:test_email", args=[squid.uid]), typed, headers=headers)


def test_it_goes_to_what_was_typed(client: Client, squid: Squid, smtp: MailServer) -> None:
    response = press(client, squid, HTMX, notify_email="ada@example.org")
    assert "A test e-mail was sent to ada@example.org." in response.content.decode()
    assert [str(message["to"]) for message in smtp.messages] == ["ada@example.org"]
    assert smtp.subjects == ["Test: Demo shop"]
    squid.refresh_from_db()
    assert squid.notify_email == ""


def test_or_to_the_owner(client: Client, squid: Squid, smtp: MailServer) -> None:
    press(client, squid, HTMX)
    assert str(smtp.messages[0]["to"]) == "owner@example.org"


def test_without_htmx_what_was_typed_is_kept(
    client: Client, squid: Squid, smtp: MailServer
) -> None:
    response = press(
        client, squid, notify_email="ada@example.org", name="Typed", run_notify="never"
    )
    page = response.content.decode()
    assert "A test e-mail was sent to ada@example.org." in page
    assert 'value="Typed"' in page and 'value="ada@example.org"' in page
    squid.refresh_from_db()
    assert squid.name == "Demo shop"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nowhere", "This is not an e-mail address."),
        ("a@b.example\nBcc: c@d.example", "This is not an e-mail address."),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example", "address"),
    ],
)
def test_a_wrong_address(
    client: Client, squid: Squid, smtp: MailServer, typed: str, said: str
) -> None:
    assert said in press(client, squid, HTMX, notify_email=typed).content.decode()
    assert smtp.messages == []


def test_no_address_at_all(client: Client, squid: Squid, smtp: MailServer) -> None:
    User.objects.update(email="")
    squid.owner.refresh_from_db()
    assert "has no e-mail address" in press(client, squid, HTMX).content.decode()


def test_what_the_server_says(client: Client, squid: Squid, smtp: MailServer) -> None:
    smtp.answers["RCPT"] = "550 no such mailbox"
    said = press(client, squid, HTMX).content.decode()
    assert "Not sent. The mail server answered 550 no such mailbox" in said


def test_a_few_and_then_a_rest(client: Client, squid: Squid, smtp: MailServer) -> None:
    said = [press(client, squid, HTMX).content.decode() for _ in range(outbox.TESTS + 1)]
    assert "Wait ten minutes" in said[-1] and "Wait ten minutes" not in said[-2]
    assert len(smtp.messages) == outbox.TESTS


def test_without_a_mail_server_it_says_so(
    client: Client, squid: Squid, smtp: MailServer, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = settings.CONSOLE_EMAIL
    assert "No mail server is configured" in press(client, squid, HTMX).content.decode()
    page = client.get(reverse("squids:settings", args=[squid.uid])).content.decode()
    assert "No mail server is configured here" in page
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    page = client.get(reverse("squids:settings", args=[squid.uid])).content.decode()
    assert "No mail server" not in page


def test_strangers_press_nothing(client: Client, squid: Squid, smtp: MailServer) -> None:
    client.force_login(factories.user("stranger"))
    path = reverse("squids:test_email", args=[squid.uid])
    assert client.post(path, {"notify_email": "x@y.example"}).status_code == 404
    assert smtp.messages == []
