"""GET /squids and GET /squids/{id}."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from runs.models import Run
from runs.states import Status
from squids import actions
from squids.models import Account, Crawler, Notify, Repeat, Schedule, Squid
from tests import factories
from tests.api.conftest import Script

FIELDS = [
    "id", "object", "name", "created_at", "created_via", "is_active", "is_ready", "crawler",
    "crawler_name", "icon", "is_public", "concurrency", "params", "accounts", "to_complete",
    "export_unique_results", "no_line_breaks", "export_runs", "delay", "obey_robots",
    "last_run", "last_run_status", "last_run_at", "last_run_done_reason", "last_run_is_done",
    "total_runs", "next_launch_at", "schedule", "schedule_time", "download_url", "email",
    "notify_email", "notifications", "notifications_params", "google_sheet_fields",
    "ftp_fields", "s3_fields", "webhook_fields", "slack_fields", "message", "chain",
]  # fmt: skip


def account(script: Script, kind: str = "test-members", **fields: Any) -> Account:
    return Account.objects.create(
        owner=script.user, type=kind, secret="", **{"name": "ada"} | fields
    )


def test_a_new_one_has_every_field(script: Script) -> None:
    made = factories.squid(script.user, crawler="test-weighing", name="Scales")
    status, told = script.get(f"/squids/{made.uid}")
    assert status == 200
    assert sorted(told) == sorted(FIELDS)
    assert told["id"] == made.uid and told["crawler"] == made.crawler.uid
    assert told["crawler_name"] == "Test weighing"
    assert told["params"] == {
        "max_results": None,
        "mended": None,
        "max_unique_results_per_run": None,
        "functions": {"weight": True},
    }
    assert told["is_ready"] and told["is_active"] and told["to_complete"] is False
    assert told["accounts"] == [] and told["chain"] is None and told["schedule"] is None
    assert told["last_run"] is told["last_run_status"] is told["download_url"] is None
    assert told["total_runs"] == 0 and told["message"] == ""
    assert told["email"] == "owner@shop.example" and told["notifications"] is False
    assert told["notifications_params"] == {"run_notify": None}
    for delivery in ("google_sheet", "ftp", "s3", "webhook", "slack"):
        assert told[f"{delivery}_fields"] == {"is_active": False}


def test_is_not_ready_without_a_required_parameter(script: Script) -> None:
    made = factories.squid(script.user, crawler="test-places", tasks=0)
    assert script.get(f"/squids/{made.uid}")[1]["is_ready"] is False
    Squid.objects.filter(pk=made.pk).update(params={"token": "secret"})
    assert script.get(f"/squids/{made.uid}")[1]["is_ready"] is True


def test_tells_its_settings(script: Script) -> None:
    settings: dict[str, Any] = {"concurrency": 3, "to_complete": True, "delay": 1.5}
    settings |= {"obey_robots": False, "no_line_breaks": True, "export_unique_results": False}
    made = factories.squid(
        script.user,
        **settings,
        max_unique_results_per_run=70,
        run_notify=Notify.ON_ERROR,
        notify_email="me@shop.example",
    )
    told = script.get(f"/squids/{made.uid}")[1]
    assert {name: told[name] for name in settings} == settings
    assert told["params"]["max_unique_results_per_run"] == 70
    assert told["notifications"] is True and told["email"] == "me@shop.example"
    assert told["notifications_params"] == {"run_notify": "on_error"}


def test_tells_its_last_run(script: Script) -> None:
    made = factories.squid(script.user)
    factories.run(made, status=Status.ERROR)
    run = factories.run(made, message="All done.")
    told = script.get(f"/squids/{made.uid}")[1]
    assert told["last_run"] == run.uid and told["total_runs"] == 2
    assert told["last_run_status"] == "DONE" and told["last_run_done_reason"] == "tasks_done"
    assert told["last_run_is_done"] is True and told["last_run_at"] == "2025-03-04T15:06:07.000Z"
    assert told["download_url"].startswith(f"http://testserver/files/{run.uid}.csv?sig=")
    assert told["message"] == "All done."


def test_a_live_run_has_no_download_yet(script: Script) -> None:
    made = factories.squid(script.user)
    factories.run(made, status=Status.RUNNING)
    told = script.get(f"/squids/{made.uid}")[1]
    assert told["last_run_status"] == "RUNNING" and told["last_run_is_done"] is False
    assert told["download_url"] is None and told["last_run_done_reason"] is None


def test_the_next_launch_is_the_next_try_of_a_paused_run(script: Script) -> None:
    made = factories.squid(script.user)
    factories.run(made, status=Status.PAUSED, wake_at=factories.EPOCH)
    assert script.get(f"/squids/{made.uid}")[1]["next_launch_at"] == "2025-03-04T15:06:07.000Z"


def test_a_schedule_is_an_object_here_and_its_expression_in_the_list(script: Script) -> None:
    made = factories.squid(script.user)
    actions.set_schedule(made, repeat="cron", cron="0 10 * * *", time_zone="Europe/Paris")
    told = script.get(f"/squids/{made.uid}")[1]
    assert told["schedule"] == {
        "cron_expression": "0 10 * * *",
        "timezone": "Europe/Paris",
        "is_active": True,
    }
    assert told["next_launch_at"] > timezone.now().isoformat()
    listed = script.get("/squids")[1]["data"][0]
    assert listed["schedule"] == "0 10 * * *"
    assert listed["schedule_time"] == told["schedule_time"] == "Cron 0 10 * * *, Europe/Paris"


@pytest.mark.parametrize(
    ("values", "expression"),
    [
        ({"repeat": Repeat.MINUTES, "every": 15}, "*/15 * * * *"),
        ({"repeat": Repeat.MINUTES, "every": 7}, None),
        ({"repeat": Repeat.WEEKLY, "at": "09:30", "weekdays": [0, 6]}, "30 9 * * 0,1"),
        ({"repeat": Repeat.MONTHLY, "at": "09:30", "day": 31}, "30 9 L * *"),
    ],
    ids=["quarters", "sevens", "weekly", "monthly"],
)
def test_other_repeats_as_expressions(
    script: Script, values: dict[str, Any], expression: str | None
) -> None:
    made = factories.squid(script.user)
    Schedule.objects.create(squid=made, time_zone="UTC", **values)
    assert script.get("/squids")[1]["data"][0]["schedule"] == expression
    assert script.get(f"/squids/{made.uid}")[1]["schedule"]["cron_expression"] == expression


def test_its_accounts_with_their_state(script: Script) -> None:
    made = factories.squid(script.user, crawler="test-members")
    ada = account(script, status="cookies_expired")
    made.accounts.add(ada)
    told = script.get(f"/squids/{made.uid}")[1]
    assert told["accounts"] == [{"id": ada.uid, "status": "cookies_expired"}]


@pytest.mark.parametrize("uid", ["0" * 32, "nobody", "%00", "A" * 32])
def test_one_that_is_not_there(script: Script, uid: str) -> None:
    status, body = script.get(f"/squids/{uid}")
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")


def test_that_of_another_user_is_not_there(script: Script, other: Script) -> None:
    made = factories.squid(other.user)
    assert script.get(f"/squids/{made.uid}")[0] == 404
    assert script.get("/squids")[1]["data"] == []


def test_while_its_crawler_is_not_installed(script: Script) -> None:
    made = factories.squid(script.user, params={"left": "over"})
    Crawler.objects.filter(pk=made.crawler_id).update(slug="gone-away")
    status, told = script.get(f"/squids/{made.uid}")
    assert status == 200 and told["is_ready"] is False
    assert told["params"]["left"] == "over"
    assert script.get("/squids")[0] == 200


# --- the list ---------------------------------------------------------------------------------


def test_the_newest_first_page_by_page(script: Script) -> None:
    for number in range(5):
        factories.squid(script.user, tasks=0, name=f"Squid {number}")
    status, first = script.get("/squids", limit=2)
    assert status == 200
    assert [told["name"] for told in first["data"]] == ["Squid 4", "Squid 3"]
    assert (first["total_results"], first["total_pages"]) == (5, 3)
    assert first["next"] == "http://testserver/v1/squids?limit=2&page=2"
    last = script.get("/squids", limit=2, page=3)[1]
    assert [told["name"] for told in last["data"]] == ["Squid 0"]
    past = script.get("/squids", limit=2, page=4)[1]
    assert past["data"] == [] and past["total_results"] == 5


def test_by_a_part_of_the_name(script: Script) -> None:
    for name in ("Towns of Spain", "towns", "Books", "100%"):
        factories.squid(script.user, tasks=0, name=name)
    found = script.get("/squids", name="TOWN")[1]
    assert sorted(told["name"] for told in found["data"]) == ["Towns of Spain", "towns"]
    assert [told["name"] for told in script.get("/squids", name="%")[1]["data"]] == ["100%"]
    assert script.get("/squids", name="\0")[1]["data"] == []


def test_deleted_ones_are_not_listed(script: Script) -> None:
    actions.delete(factories.squid(script.user))
    assert script.get("/squids")[1]["total_results"] == 0


def test_ten_take_as_many_queries_as_one(
    script: Script, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        made = factories.squid(script.user, crawler="test-members", name=f"{number}")
        made.accounts.add(account(script, uid=f"{number:032x}", name=f"{number}"))
        factories.run(made)
        if number % 2:
            actions.set_schedule(made, repeat="cron", cron="0 10 * * *", time_zone="UTC")
    script.get("/squids")  # notes the key's use
    with django_assert_max_num_queries(5):
        found = script.get("/squids")[1]["data"]
    assert len(found) == 10 and all(told["accounts"] for told in found)
    assert {told["last_run"] for told in found} == set(Run.objects.values_list("uid", flat=True))


def test_the_page_and_the_api_tell_the_same_next_launch(script: Script) -> None:
    made = factories.squid(script.user)
    actions.set_schedule(made, repeat="cron", cron="0 10 * * *", time_zone="UTC")
    script.client.force_login(script.user)
    page = script.client.get(reverse("squids:detail", args=[made.uid])).context["next_launch"]
    told = script.get(f"/squids/{made.uid}")[1]["next_launch_at"]
    assert told == page.isoformat(timespec="milliseconds").replace("+00:00", "Z")
