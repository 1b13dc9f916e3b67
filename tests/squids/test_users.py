"""Users: made with a password or invited to set one, by command and in the admin alike."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from squids import actions
from squids.errors import FieldRefused
from squids.models import Plan, User
from tests import factories

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("user", *words, stdout=out)
    return out.getvalue().strip()


def path_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/invitation/\S+)", text)
    assert found, text
    return found[1]


def accept(path: str, password: str = PASSWORD) -> Client:
    """Open the link, follow it to its form, and send that."""
    client = Client()
    form = client.get(path)["Location"]
    client.post(form, {"new_password1": password, "new_password2": password})
    return client


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


# --- by command -------------------------------------------------------------------------------


def test_create_reads_the_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = factories.plan()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert command("create", "ann", "--email", "ann@example.org") == "Created ann."
    user = User.objects.get(username="ann")
    assert user.check_password(PASSWORD)
    assert (user.email, user.plan, user.is_staff) == ("ann@example.org", plan, False)


def test_an_operator_may_use_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    command("create", "ann", "--operator")
    user = User.objects.get(username="ann")
    assert user.is_staff and user.is_superuser


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1234\n"))
    with pytest.raises(CommandError, match="too short"):
        command("create", "ann")
    assert not User.objects.exists()


def test_an_invited_user_sets_a_password_and_is_in() -> None:
    path = path_in(command("invite", "ann"))
    user = User.objects.get(username="ann")
    assert not user.has_usable_password()
    client = accept(path)
    assert signed_in_as(client) == str(user.pk)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_link_works_once() -> None:
    path = path_in(command("invite", "ann"))
    accept(path)
    again = Client().get(path)
    assert again.status_code == 200
    assert "no longer works" in again.content.decode()


def test_a_link_with_a_changed_letter_does_not_work() -> None:
    path = path_in(command("invite", "ann"))
    assert "no longer works" in Client().get(path[:-1] + "!").content.decode()


def test_a_weak_password_is_said_at_the_form() -> None:
    path = path_in(command("invite", "ann"))
    client = Client()
    form = client.get(path)["Location"]
    text = client.post(form, {"new_password1": "1234", "new_password2": "1234"}).content.decode()
    assert "too short" in text
    assert signed_in_as(client) is None


def test_inviting_again_gives_a_new_link_to_the_same_user() -> None:
    command("invite", "ann")
    accept(path_in(command("invite", "ann")))
    assert User.objects.count() == 1


def test_who_has_a_password_is_not_invited_again() -> None:
    accept(path_in(command("invite", "ann")))
    with pytest.raises(CommandError, match="already exists"):
        command("invite", "ann")


def test_a_plan_by_name_or_the_first() -> None:
    first = factories.plan()
    big = Plan.objects.create(name="Big", credits=1, slots=1)
    command("invite", "ann")
    command("invite", "bob", "--plan", "Big")
    assert User.objects.get(username="ann").plan == first
    assert User.objects.get(username="bob").plan == big
    with pytest.raises(CommandError, match=r"no plan “Huge” \(Tests, Big\)"):
        command("invite", "cat", "--plan", "Huge")


@pytest.mark.parametrize("name", ["", "two words", "x" * 151])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        actions.create_user(name)
    assert refused.value.field == "username"


# --- in the admin -----------------------------------------------------------------------------


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(factories.user("operator", is_staff=True, is_superuser=True))
    return client


def test_an_operator_invites(desk: Client) -> None:
    values = {"username": "ann", "email": "ann@example.org", "plan": factories.plan().pk}
    response = desk.post(reverse("admin:squids_user_invite"), values)
    (said,) = [str(message) for message in get_messages(response.wsgi_request)]
    assert signed_in_as(accept(path_in(said))) == str(User.objects.get(username="ann").pk)


def test_a_taken_name_is_said_at_its_field(desk: Client) -> None:
    response = desk.post(reverse("admin:squids_user_invite"), {"username": "operator"})
    assert "already exists" in response.content.decode()
    assert User.objects.count() == 1


def test_an_operator_creates_with_a_plan(desk: Client) -> None:
    values = {
        "username": "ann",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
        "plan": factories.plan().pk,
    }
    assert desk.post(reverse("admin:squids_user_add"), values).status_code == 302
    user = User.objects.get(username="ann")
    assert user.plan == factories.plan() and user.check_password(PASSWORD)


def test_a_link_may_be_made_anew(desk: Client) -> None:
    user = actions.create_user("ann")
    path = reverse("admin:squids_user_changelist")
    form = {"action": "make_invitations", "_selected_action": [user.pk]}
    (said,) = get_messages(desk.post(path, form).wsgi_request)
    assert signed_in_as(accept(path_in(str(said)))) == str(user.pk)


def test_the_invite_page_is_the_operators(client: Client) -> None:
    client.force_login(factories.user("stranger"))
    assert client.get(reverse("admin:squids_user_invite")).status_code == 302
    staff = factories.user("staff", is_staff=True)
    client.force_login(staff)
    assert client.get(reverse("admin:squids_user_invite"))["Location"] == reverse("admin:index")
