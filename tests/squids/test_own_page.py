"""The user's own page: plan, slots, how credits are released, time zone, address, password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from runs import credits, lifecycle
from runs.credits import periods
from runs.models import Balance, Run
from runs.states import Reason, Status
from squids import actions
from squids.errors import FieldRefused
from squids.models import Interval, Notify, Plan, Squid, User
from tests import factories

PAGE = "/account"
OLD, NEW = "correct horse battery", "staple in the barn 9"


def text(of: html.HtmlElement) -> str:
    return " ".join(of.text_content().split())


def parsed(response: Any, status: int = 200) -> html.HtmlElement:
    assert response.status_code == status
    return html.fromstring(response.content.decode())


def shown(client: Client) -> html.HtmlElement:
    return parsed(client.get(PAGE))


def cards(client: Client) -> dict[str, str]:
    """The figures at the top, by their labels."""
    found = shown(client).find_class("card")
    parts = [[text(part) for part in card] for card in found]
    return {label: " ".join(rest) for label, *rest in parts}


def send(client: Client, verb: str, **data: str) -> Any:
    return client.post(reverse(f"squids:{verb}"), data)


def refusal(response: Any, field: str) -> str:
    return text(parsed(response, 422).get_element_by_id(f"id_{field}_error"))


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- what it tells ----------------------------------------------------------------------------


def test_it_is_reached_from_the_users_name(client: Client, owner: User) -> None:
    (link,) = html.fromstring(client.get("/").content.decode()).find_class("menu-title")
    assert link.get("href") == PAGE
    assert text(link).startswith("owner · Tests")


def test_plan_credits_and_renewal(client: Client, owner: User) -> None:
    User.objects.update(time_zone="Asia/Tokyo")
    lifecycle.grant(owner, 500, by="operator")
    end = credits.balance_of(owner).ends_at.astimezone(fresh(owner).zone)
    found = cards(client)
    assert found["Plan"] == "Tests 1,000,000 credits a month, 100 slots"
    assert found["Credits remaining"] == "1,000,000.5 of 1,000,000.5 in this cycle"
    assert found["Renewal"] == f"{end.day} {end:%b %Y} at 00:00 JST"


def test_credits_that_are_spread(client: Client, owner: User) -> None:
    lifecycle.allocate(owner, Interval.DAY)
    now = timezone.now()
    Balance.objects.update(
        refresh_at=now + timedelta(hours=1), ends_at=now + timedelta(days=9), allowance=70_000
    )
    found = cards(client)
    assert found["Credits remaining"] == ("70 to spend today, of 1,000,000 left in this cycle")
    assert "the next day's part on " in found["Renewal"]


def test_who_holds_the_slots_the_largest_first(client: Client, owner: User) -> None:
    factories.squid(owner, name="Few", concurrency=2)
    most = factories.squid(owner, name="<Many>", concurrency=7)
    actions.deactivate(factories.squid(owner, name="Resting", concurrency=9))
    factories.squid(factories.user("other"), name="Theirs", concurrency=20)
    (box,) = shown(client).find_class("summary")
    assert [text(row) for row in box.iter("dt", "dd")] == ["<Many>", "7", "Few", "2"]
    assert next(box.iter("a")).get("href") == f"/squids/{most.uid}"
    assert cards(client)["Slots used"] == "9 / 100 by 2 active squids"


def test_more_slots_than_the_plan_has(client: Client, owner: User) -> None:
    factories.squid(owner, concurrency=7)
    Plan.objects.update(slots=5)
    assert cards(client)["Slots used"] == "7 / 5 More than your plan has: none is free"


def test_without_a_plan_and_without_squids(client: Client, owner: User) -> None:
    User.objects.update(plan=None)
    found = cards(client)
    assert found["Plan"] == "None An operator gives plans."
    assert found["Credits remaining"] == "0 of 0 in this cycle"
    page = shown(client)
    assert page.find(".//input[@name='allocation']") is None
    assert "runs or not. None" in text(page)


# --- how credits are released -----------------------------------------------------------------


def test_spreading_changes_nothing_of_the_balance(client: Client, owner: User) -> None:
    before = credits.balance_of(owner)
    assert send(client, "allocate", allocation="daily").status_code == 302
    spread = credits.balance_of(fresh(owner))
    assert fresh(owner).allocation == Interval.DAY
    assert (spread.pk, spread.granted, spread.left) == (before.pk, before.granted, before.left)
    days = periods.days_left(timezone.now(), spread.ends_at, owner.zone)
    assert spread.allowance == spread.base // days
    checked = shown(client).xpath("//input[@name='allocation'][@checked]/@value")
    assert checked == ["daily"]
    send(client, "allocate", allocation="monthly")
    assert credits.balance_of(fresh(owner)).allowance == before.allowance


def test_a_run_that_waits_for_credits_is_looked_at(client: Client, owner: User) -> None:
    lifecycle.allocate(owner, Interval.DAY)
    run = factories.run(
        factories.squid(owner),
        status=Status.PAUSED,
        reason=Reason.NO_CREDITS_LEFT,
        wake_at=timezone.now() + timedelta(days=1),
    )
    send(client, "allocate", allocation="monthly")
    looked_at = Run.objects.get(pk=run.pk).wake_at
    assert looked_at is not None and looked_at <= timezone.now()


@pytest.mark.parametrize("typed", ["", "weekly", "DAILY", "\0"])
def test_only_the_two_ways_can_be_chosen(client: Client, owner: User, typed: str) -> None:
    assert "Choose one" in refusal(send(client, "allocate", allocation=typed), "allocation")
    assert fresh(owner).allocation == Interval.MONTH


def test_a_daily_plan_is_not_asked(client: Client, owner: User) -> None:
    plan = Plan.objects.create(name="Day", credits=1000, interval=Interval.DAY, slots=1)
    lifecycle.set_plan(owner, plan)
    assert shown(client).find(".//input[@name='allocation']") is None
    assert cards(client)["Plan"] == "Day 1 credits a day, 1 slot"


# --- the time zone ----------------------------------------------------------------------------


def test_a_zone_is_chosen_and_pages_follow(client: Client, owner: User) -> None:
    response = send(client, "set_time_zone", time_zone=" America/Lima ")
    assert response.status_code == 302
    assert fresh(owner).time_zone == "America/Lima"
    assert cards(client)["Renewal"].endswith("-05")
    assert shown(client).get_element_by_id("id_time_zone").get("value") == "America/Lima"


def test_the_suggestions_are_zones(client: Client) -> None:
    found = shown(client).xpath("//datalist[@id='zones']/option/@value")
    assert found[0] == "UTC" and {"Europe/Paris", "Asia/Kolkata"} < set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Give a time zone"),
        ("Europe/Lyon", "no such time zone"),
        ("../UTC", "no such time zone"),
        ("x" * 999, "no such time zone"),
        ("\0", "Null characters"),
    ],
)
def test_what_is_no_zone_is_said_and_kept(
    client: Client, owner: User, typed: str, says: str
) -> None:
    User.objects.update(time_zone="Asia/Tokyo")
    response = send(client, "set_time_zone", time_zone=typed)
    assert says in refusal(response, "time_zone")
    assert fresh(owner).time_zone == "Asia/Tokyo"
    if "\0" not in typed:
        page = parsed(response, 422)
        assert (page.get_element_by_id("id_time_zone").get("value") or "") == typed


@pytest.mark.parametrize("allocation", Interval.values)
def test_another_zone_leaves_the_open_cycle_alone(
    client: Client, owner: User, allocation: str
) -> None:
    lifecycle.allocate(owner, allocation)
    held = Balance.objects.values_list("starts_at", "ends_at", "base", "carried", "bonus", "spent")
    before, allowance = held.get(), Balance.objects.get().allowance
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"):
        send(client, "set_time_zone", time_zone=zone)
        assert client.get(PAGE).status_code == 200
        assert Balance.objects.count() == 1
    assert held.get() == before
    assert Balance.objects.get().allowance >= allowance


def test_what_the_browser_tells_does_not_undo_the_choice(client: Client, owner: User) -> None:
    send(client, "set_time_zone", time_zone="UTC")
    client.post("/time-zone", {"zone": "Europe/Paris"})
    assert fresh(owner).time_zone == "UTC"


# --- the address ------------------------------------------------------------------------------


def test_an_address_is_kept_and_taken_away(client: Client, owner: User, squid: Squid) -> None:
    assert send(client, "set_email", email=" ann@example.org ").status_code == 302
    assert fresh(owner).email == "ann@example.org"
    assert send(client, "set_email", email="").status_code == 302
    assert fresh(owner).email == ""


@pytest.mark.parametrize(
    "typed", ["ann", "a@b@c.org", "a@b.org\nBcc: c@d.org", "a" * 250 + "@b.org"]
)
def test_what_is_no_address_is_said(client: Client, owner: User, typed: str) -> None:
    response = send(client, "set_email", email=typed)
    assert "address" in refusal(response, "email")
    assert parsed(response, 422).get_element_by_id("id_email").get("value") == typed
    assert fresh(owner).email == ""
    with pytest.raises(FieldRefused) as refused:
        actions.set_email(owner, typed)
    assert refused.value.field == "email"


def test_it_stays_while_squids_send_there(client: Client, owner: User, squid: Squid) -> None:
    send(client, "set_email", email="ann@example.org")
    actions.update_squid(fresh(owner).squids.get(), {"run_notify": Notify.ON_ERROR})
    other = factories.squid(owner, name="Zebras", run_notify=Notify.ON_SUCCESS)
    said = refusal(send(client, "set_email", email=""), "email")
    assert said.startswith("“Books” and 1 more e-mail you here: ")
    assert fresh(owner).email == "ann@example.org"
    actions.delete(other)
    said = refusal(send(client, "set_email", email=""), "email")
    assert said.startswith("“Books” e-mails you here: ")
    actions.update_squid(fresh(owner).squids.get(name="Books"), {"notify_email": "b@example.org"})
    assert send(client, "set_email", email="").status_code == 302


# --- the password -----------------------------------------------------------------------------


@pytest.fixture
def known(owner: User) -> Client:
    """The owner, who has a password."""
    owner.set_password(OLD)
    owner.save(update_fields=["password"])
    client = Client()
    client.force_login(owner)
    return client


def passwords(old: str, new: str, again: str = "") -> dict[str, str]:
    return {"old_password": old, "new_password1": new, "new_password2": again or new}


def test_a_password_is_changed_and_other_browsers_are_signed_out(
    known: Client, owner: User
) -> None:
    elsewhere = Client()
    elsewhere.force_login(fresh(owner))
    assert "Change password" in text(shown(known))
    response = send(known, "change_password", **passwords(OLD, NEW))
    assert response["Location"] == PAGE
    assert fresh(owner).check_password(NEW)
    assert "Your password is set." in text(shown(known))
    assert elsewhere.get(PAGE).status_code == 302


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        (passwords("guessed", NEW), "old_password", "incorrectly"),
        (passwords(OLD, "1234"), "new_password2", "too short"),
        (passwords(OLD, NEW, "another"), "new_password2", "match"),
        (passwords(OLD, "theowner"), "new_password2", "too similar"),
    ],
)
def test_one_that_cannot_be_is_said_at_its_field(
    known: Client, owner: User, typed: dict[str, str], field: str, says: str
) -> None:
    page = parsed(send(known, "change_password", **typed))
    assert says in text(page.get_element_by_id(f"id_{field}_error"))
    assert fresh(owner).check_password(OLD)
    assert NEW not in html.tostring(page).decode()


def test_who_has_none_sets_one(client: Client, owner: User) -> None:
    assert not owner.has_usable_password()
    assert "Set a password" in text(shown(client))
    page = parsed(client.get(reverse("squids:change_password")))
    assert page.xpath("//main//input[@type='password']/@name") == ["new_password1", "new_password2"]
    send(client, "change_password", new_password1=NEW, new_password2=NEW)
    assert fresh(owner).check_password(NEW)
    assert client.get(PAGE).status_code == 200
    signed_in = Client().post("/login", {"username": "owner", "password": NEW})
    assert signed_in["Location"] == "/"


def test_who_has_one_cannot_leave_out_the_old(known: Client, owner: User) -> None:
    page = parsed(send(known, "change_password", new_password1=NEW, new_password2=NEW))
    assert "required" in text(page.get_element_by_id("id_old_password_error"))
    assert fresh(owner).check_password(OLD)


@pytest.mark.parametrize("verb", ["set_time_zone", "set_email", "allocate", "change_password"])
def test_a_form_from_another_site_is_refused(owner: User, verb: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    before = User.objects.values().get(pk=owner.pk)
    data = {"time_zone": "UTC", "email": "a@b.org", "allocation": "daily"}
    new = {"new_password1": NEW, "new_password2": NEW}
    assert send(strict, verb, **data, **new).status_code == 403
    assert User.objects.values().get(pk=owner.pk) == before
