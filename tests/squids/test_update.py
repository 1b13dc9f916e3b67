from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from runs.models import Run
from runs.states import Status
from squids import actions, errors
from squids.models import Plan, Squid
from tests import factories

GIVEN = {
    "name": "Towns",
    "concurrency": "2",
    "delay": "0",
    "param-depth": "4",
    "param-token": "secret",
    "run_notify": "never",
}


def send(client: Client, squid: Squid, **fields: str) -> Any:
    return client.post(reverse("squids:update", args=[squid.uid]), GIVEN | fields)


def refused(client: Client, squid: Squid, **fields: str) -> str:
    """Nothing is saved, and the page says so with what was typed."""
    before = Squid.objects.filter(pk=squid.pk).values().get()
    response = send(client, squid, **fields)
    assert response.status_code == 422
    assert Squid.objects.filter(pk=squid.pk).values().get() == before
    page: str = response.content.decode()
    assert "Nothing was saved" in page
    return page


def test_saves_every_setting(client: Client, places: Squid) -> None:
    more = {
        "delay": "1.5",
        "export_unique_results": "on",
        "no_line_breaks": "on",
        "function-email": "on",
        "param-recipe": '{"price": ".p"}',
        "param-language": "fr",
    }
    response = send(client, places, **more)
    assert response.headers["Location"] == reverse("squids:settings", args=[places.uid])
    places.refresh_from_db()
    assert places.params == {
        "recipe": {"price": ".p"},
        "depth": 4,
        "images": False,
        "language": "fr",
        "token": "secret",
    }
    assert places.functions == {"email": True}
    assert (places.delay, places.obey_robots) == (1.5, False)
    assert (places.export_unique_results, places.no_line_breaks) == (True, True)
    assert places.concurrency == 2


def test_page_shows_what_is_saved(client: Client, places: Squid) -> None:
    send(client, places, **{"param-recipe": '{"price": ".p"}', "param-token": "<b>"})
    page = client.get(reverse("squids:settings", args=[places.uid])).content.decode()
    assert "&quot;price&quot;: &quot;.p&quot;" in page
    assert 'value="&lt;b&gt;"' in page
    assert 'value="Towns"' in page


def test_when_to_end_is_one_of_two(client: Client, places: Squid) -> None:
    path = reverse("squids:settings", args=[places.uid])
    page = client.get(path).content.decode()
    assert "End run once no credit left" in page and "End run once all tasks consumed" in page
    assert _ending(page) == "False"
    for chosen in ("True", "False"):
        send(client, places, to_complete=chosen)
        places.refresh_from_db()
        assert places.to_complete is (chosen == "True")
        assert _ending(client.get(path).content.decode()) == chosen
    assert "not one of the available choices" in refused(client, places, to_complete="perhaps")


def _ending(page: str) -> str:
    """The radio button that is pressed."""
    pressed = html.fromstring(page).xpath('//input[@name="to_complete"][@checked]/@value')
    [value] = pressed
    return str(value)


def test_broken_json_is_named_at_its_field(client: Client, places: Squid) -> None:
    page = refused(client, places, **{"param-recipe": '{"price": '})
    assert "This is no JSON" in page
    assert "{&quot;price&quot;: </textarea>" in page


def test_dotted_field_is_named_within_its_field(client: Client, places: Squid) -> None:
    page = refused(client, places, **{"param-recipe": '{"price": "p"}'})
    assert "price: a selector starts with a dot" in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Give the squid a name."),
        ("name", "n" * 301, "at most 300 characters"),
        ("concurrency", "6", "Choose from 1 to 5."),
        ("concurrency", "0", "Choose from 1 to 5."),
        ("concurrency", "9" * 5000, "Choose from 1 to 5."),
        ("max_unique_results_per_run", "-1", "The least is 1."),
        ("max_unique_results_per_run", "9" * 5000, "The most is 10,000,000."),
        ("concurrency", "many", "whole number"),
        ("delay", "-1", "Choose from 0 to 3,600 seconds."),
        ("delay", "9999", "Choose from 0 to 3,600 seconds."),
        ("delay", "nan", "Enter a number."),
        ("param-depth", "10", "The most is 9."),
        ("param-depth", "9" * 5000, "The most is 9."),
        ("param-language", "de", "not one of the available choices"),
        ("param-token", "", "This field is required."),
    ],
)
def test_value_that_cannot_work_is_refused(
    client: Client, places: Squid, field: str, value: str, message: str
) -> None:
    page = refused(client, places, **{field: value})
    assert message in page


def test_name_of_another_squid_is_refused(client: Client, places: Squid, squid: Squid) -> None:
    page = refused(client, places, name="Books")
    assert "You already have a squid named “Books”." in page


def test_more_slots_than_are_free_are_refused(client: Client, places: Squid) -> None:
    Plan.objects.update(slots=3)
    page = refused(client, places, concurrency="4")
    assert "This takes 3 more slots and 2 of 3 are free. In use: “Towns” 1." in page
    assert send(client, places, concurrency="3").status_code == 302


def test_inactive_squid_takes_no_slots(client: Client, places: Squid) -> None:
    Plan.objects.update(slots=1)
    actions.deactivate(places)
    assert send(client, places, concurrency="5").status_code == 302


def test_unfinished_run_keeps_its_own(client: Client, places: Squid) -> None:
    factories.run(places, status=Status.RUNNING)
    page = client.get(reverse("squids:settings", args=[places.uid])).content.decode()
    assert "what you save applies to the next one" in page
    response = client.post(reverse("squids:update", args=[places.uid]), GIVEN, follow=True)
    assert "these apply to the next one" in response.content.decode()


def test_sent_from_the_steps_it_goes_back_there(client: Client, places: Squid) -> None:
    where = reverse("squids:edit", args=[places.uid])
    response = send(client, places, **{"from": "edit", "at": "#go"})
    assert response.headers["Location"] == f"{where}#go"
    page = send(client, places, name="", **{"from": "edit"}).content.decode()
    assert "Add tasks" in page


def test_leads_nowhere_else(client: Client, places: Squid) -> None:
    response = send(client, places, **{"from": "https://evil.example/", "at": "//evil.example"})
    assert response.headers["Location"].startswith(f"/squids/{places.uid}/settings")


def test_refusal_leaves_the_object_as_it_was(places: Squid, squid: Squid) -> None:
    with pytest.raises(errors.DuplicateSquid):
        actions.update_squid(places, {"name": "Books", "delay": 2.0})
    assert (places.name, places.delay) == ("Towns", 0.0)


def test_last_step_saves_and_launches(client: Client, places: Squid) -> None:
    actions.add_tasks(places, [{"city": "Oslo"}])
    response = send(client, places, **{"from": "edit", "then": "launch"})
    assert response.headers["Location"] == reverse("squids:detail", args=[places.uid])
    assert Run.objects.get(squid=places).settings["params"]["token"] == "secret"


def test_last_step_refused_says_why_and_keeps_the_settings(client: Client, places: Squid) -> None:
    url = reverse("squids:update", args=[places.uid])
    page = client.post(url, GIVEN | {"from": "edit", "then": "launch"}, follow=True)
    assert "This squid has no active task." in page.content.decode()
    places.refresh_from_db()
    assert places.params["token"] == "secret"
    assert not Run.objects.exists()


def test_last_step_does_not_launch_what_cannot_be_saved(client: Client, places: Squid) -> None:
    actions.add_tasks(places, [{"city": "Oslo"}])
    refused(client, places, **{"from": "edit", "then": "launch", "param-token": ""})
    assert not Run.objects.exists()


LIMIT = "max_unique_results_per_run"


@pytest.mark.parametrize(("typed", "kept"), [("", None), ("1", 1), ("10000000", 10_000_000)])
def test_a_limit_of_unique_results(
    client: Client, places: Squid, typed: str, kept: int | None
) -> None:
    Squid.objects.update(max_unique_results_per_run=5)
    assert send(client, places, **{LIMIT: typed}).status_code == 302
    places.refresh_from_db()
    assert places.max_unique_results_per_run == kept


@pytest.mark.parametrize("typed", ["0", "-3", "1.5", "many", "10000001", "9" * 30])
def test_a_limit_that_is_none(client: Client, places: Squid, typed: str) -> None:
    page = refused(client, places, **{LIMIT: typed})
    assert html.fromstring(page).xpath(f"//*[@id='id_{LIMIT}_error']")


@pytest.mark.parametrize("wanted", [0, 10_000_001])
def test_the_action_checks_the_limit_too(places: Squid, wanted: int) -> None:
    with pytest.raises(errors.FieldRefused) as refusal:
        actions.update_squid(places, {LIMIT: wanted})
    assert refusal.value.field == LIMIT


def test_e_mails_need_an_address(client: Client, places: Squid) -> None:
    assert "Your user has no e-mail address" in refused(client, places, run_notify="on_error")
    assert "not an e-mail address" in refused(client, places, notify_email="ada at example")
    assert "Select a valid choice" in refused(client, places, run_notify="always")
    send(client, places, run_notify="on_error", notify_email=" ada@example.org ")
    places.refresh_from_db()
    assert (places.run_notify, places.notify_email) == ("on_error", "ada@example.org")
    type(places.owner).objects.update(email="owner@example.org")
    send(client, places, run_notify="on_success", notify_email="")
    places.refresh_from_db()
    assert (places.run_notify, places.notify_email) == ("on_success", "")
