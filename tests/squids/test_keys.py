"""Keys of the API: made, found, noted, revoked; by command and in the admin too."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from squids import actions, errors
from squids.actions.keys import KEY_LIMIT
from squids.models import ApiKey, User, new_uid
from tests import factories


@pytest.mark.django_db
def test_a_key_is_kept_as_a_digest_alone(owner: User) -> None:
    key, text = actions.make_key(owner, " nightly ")
    assert re.fullmatch("lob_[0-9a-f]{40}", text)
    assert key.name == "nightly" and text.startswith(key.start)
    assert text not in str(ApiKey.objects.values().get())
    assert actions.find_key(text) == key


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines", "nul\0", "half \ud83d"])
def test_a_name_that_cannot_be_one_is_refused(owner: User, name: str) -> None:
    with pytest.raises(errors.FieldRefused) as refused:
        actions.make_key(owner, name)
    assert refused.value.field == "name"


def test_a_form_makes_one_key_however_often_it_is_sent(owner: User) -> None:
    uid = new_uid()
    key, _ = actions.make_key(owner, "one", uid=uid)
    assert key.uid == uid
    for user in (owner, factories.user("other")):
        with pytest.raises(errors.KeyMade):
            actions.make_key(user, "two", uid=uid)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("uid", ["x", "0" * 33, "G" * 32, "0" * 31 + "\0"])
def test_a_uid_of_another_shape_is_refused(owner: User, uid: str) -> None:
    with pytest.raises(errors.Refused):
        actions.make_key(owner, "one", uid=uid)


def test_only_so_many_good_keys(owner: User) -> None:
    keys = [actions.make_key(owner, f"script {n}")[0] for n in range(KEY_LIMIT)]
    with pytest.raises(errors.Refused, match="Revoke one"):
        actions.make_key(owner, "one more")
    actions.revoke_key(keys[0])
    actions.make_key(owner, "one more")


def test_who_was_deactivated_gets_none(owner: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(errors.Refused, match="deactivated"):
        actions.make_key(owner, "one")


def test_revoking_again_keeps_the_first_time(owner: User) -> None:
    key, text = actions.make_key(owner, "one")
    actions.revoke_key(key)
    first = key.revoked_at
    actions.revoke_key(key)
    assert first and key.revoked_at == first
    with pytest.raises(errors.KeyRevoked):
        actions.find_key(text)


@pytest.mark.parametrize(
    "text",
    ["", "lob_", "lob_" + "0" * 39 + "\0", "lob_" + "0" * 41, "l" * 100_000, "lob_é\ud83d"],
    ids=["empty", "prefix", "nul", "long", "very long", "no text"],
)
def test_what_cannot_be_a_key_is_not_looked_for(text: str) -> None:
    """There is no database in this test."""
    with pytest.raises(errors.NotAuthenticated):
        actions.find_key(text)


@pytest.mark.django_db
def test_a_clients_name_is_kept_on_one_line_and_short(owner: User) -> None:
    key, _ = actions.make_key(owner, "one")
    actions.note_use(key, "curl/8\0\n\ud83d" + "x" * 500)
    key.refresh_from_db()
    assert key.last_used_by == ("curl/8" + "x" * 500)[:120]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_busy_database_is_no_reason_to_fail() -> None:
    key, text = actions.make_key(factories.user("owner"), "one")
    client = Client(headers={"Authorization": f"Token {text}"})
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert client.get("/v1/me").status_code == 200
        key.refresh_from_db()
        assert key.last_used_at is None
    assert client.get("/v1/me").status_code == 200
    key.refresh_from_db()
    assert key.last_used_at


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a pragma of SQLite")
def test_others_wait_for_a_busy_database_as_long_as_before(owner: User) -> None:
    def timeout() -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            return int(cursor.fetchone()[0])

    before = timeout()
    actions.note_use(actions.make_key(owner, "one")[0], "curl/8")
    assert timeout() == before == 20_000


# --- by command -------------------------------------------------------------------------------


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("api_key", *words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("word", ["ann@example.org", "ANN@example.org", "ann"])
@pytest.mark.django_db
def test_the_command_prints_the_key_alone(word: str) -> None:
    user = factories.user("ann", email="ann@example.org")
    key = actions.find_key(command(word, "--name", "cron").removesuffix("\n"))
    assert (key.owner, key.name) == (user, "cron")


@pytest.mark.django_db
def test_nobody_by_that_address() -> None:
    factories.user("ann")
    for word in ("bob@example.org", ""):
        with pytest.raises(CommandError, match=f"No user has the e-mail address or name “{word}”"):
            command(word)


@pytest.mark.django_db
def test_several_with_one_address_are_named() -> None:
    for name in ("ann", "bob"):
        factories.user(name, email="team@example.org")
    with pytest.raises(CommandError, match=r"Several users have “team@example.org”: ann, bob\."):
        command("team@example.org")
    assert command("bob") and ApiKey.objects.get().owner.username == "bob"


@pytest.mark.django_db
def test_the_command_says_what_is_refused() -> None:
    factories.user("ann", is_active=False)
    with pytest.raises(CommandError, match="ann was deactivated"):
        command("ann")
    with pytest.raises(CommandError, match="at most 60"):
        command("ann", "--name", "x" * 61)


# --- in the admin -----------------------------------------------------------------------------


def test_an_operator_revokes(owner: User) -> None:
    (one, text), (two, _) = (actions.make_key(owner, name) for name in ("one", "two"))
    desk = Client()
    desk.force_login(factories.user("operator", is_staff=True, is_superuser=True))
    form = {"action": "revoke", "_selected_action": [one.pk]}
    response = desk.post(reverse("admin:squids_apikey_changelist"), form)
    assert [str(said) for said in get_messages(response.wsgi_request)] == ["one: done."]
    with pytest.raises(errors.KeyRevoked):
        actions.find_key(text)
    two.refresh_from_db()
    assert not two.is_revoked


def test_who_may_only_look_revokes_nothing(owner: User) -> None:
    key, _ = actions.make_key(owner, "one")
    staff = factories.user("staff", is_staff=True)
    staff.user_permissions.add(*_rights("view_apikey"))
    desk = Client()
    desk.force_login(staff)
    form = {"action": "revoke", "_selected_action": [key.pk]}
    desk.post(reverse("admin:squids_apikey_changelist"), form)
    key.refresh_from_db()
    assert not key.is_revoked


def _rights(name: str) -> list[Permission]:
    return list(Permission.objects.filter(codename=name))
