"""The Schedule tab: picker, preview, switches, history; and what other pages say of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from runs.live.regions import Topic, paint
from runs.models import Firing, FiringOutcome
from runs.paging import FIRINGS
from runs.states import Origin, Status
from squids import actions
from squids.models import Schedule, Squid, User
from tests import factories

DAILY = {"repeat": "daily", "daily_at": "09:00", "time_zone": "Europe/Paris"}
HTMX = {"HX-Request": "true", "HX-Target": "schedule-next"}


def address(squid: Squid, verb: str = "schedule") -> str:
    return reverse(f"squids:{verb}", args=[squid.uid])


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def send(client: Client, squid: Squid, data: dict[str, Any]) -> Any:
    return client.post(address(squid), data)


def texts(page: str, path: str) -> list[str]:
    """The text of each element an XPath finds, its white space folded."""
    return [" ".join(found.text_content().split()) for found in html.fromstring(page).xpath(path)]


def refusal(page: Any, field: str) -> list[str]:
    """What stands at a field's place."""
    return texts(page.content.decode(), f"//*[@id='error-{field}']//li")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"repeat": "minutes", "minutes": "15"}, "Every 15 minutes"),
        ({"repeat": "hours", "hours": "1"}, "Every hour"),
        ({"repeat": "daily", "daily_at": "09:00"}, "Every day at 09:00, Asia/Tokyo"),
        (
            {"repeat": "weekly", "weekly_at": "07:45", "weekdays": ["0", "2", "6"]},
            "Every Monday, Wednesday and Sunday at 07:45, Asia/Tokyo",
        ),
        (
            {"repeat": "weekly", "weekly_at": "07:45", "weekdays": ["0", "1", "2", "3", "4"]},
            "Monday to Friday at 07:45, Asia/Tokyo",
        ),
        (
            {"repeat": "monthly", "monthly_at": "00:00", "day": "31"},
            "On day 31 of every month, or its last day, at 00:00, Asia/Tokyo",
        ),
        ({"repeat": "cron", "cron": " 0  9 * * MON "}, "Cron 0 9 * * mon, Asia/Tokyo"),
    ],
)
def test_every_kind_is_saved_and_shown(
    client: Client, squid: Squid, typed: dict[str, Any], says: str
) -> None:
    wrong_elsewhere = {"minutes": "x", "daily_at": "soon", "day": "99", "cron": "* *"}
    before = timezone.now()
    response = send(client, squid, wrong_elsewhere | typed | {"time_zone": "Asia/Tokyo"})
    assert response.status_code == 302
    schedule = Schedule.objects.get(squid=squid)
    assert schedule.is_active and schedule.next_at is not None and schedule.next_at > before
    page = shown(client, address(squid))
    assert f"<strong>{says}</strong>" in page
    picked = html.fromstring(page).xpath("//input[@name='repeat'][@checked]/@value")
    assert picked == [typed["repeat"]]


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"repeat": ""}, "repeat", "Choose how often it repeats."),
        ({"repeat": "minutes", "minutes": "4"}, "minutes", "Choose from 5 to 1,440."),
        ({"repeat": "minutes", "minutes": ""}, "minutes", "Choose from 5 to 1,440."),
        ({"repeat": "minutes", "minutes": "a"}, "minutes", "Enter a whole number."),
        ({"repeat": "hours", "hours": "9" * 30}, "hours", "Choose from 1 to 744."),
        ({"repeat": "daily", "daily_at": ""}, "daily_at", "Give a time of day, such as 09:00."),
        ({"repeat": "daily", "daily_at": "25:00"}, "daily_at", "Enter a valid time."),
        (
            {"repeat": "weekly", "weekly_at": "09:00"},
            "weekdays",
            "Choose at least one day of the week.",
        ),
        ({"repeat": "monthly", "monthly_at": "09:00", "day": "32"}, "day", "Choose from 1 to 31."),
        ({"repeat": "cron", "cron": "61 * * * *"}, "cron", "Minute: 61 is not from 0 to 59."),
        ({"repeat": "cron", "cron": "0 0 30 2 *"}, "cron", "This never fires: no date fits it."),
        ({"repeat": "cron", "cron": ""}, "cron", None),
        (DAILY | {"time_zone": "Europe/Lyon"}, "time_zone", "There is no such time zone."),
        (DAILY | {"time_zone": ""}, "time_zone", "This field is required."),
    ],
)
def test_what_cannot_work_is_said_at_its_field(
    client: Client, squid: Squid, typed: dict[str, Any], field: str, message: str | None
) -> None:
    typed = {"time_zone": "Europe/Paris"} | typed
    for path in (address(squid), address(squid, "schedule_preview")):
        page = client.post(path, typed)
        assert page.status_code == 422
        found = refusal(page, field)
        assert found == [message] if message else len(found) == 1
    swapped = client.post(address(squid, "schedule_preview"), typed, headers=HTMX)
    assert refusal(swapped, field) == found
    assert not Schedule.objects.exists()


def test_the_next_five_are_shown_before_anything_is_saved(client: Client, squid: Squid) -> None:
    for headers in ({}, HTMX):
        response = client.post(address(squid, "schedule_preview"), DAILY, headers=headers)
        assert response.status_code == 200
        rows = texts(response.content.decode(), "//*[@class='firings']/li")
        assert len(rows) == 5
        form = r"\w{3} \d+ \w{3} \d{4} 09:00 in \d+ [dhms]( \d\d [hms])? \+0[12]:00"
        assert all(re.fullmatch(form, row) for row in rows), rows
    assert not Schedule.objects.exists()


def test_a_fresh_picker_has_the_owners_zone_first(
    client: Client, squid: Squid, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="America/New_York")
    tree = html.fromstring(shown(client, address(squid)))
    options = tree.xpath("//select[@name='time_zone']/option/@value")
    assert options == ["America/New_York", "UTC"]
    assert tree.xpath("//select[@name='time_zone']/option[@selected]/@value") == options[:1]
    assert "Europe/Paris" in tree.xpath("//select[@name='time_zone']/optgroup/option/@value")
    assert len(tree.xpath("//*[@class='firings']/li")) == 5


def test_what_was_typed_stays_when_it_is_refused(client: Client, squid: Squid) -> None:
    typed = {"repeat": "cron", "cron": "<b>", "minutes": "77", "time_zone": "Mars/Base"}
    tree = html.fromstring(send(client, squid, typed).content.decode())
    assert tree.xpath("//input[@name='cron']/@value") == ["<b>"]
    assert tree.xpath("//input[@name='minutes']/@value") == ["77"]
    assert tree.xpath("//select[@name='time_zone']//option[@selected]/@value") == ["Mars/Base"]


def test_off_on_and_removed(client: Client, squid: Squid) -> None:
    send(client, squid, DAILY)
    client.post(address(squid, "schedule_off"))
    schedule = Schedule.objects.get()
    assert not schedule.is_active and schedule.next_at is None
    assert "Switched off." in shown(client, address(squid))
    client.post(address(squid, "schedule_on"))
    assert Schedule.objects.get().next_at is not None
    asked = shown(client, address(squid, "schedule_delete"))
    assert "Remove the schedule of" in asked and "Every day at 09:00, Europe/Paris" in asked
    assert Schedule.objects.exists()
    client.post(address(squid, "schedule_delete"))
    assert not Schedule.objects.exists()
    for verb in ("schedule_on", "schedule_off", "schedule_delete"):  # a second press
        assert client.post(address(squid, verb)).status_code == 302
    assert client.get(address(squid, "schedule_delete")).status_code == 302


def test_one_that_was_put_aside_says_why(client: Client, squid: Squid) -> None:
    send(client, squid, DAILY)
    problem = "There is no time zone “Europe/Lyon” here."
    Schedule.objects.update(time_zone="Europe/Lyon", next_at=None, problem=problem)
    page = shown(client, address(squid))
    assert problem in page
    assert "Put aside" in shown(client, reverse("squids:list"))
    refused = client.post(address(squid, "schedule_on"), follow=True)
    assert problem in refused.content.decode()
    send(client, squid, DAILY)
    assert Schedule.objects.get().problem == ""


def test_rows_that_cannot_be_worked_out_have_a_page(client: Client, squid: Squid) -> None:
    broken: list[dict[str, Any]] = [
        {"repeat": "weekly", "at": None, "weekdays": []},
        {"repeat": "hours", "every": 0},
        {"repeat": "yearly"},
        {"repeat": "cron", "cron": "rubbish"},
    ]
    for fields in broken:
        Schedule.objects.all().delete()
        Schedule.objects.create(squid=squid, time_zone="Nowhere", **fields)
        assert "They are shown once" in shown(client, address(squid))


def test_history(client: Client, squid: Squid) -> None:
    run = factories.run(squid, origin=Origin.SCHEDULE, started_by="schedule", unique_results=1234)
    noon = datetime(2026, 3, 29, 10, tzinfo=UTC)
    outcomes = [(FiringOutcome.FIRED, run, ""), (FiringOutcome.SKIPPED, None, "Why <not>.")]
    outcomes += [(FiringOutcome.MISSED, None, "The site was down.")]
    for hours, (outcome, of, note) in enumerate(outcomes):
        due = noon + timedelta(hours=hours)
        Firing.objects.create(squid=squid, due_at=due, outcome=outcome, run=of, note=note)
    actions.set_schedule(squid, repeat="daily", at=time(9), time_zone="Europe/Paris")
    page = shown(client, address(squid))
    assert texts(page, "//section[@id='history']//tbody/tr") == [
        "Sun 29 Mar 2026 14:00 +02:00 Missed The site was down.",
        "Sun 29 Mar 2026 13:00 +02:00 Skipped Why <not>.",
        f"Sun 29 Mar 2026 12:00 +02:00 Fired {run.short_id} Done 1,234",
    ]
    assert reverse("runs:detail", args=[run.uid]) in page
    assert ">by its schedule</a>" in shown(client, reverse("runs:detail", args=[run.uid]))


def test_a_long_history_is_paged(client: Client, squid: Squid) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    dues = [first + timedelta(hours=n) for n in range(2 * FIRINGS + 3)]
    Firing.objects.bulk_create(
        Firing(squid=squid, due_at=due, outcome=FiringOutcome.MISSED) for due in dues
    )
    path, seen = address(squid), []
    while path:
        tree = html.fromstring(shown(client, path))
        seen += tree.xpath("//section[@id='history']//tbody//time/@datetime")
        older = tree.xpath("//a[@rel='next']/@href")
        path = address(squid) + older[0].partition("#")[0] if older else ""
    assert seen == [due.isoformat() for due in reversed(dues)]
    for odd in ("soon", "0001-01-01T00:00:00%2B14:00", "%00"):
        page = shown(client, f"{address(squid)}?before={odd}")
        assert len(texts(page, "//section[@id='history']//tbody/tr")) == FIRINGS


def test_strangers_find_nothing(stranger: Client, squid: Squid) -> None:
    for verb in ("schedule", "schedule_preview", "schedule_on", "schedule_off", "schedule_delete"):
        assert stranger.post(address(squid, verb), DAILY).status_code == 404
    assert not Schedule.objects.exists()


# --- elsewhere --------------------------------------------------------------------------------


def test_head_and_list_tell_the_next_launch(client: Client, squid: Squid) -> None:
    schedule = actions.set_schedule(squid, repeat="hours", every=6, time_zone="UTC")
    assert schedule.next_at is not None
    moment = schedule.next_at.isoformat()
    assert "Next launch" in shown(client, reverse("squids:detail", args=[squid.uid]))
    assert moment in shown(client, reverse("squids:detail", args=[squid.uid]))
    assert moment in shown(client, reverse("squids:list"))
    region = paint(Topic("squid", squid.pk), frozenset()).regions["next-launch"]
    assert moment in region
    tried = timezone.now() + timedelta(minutes=7)
    run = factories.run(squid, status=Status.PAUSED, wake_at=tried)
    assert tried.isoformat() in shown(client, reverse("squids:list"))
    assert moment not in shown(client, reverse("squids:list"))
    assert tried.isoformat() in shown(client, reverse("squids:detail", args=[squid.uid]))
    assert tried.isoformat() in paint(Topic("squid", squid.pk), frozenset()).regions["next-launch"]
    run.status = Status.DONE
    run.save()
    assert moment in shown(client, reverse("squids:list"))


def test_the_list_is_sorted_by_it_without_a_query_a_row(client: Client, owner: User) -> None:
    path = f"{reverse('squids:list')}?sort=next"
    names = [f"Squid {n}" for n in range(5)]
    made = [factories.squid(owner, name=name) for name in names]
    shown(client, path)  # the first one of all writes a balance
    with CaptureQueriesContext(connection) as few:
        shown(client, path)
    for n, squid in enumerate(made[:4]):
        actions.set_schedule(squid, repeat="cron", cron=f"0 0 1 1 {n}", time_zone="UTC")
        Schedule.objects.filter(squid=squid).update(next_at=timezone.now() + timedelta(days=9 - n))
    with CaptureQueriesContext(connection) as more:
        page = shown(client, path)
    assert len(more) == len(few)
    places = [page.index(f'title="{name}"') for name in [*names[3::-1], names[4]]]
    assert places == sorted(places)


def test_the_last_step_of_setting_up_leads_there(client: Client, squid: Squid) -> None:
    path = reverse("squids:edit", args=[squid.uid])
    assert 'value="schedule"' in shown(client, path)
    data = {"from": "edit", "then": "schedule", "name": "Renamed", "concurrency": "2", "delay": "0"}
    data |= {"run_notify": "never"}
    response = client.post(reverse("squids:update", args=[squid.uid]), data)
    assert response.status_code == 302 and response["Location"] == address(squid)
    assert Squid.objects.get().name == "Renamed"
    actions.set_schedule(squid, repeat="daily", at=time(9), time_zone="Europe/Paris")
    assert "Every day at 09:00, Europe/Paris" in shown(client, path)
