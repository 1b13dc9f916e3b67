"""The API page: a key is made and shown once, listed, revoked; commands that are ready to use."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from runs.states import Status
from squids import actions
from squids.actions.keys import KEY_LIMIT
from squids.models import ApiKey, Squid, User
from squids.views import keys as views
from tests import factories

PAGE, NEW = "/api", "/api/new"


def text(of: html.HtmlElement) -> str:
    return " ".join(of.text_content().split())


def parsed(response: Any, status: int = 200) -> html.HtmlElement:
    assert response.status_code == status
    return html.fromstring(response.content.decode())


def form_of(page: html.HtmlElement) -> dict[str, str]:
    (form,) = [form for form in page.forms if form.get("action") == NEW]
    return {name: value or "" for name, value in form.form_values()}


def send(client: Client, name: str) -> Any:
    return client.post(NEW, form_of(parsed(client.get(PAGE))) | {"name": name})


def rows(page: html.HtmlElement) -> list[list[str]]:
    """The good keys, cell by cell."""
    table = page.xpath("//table[contains(@class, 'keys')]")[0]
    return [[text(cell) for cell in row] for row in table.xpath(".//tbody/tr")]


def test_none_yet(client: Client) -> None:
    page = parsed(client.get(PAGE))
    assert text(page.find_class("empty")[0]).startswith("No key yet")
    (here,) = page.xpath("//nav[@aria-label='Main']/a[@aria-current]")
    assert (text(here), here.get("href")) == ("API", PAGE)


def test_a_new_key_is_shown_on_the_answer_alone(client: Client, owner: User) -> None:
    answer = send(client, "nightly")
    shown = text(parsed(answer).get_element_by_id("new-key"))
    assert actions.find_key(shown).owner == owner
    assert "no-store" in answer.headers["Cache-Control"]
    assert shown not in client.get(PAGE).content.decode()
    assert all(shown not in str(kept.get_decoded()) for kept in Session.objects.all())
    assert not answer.cookies.get("messages")


def test_sent_again_it_makes_no_second_key(client: Client) -> None:
    form = form_of(parsed(client.get(PAGE))) | {"name": "nightly"}
    client.post(NEW, form)
    page = parsed(client.post(NEW, form), 422)
    assert "this form has made “nightly” already" in text(page)
    assert ApiKey.objects.count() == 1
    client.post(NEW, form_of(page) | {"name": "another"})
    assert ApiKey.objects.count() == 2


def test_a_form_of_somebody_elses_key_tells_nothing_of_it(client: Client) -> None:
    key, _ = actions.make_key(factories.user("other"), "foreign")
    page = parsed(client.post(NEW, {"name": "mine", "uid": key.uid}), 422)
    assert "foreign" not in text(page) and "No key was made" in text(page)


def test_the_address_typed_again_leads_to_the_page(client: Client) -> None:
    assert client.get(NEW)["Location"] == PAGE


@pytest.mark.parametrize("name", ["", "x" * 61, "tab\there"])
def test_a_name_that_is_refused_stays(client: Client, name: str) -> None:
    page = parsed(send(client, name), 422)
    assert text(page.get_element_by_id("id_name_error"))
    assert page.get_element_by_id("id_name").get("value", "") == name
    assert not ApiKey.objects.exists()


def test_too_many(client: Client, owner: User) -> None:
    for number in range(KEY_LIMIT):
        actions.make_key(owner, f"script {number}")
    page = parsed(send(client, "one more"), 422)
    assert f"You have {KEY_LIMIT} keys." in text(page.find_class("notice")[0])
    assert page.get_element_by_id("id_name").get("value") == "one more"


def test_what_is_told_of_a_key(client: Client, owner: User, squid: Squid) -> None:
    old, _ = actions.make_key(owner, "unused")
    key, _ = actions.make_key(owner, "nightly")
    actions.note_use(key, "lobstrio-cli/0.7.2")
    for _ in range(3):
        factories.run(squid, api_key=key)
    nightly, unused = rows(parsed(client.get(PAGE)))
    assert nightly[0] == f"nightly{key.start}…" and unused[0] == f"unused{old.start}…"
    assert nightly[2].endswith("lobstrio-cli/0.7.2") and unused[2] == "Never"
    assert (nightly[3], unused[3]) == ("3", "0")


def test_only_their_own(client: Client) -> None:
    actions.make_key(factories.user("other"), "foreign")
    assert "foreign" not in client.get(PAGE).content.decode()


def test_revoked_ones_are_folded(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "REVOKED_SHOWN", 2)
    for number in range(3):
        actions.revoke_key(actions.make_key(owner, f"script {number}")[0])
    (folded,) = parsed(client.get(PAGE)).find_class("revoked")
    assert folded.tag == "details" and text(folded).startswith("3 revoked keys")
    assert "script 2" in text(folded) and "script 0" not in text(folded)


def test_the_runs_of_keys_that_are_not_shown_are_not_counted(
    client: Client, owner: User, squid: Squid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "REVOKED_SHOWN", 1)
    for number in range(3):
        key, _ = actions.make_key(owner, f"script {number}")
        factories.run(squid, api_key=key)
        actions.revoke_key(key)
    with CaptureQueriesContext(connection) as found:
        (folded,) = parsed(client.get(PAGE)).find_class("revoked")
    counting = [q["sql"] for q in found if "run_count" in q["sql"] and "LIMIT 1)" in q["sql"]]
    assert len(counting) == 1
    assert text(folded.xpath(".//tbody/tr/*[4]")[0]) == "1"


def test_many_take_no_more_queries(client: Client, owner: User, squid: Squid) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(PAGE)
        return len(found)

    for number in range(2):
        factories.run(squid, api_key=actions.make_key(owner, f"few {number}")[0])
    client.get(PAGE)  # what is made on the first page of all
    few = queries()
    for number in range(20):
        key, _ = actions.make_key(owner, f"many {number}")
        factories.run(squid, api_key=key)
        if number % 2:
            actions.revoke_key(key)
    assert queries() == few


def test_revoking_asks_and_names_what_stops(client: Client, owner: User, squid: Squid) -> None:
    key, _ = actions.make_key(owner, "nightly")
    actions.note_use(key, "lobstrio-cli/0.7.2")
    run = factories.run(squid, status=Status.RUNNING, api_key=key)
    path = reverse("squids:revoke_key", args=[key.uid])
    asked = text(parsed(client.get(path)))
    for said in ("“nightly”", f"{key.start}…", "lobstrio-cli/0.7.2", run.short_id, "go on"):
        assert said in asked
    key.refresh_from_db()
    assert not key.is_revoked
    page = parsed(client.post(path, follow=True))
    assert "“nightly” was revoked." in text(page.get_element_by_id("flash"))
    assert client.get(path)["Location"] == PAGE


def test_commands_for_this_server(client: Client, owner: User) -> None:
    def commands(response: Any) -> str:
        return " ".join(part.text_content() for part in parsed(response).xpath("//pre"))

    waiting = commands(client.get(PAGE, headers={"Host": "127.0.0.1:8123"}))
    for said in (
        'curl -H "Authorization: Token YOUR_KEY" http://127.0.0.1:8123/v1/me',
        "LOBSTR_API_BASE=http://127.0.0.1:8123/v1/\n",
        'base_url="http://127.0.0.1:8123/v1/"',
    ):
        assert said in waiting
    answer = send(client, "nightly")
    key = text(parsed(answer).get_element_by_id("new-key"))
    assert commands(answer).count(key) == 3 and "YOUR_KEY" not in commands(answer)
