"""POST /squids/{id}: what is sent changes, all of it or nothing."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

import pytest

from runs import lifecycle
from runs.models import Run
from runs.states import Reason, Status
from squids import actions
from squids.models import Account, Notify, Plan, Repeat, Schedule, Squid
from tests import factories
from tests.api.conftest import Script

MOST = "max_unique_results_per_run"


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, name="Books", tasks=3)


@pytest.fixture
def places(script: Script) -> Squid:
    params = {"token": "secret", "depth": 5, "language": "fr"}
    return factories.squid(script.user, tasks=0, crawler="test-places", name="Towns", params=params)


@pytest.fixture
def members(script: Script) -> Squid:
    return factories.squid(script.user, crawler="test-members", name="Members")


def account(owner: Any, name: str = "ada", kind: str = "test-members") -> Account:
    return Account.objects.create(owner=owner, type=kind, name=name, secret="")


def changed(script: Script, squid: Squid, **fields: Any) -> Any:
    """The echo."""
    status, body = script.post(f"/squids/{squid.uid}", fields)
    assert status == 200, body
    squid.refresh_from_db()
    return body


def refused(script: Script, squid: Squid, **fields: Any) -> tuple[str, str]:
    """Its type and field; nothing is saved."""
    before = Squid.objects.filter(pk=squid.pk).values().get()
    status, body = script.post(f"/squids/{squid.uid}", fields)
    assert status == 400, body
    assert Squid.objects.filter(pk=squid.pk).values().get() == before
    return body["type"], body["param"]


def test_nothing(script: Script, squid: Squid) -> None:
    before = script.get(f"/squids/{squid.uid}")[1]
    echo = changed(script, squid)
    assert echo["name"] == "Books" and echo["accounts"] == []
    assert script.get(f"/squids/{squid.uid}")[1] == before


def test_every_field(script: Script, squid: Squid) -> None:
    fields = {
        "name": "Novels",
        "concurrency": 4,
        "to_complete": True,
        "export_unique_results": False,
        "no_line_breaks": True,
        "run_notify": "on_error",
        "notify_email": "me@shop.example",
        "delay": 2.5,
        "obey_robots": False,
        "cron_expression": "0 10 * * *",
        "timezone": "Europe/Paris",
    }
    echo = changed(script, squid, **fields)
    assert {name: echo[name] for name in fields} == fields
    assert (squid.name, squid.concurrency, squid.run_notify) == ("Novels", 4, Notify.ON_ERROR)
    assert (squid.delay, squid.obey_robots, squid.to_complete) == (2.5, False, True)


def test_one_field_leaves_the_others(script: Script, places: Squid) -> None:
    changed(script, places, no_line_breaks=True)
    assert places.params == {"token": "secret", "depth": 5, "language": "fr"}
    assert places.name == "Towns"


def test_its_own_name_again(script: Script, squid: Squid) -> None:
    assert changed(script, squid, name="Books")["name"] == "Books"


@pytest.mark.parametrize(("sent", "kept"), [(0, False), (3, True), (False, False), (True, True)])
def test_to_complete_is_a_number_for_some(
    script: Script, squid: Squid, sent: Any, kept: bool
) -> None:
    assert changed(script, squid, to_complete=sent)["to_complete"] is kept


def test_no_notice_any_more(script: Script, squid: Squid) -> None:
    changed(script, squid, run_notify="on_success")
    assert changed(script, squid, run_notify=None)["run_notify"] is None
    assert squid.run_notify == Notify.NEVER


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("colour", "red", "InvalidParam"),
        ("is_ready", True, "InvalidParam"),
        ("name", "", "InvalidParameterValue"),
        ("name", None, "InvalidParamType"),
        ("name", "a\0b", "InvalidParameterValue"),
        ("concurrency", 0, "ConcurrencyLimitExceeded"),
        ("concurrency", 65, "ConcurrencyLimitExceeded"),
        ("concurrency", 10**400, "ConcurrencyLimitExceeded"),
        ("concurrency", "two", "InvalidParamType"),
        ("concurrency", True, "InvalidParamType"),
        ("is_active", None, "InvalidParamType"),
        ("to_complete", "x", "InvalidParamType"),
        ("to_complete", None, "InvalidParamType"),
        ("delay", "x", "InvalidParamType"),
        ("delay", True, "InvalidParamType"),
        ("delay", -1, "InvalidParameterValue"),
        ("delay", 10**400, "InvalidParameterValue"),
        ("run_notify", "always", "InvalidParameterValue"),
        ("notify_email", "nobody", "InvalidParameterValue"),
        ("notify_email", "a\ud800@b.example", "InvalidParameterValue"),
        ("cron_expression", "every day", "InvalidParameterValue"),
        ("cron_expression", "* * * * *", "InvalidParameterValue"),
        ("cron_expression", "\0", "InvalidParameterValue"),
        ("timezone", "Mars/Crater", "InvalidParameterValue"),
        ("params", [], "InvalidParamType"),
        ("accounts", "ada", "InvalidParamType"),
        ("webhook_fields", {"url": "http://hook.example"}, "InvalidParameterValue"),
    ],
)  # fmt: skip
def test_refused_by_field(script: Script, squid: Squid, field: str, value: Any, kind: str) -> None:
    assert refused(script, squid, **{field: value}) == (kind, field)


def test_what_it_may_be_is_said_of_a_field_of_several_types(script: Script, squid: Squid) -> None:
    body = script.post(f"/squids/{squid.uid}", {"to_complete": "x"})[1]
    assert body["error"] == "to_complete: This must be true or false, or a number."


def test_a_name_that_is_taken(script: Script, squid: Squid, places: Squid) -> None:
    assert refused(script, squid, name="Towns") == ("DuplicateSquid", "name")


def test_more_slots_than_are_free(script: Script, squid: Squid) -> None:
    script.user.plan = Plan.objects.create(name="Small", credits=0, slots=3)
    script.user.save()
    assert refused(script, squid, concurrency=4) == ("SlotsLimitExceeded", "concurrency")
    assert changed(script, squid, concurrency=3)["concurrency"] == 3


@pytest.mark.parametrize("field", ["google_sheet", "ftp", "s3", "webhook", "slack"])
def test_a_delivery_says_that_there_is_none_yet(script: Script, squid: Squid, field: str) -> None:
    name = f"{field}_fields"
    body = script.post(f"/squids/{squid.uid}", {name: {"is_active": True}})[1]
    assert body["error"] == f"{name}: This server has no such delivery yet."
    changed(script, squid, **{name: {"is_active": False}})
    changed(script, squid, **{name: None})


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '"text"', "{", "[" * 100_000], ids=lambda text: text[:4] or "empty"
)
def test_a_body_that_is_no_object(script: Script, squid: Squid, text: str) -> None:
    answer = script.client.post(f"/v1/squids/{squid.uid}", text, content_type="application/json")
    assert answer.status_code == 400


def test_that_of_another_user_is_not_there(script: Script, other: Script) -> None:
    theirs = factories.squid(other.user, name="Theirs")
    status, body = script.post(f"/squids/{theirs.uid}", {"name": "Mine"})
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


# --- parameters -------------------------------------------------------------------------------


def test_parameters_are_replaced_as_a_whole(script: Script, places: Squid) -> None:
    changed(script, places, params={"token": "new", "functions": {"email": True}})
    assert places.params == {"token": "new", "depth": 3, "images": True}
    assert places.functions == {"email": True}
    changed(script, places, params={"token": "new"})
    assert places.functions == {}


def test_null_unsets_a_parameter(script: Script, places: Squid) -> None:
    echo = changed(script, places, params={"token": "t", "language": None, "depth": None})
    assert echo["params"]["language"] is None and echo["params"]["depth"] == 3


def test_an_empty_object_of_parameters_changes_nothing(script: Script, places: Squid) -> None:
    changed(script, places, params={})
    assert places.params["depth"] == 5


def test_null_for_a_required_parameter(script: Script, places: Squid) -> None:
    assert refused(script, places, params={"token": None}) == ("ParamsNeeded", "token")
    assert refused(script, places, params={"depth": 4}) == ("ParamsNeeded", "token")


@pytest.mark.parametrize(
    ("params", "kind", "param"),
    [
        ({"colour": "red"}, "InvalidParam", "colour"),
        ({"depth": 99}, "InvalidParameterValue", "depth"),
        ({"depth": 10**400}, "InvalidParameterValue", "depth"),
        ({"language": "de"}, "InvalidParameterValue", "language"),
        ({"recipe": {"price": "p"}}, "InvalidParameterValue", "recipe.price"),
        ({"recipe": {"a": ["\0"]}}, "InvalidParameterValue", "recipe.a.0"),
        ({"recipe": {"\ud800": 1}}, "InvalidParameterValue", "recipe"),
        ({"recipe": "[NaN]"}, "InvalidParameterValue", "recipe.0"),
        ({"recipe": "{"}, "InvalidParameterValue", "recipe"),
        ({"functions": {"email": "perhaps"}}, "InvalidParameterValue", "functions.email"),
        ({"functions": ["email"]}, "InvalidParameterValue", "functions"),
        ({MOST: 0}, "InvalidParameterValue", MOST),
        ({MOST: "x"}, "InvalidParameterValue", MOST),
    ],
)  # fmt: skip
def test_parameters_are_refused_by_name(
    script: Script, places: Squid, params: dict[str, Any], kind: str, param: str
) -> None:
    assert refused(script, places, params={"token": "t"} | params) == (kind, param)


def test_a_function_that_the_crawler_lacks(script: Script, places: Squid) -> None:
    params = {"token": "t", "functions": {"phone": True}}
    status, body = script.post(f"/squids/{places.uid}", {"params": params})
    assert (status, body["type"], body["param"]) == (404, "FunctionNotFound", "functions.phone")


def test_nested_deeply(script: Script, places: Squid) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    params = {"token": "t", "recipe": deep}
    assert refused(script, places, params=params) == ("InvalidParameterValue", "recipe")


def test_the_limit_of_unique_results_is_among_the_parameters(script: Script, squid: Squid) -> None:
    told = changed(script, squid, params={"max_results": 8, MOST: 50})["params"]
    assert (told["max_results"], told[MOST], squid.params) == (8, 50, {"max_results": 8})
    told = changed(script, squid, params={"max_results": 9})["params"]
    assert (told["max_results"], told[MOST]) == (9, None)


@pytest.mark.parametrize("as_text", [False, True], ids=["object", "text"])
def test_the_recipe_of_the_web_scraper(script: Script, as_text: bool) -> None:
    made = factories.squid(script.user, crawler="web-scraper")
    recipe = {"rows": "article", "fields": {"title": "h2"}}
    sent = json.dumps(recipe) if as_text else recipe
    echo = changed(script, made, params={"recipe": sent})
    assert echo["params"]["recipe"] == recipe
    wrong = {"fields": {"title": {"select": "h2", "type": "colour"}}}
    place = ("InvalidParameterValue", "recipe.fields.title.type")
    assert refused(script, made, params={"recipe": wrong}) == place


# --- accounts ---------------------------------------------------------------------------------


def test_accounts_are_replaced_as_a_whole(script: Script, members: Squid) -> None:
    ada, ben = account(script.user), account(script.user, "ben")
    assert changed(script, members, accounts=[ada.uid])["accounts"] == [ada.uid]
    assert changed(script, members, accounts=[ben.uid, ben.uid])["accounts"] == [ben.uid]
    assert changed(script, members, name="Club")["accounts"] == [ben.uid]
    assert changed(script, members, accounts=[])["accounts"] == []


def test_a_crawler_that_works_without_accounts(script: Script, squid: Squid) -> None:
    ada = account(script.user)
    assert refused(script, squid, accounts=[ada.uid]) == ("InvalidParam", "accounts")


def test_null_detaches_all_accounts(script: Script, members: Squid) -> None:
    members.accounts.add(account(script.user))
    assert changed(script, members, accounts=None)["accounts"] == []


@pytest.mark.parametrize("which", ["unknown", "foreign", "of another type", "broken"])
def test_accounts_that_cannot_be_linked(
    script: Script, other: Script, members: Squid, which: str
) -> None:
    good = account(script.user)
    bad = {
        "unknown": "0" * 32,
        "foreign": account(other.user).uid,
        "of another type": account(script.user, "carl", "test-club").uid,
        "broken": "\ud800\0",
    }[which]
    body = {"name": "Club", "accounts": [good.uid, bad]}
    status, answer = script.post(f"/squids/{members.uid}", body)
    assert (status, answer["type"]) == (404, "AccountDoesNotExist")
    members.refresh_from_db()
    assert members.name == "Members" and not members.accounts.exists()


def test_a_run_that_waits_for_accounts_is_looked_at_again(script: Script, members: Squid) -> None:
    waiting = factories.run(members, status=Status.PAUSED, reason=Reason.NO_ACCOUNT_AVAILABLE)
    changed(script, members, accounts=[account(script.user).uid])
    waiting.refresh_from_db()
    assert waiting.wake_at


@pytest.mark.parametrize("name", ["cron", "time_zone"])
def test_a_parameter_keeps_its_name(script: Script, squid: Squid, name: str) -> None:
    """Though a field of the same name within is another one on the wire."""
    assert refused(script, squid, params={name: "x"})[1] == name


# --- on and off -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_switching_off_aborts_a_live_run(script: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    assert changed(script, squid, is_active=False)["is_active"] is False
    run = Run.objects.get(pk=run.pk)
    assert (run.status, run.reason) == (Status.ABORTED, Reason.DEACTIVATED)
    assert run.events.filter(by=script.key.signature).exists()
    assert changed(script, squid, is_active=True)["is_active"] is True


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_leaves_the_run_alone(script: Script, squid: Squid) -> None:
    run = lifecycle.start(squid, by="owner")
    assert refused(script, squid, is_active=False, name="")[1] == "name"
    assert Run.objects.get(pk=run.pk).status == Status.PENDING


def test_on_again_with_the_slots_of_the_same_request(script: Script, squid: Squid) -> None:
    Squid.objects.filter(pk=squid.pk).update(concurrency=8, is_active=False)
    script.user.plan = Plan.objects.create(name="Small", credits=0, slots=3)
    script.user.save()
    assert refused(script, squid, is_active=True)[0] == "SlotsLimitExceeded"
    assert refused(script, squid, is_active=True, concurrency=4)[0] == "SlotsLimitExceeded"
    assert changed(script, squid, is_active=True, concurrency=3)["is_active"] is True


# --- the schedule -----------------------------------------------------------------------------


def test_an_expression_sets_the_schedule(script: Script, squid: Squid) -> None:
    echo = changed(script, squid, cron_expression="30 9 * * 1")
    assert (echo["cron_expression"], echo["timezone"]) == ("30 9 * * 1", "UTC")
    schedule = Schedule.objects.get(squid=squid)
    assert schedule.repeat == Repeat.CRON and schedule.next_at


def test_its_zone_is_the_present_one_or_the_owners(script: Script, squid: Squid) -> None:
    script.user.time_zone = "Asia/Tokyo"
    script.user.save()
    assert changed(script, squid, cron_expression="0 9 * * *")["timezone"] == "Asia/Tokyo"
    changed(script, squid, timezone="Europe/Paris")
    assert changed(script, squid, cron_expression="0 8 * * *")["timezone"] == "Europe/Paris"


def test_the_zone_alone_moves_the_present_schedule(script: Script, squid: Squid) -> None:
    actions.set_schedule(squid, repeat=Repeat.DAILY, at=time(9, 30), time_zone="UTC")
    before = Schedule.objects.get(squid=squid).next_at
    echo = changed(script, squid, timezone="Asia/Tokyo")
    assert (echo["cron_expression"], echo["timezone"]) == ("30 9 * * *", "Asia/Tokyo")
    schedule = Schedule.objects.get(squid=squid)
    assert schedule.repeat == Repeat.DAILY and schedule.next_at != before


def test_the_zone_alone_is_passed_over_without_a_schedule(script: Script, squid: Squid) -> None:
    echo = changed(script, squid, name="Novels", timezone="Europe/Paris")
    assert (echo["name"], echo["cron_expression"], echo["timezone"]) == ("Novels", None, None)


def test_a_schedule_that_is_off_stays_off_when_it_moves(script: Script, squid: Squid) -> None:
    actions.set_schedule(squid, repeat=Repeat.HOURS, every=6, time_zone="UTC")
    actions.switch_schedule(squid, False)
    changed(script, squid, timezone="Asia/Tokyo")
    schedule = Schedule.objects.get(squid=squid)
    assert (schedule.is_active, schedule.next_at) == (False, None)


@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
def test_no_expression_deletes_the_schedule(
    script: Script, squid: Squid, nothing: str | None
) -> None:
    changed(script, squid, cron_expression="0 9 * * *")
    echo = changed(script, squid, cron_expression=nothing, timezone=nothing)
    assert echo["cron_expression"] is None and echo["timezone"] is None
    assert not Schedule.objects.exists()


def test_a_refused_schedule_keeps_the_rest_as_it_was(script: Script, squid: Squid) -> None:
    changed(script, squid, cron_expression="0 9 * * *")
    fields = {"name": "Other", "cron_expression": "99 9 * * *"}
    assert refused(script, squid, **fields)[1] == "cron_expression"
    assert Schedule.objects.get().cron == "0 9 * * *"
