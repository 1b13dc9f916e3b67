"""What operators do in the admin: move runs, mend crawlers, give credits; never the ledger."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import IntegrityError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from runs import credits, lifecycle
from runs.models import (
    AccountUse,
    Balance,
    Bonus,
    HostRule,
    LedgerEntry,
    Line,
    Notice,
    Request,
    Result,
    Run,
    RunEvent,
    Spending,
)
from runs.states import Reason, Status
from squids.admin import UserAdmin
from squids.models import Crawler, Interval, Plan, Squid, User
from tests import factories


@pytest.fixture
def operator(db: None) -> User:
    return factories.user("operator", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def squid(db: None) -> Squid:
    return factories.squid(factories.user("owner"))


def act(desk: Client, model: str, action: str, *keys: int) -> list[str]:
    path = reverse(f"admin:{model}_changelist")
    response = desk.post(path, {"action": action, "_selected_action": keys})
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        (Status.RUNNING, "abort", Status.ABORTED),
        (Status.RUNNING, "pause", Status.PAUSED),
        (Status.PAUSED, "resume", Status.PENDING),
    ],
)
def test_runs_are_moved(desk: Client, squid: Squid, before: str, action: str, after: str) -> None:
    run = factories.run(squid, status=before)
    assert act(desk, "runs_run", action, run.pk) == [f"1 run {_done(action)}."]
    assert Run.objects.get(pk=run.pk).status == after
    assert RunEvent.objects.get(run=run).by == "operator"


def _done(action: str) -> str:
    return {"abort": "aborted", "pause": "paused", "resume": "resumed"}[action]


def test_what_cannot_be_moved_is_named(desk: Client, squid: Squid) -> None:
    run = factories.run(squid)
    said = act(desk, "runs_run", "resume", run.pk)
    assert said == [f"Run {run}: The run is not in a state that allows this."]


def test_a_status_cannot_be_typed(desk: Client, squid: Squid) -> None:
    run = factories.run(squid)
    path = reverse("admin:runs_run_change", args=[run.pk])
    assert desk.post(path, {"status": Status.RUNNING}).status_code == 403
    assert Run.objects.get(pk=run.pk).status == Status.DONE


# --- crawlers ---------------------------------------------------------------------------------


def save_crawler(desk: Client, crawler: Crawler, **values: Any) -> None:
    path = reverse("admin:squids_crawler_change", args=[crawler.pk])
    response = desk.post(path, {"is_available": "on"} | values)
    assert response.status_code == 302


def test_a_problem_is_reported_and_resolved(desk: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.ERROR)
    save_crawler(desk, squid.crawler, problem="The site changed.")
    squid.crawler.refresh_from_db()
    assert squid.crawler.problem == "The site changed."
    said = act(desk, "squids_crawler", "resolve", squid.crawler.pk)
    assert said[-1] == "Test shop: 1 errored run goes on."
    squid.crawler.refresh_from_db()
    assert squid.crawler.problem == ""
    assert Run.objects.get(pk=run.pk).status == Status.PENDING


def test_runs_that_paused_for_it_are_counted_too(desk: Client, squid: Squid) -> None:
    factories.run(squid, status=Status.RUNNING)
    save_crawler(desk, squid.crawler, problem="The site changed.")
    for name in ("Second", "Third"):
        factories.run(factories.squid(squid.owner, name=name), status=Status.ERROR)
    said = act(desk, "squids_crawler", "resolve", squid.crawler.pk)
    assert said[-1] == "Test shop: 1 paused run and 2 errored runs go on."
    said = act(desk, "squids_crawler", "resolve", squid.crawler.pk)
    assert said[-1] == "Test shop: no run waited for it."


def test_emptying_the_text_resolves_it_too(desk: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.ERROR)
    save_crawler(desk, squid.crawler, problem="Broken.")
    save_crawler(desk, squid.crawler, problem="")
    assert Run.objects.get(pk=run.pk).status == Status.PENDING


def test_a_crawler_is_taken_off_without_touching_its_problem(desk: Client, squid: Squid) -> None:
    save_crawler(desk, squid.crawler, problem="Broken.")
    save_crawler(desk, squid.crawler, problem="Broken.", is_available="")
    squid.crawler.refresh_from_db()
    assert (squid.crawler.is_available, squid.crawler.problem) == (False, "Broken.")


# --- credits ----------------------------------------------------------------------------------


def test_a_bonus_is_given_and_wakes_who_waits(desk: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.PAUSED, reason=Reason.NO_CREDITS_LEFT)
    before = credits.remaining(squid.owner)
    asked = {"user": squid.owner.pk, "credits": "12.5", "note": "Sorry for the wait"}
    assert desk.post(reverse("admin:runs_bonus_add"), asked).status_code == 302
    bonus = Bonus.objects.get()
    assert str(bonus) == "12.5 credits for owner"
    assert (bonus.amount, bonus.by, bonus.note) == (12_500, "operator", "Sorry for the wait")
    assert credits.remaining(squid.owner) == before + 12_500
    assert Run.objects.get(pk=run.pk).wake_at is not None
    listed = desk.get(reverse("admin:runs_bonus_changelist")).content.decode()
    assert "12.5" in listed
    assert desk.get(reverse("admin:runs_bonus_change", args=[bonus.pk])).status_code == 200


@pytest.mark.parametrize("amount", ["0", "-1", "0.0001", "1e30", "NaN", "much", ""])
def test_a_bonus_of_nothing_or_too_much_is_refused(desk: Client, squid: Squid, amount: str) -> None:
    asked = {"user": squid.owner.pk, "credits": amount, "note": ""}
    assert desk.post(reverse("admin:runs_bonus_add"), asked).status_code == 200
    assert not Bonus.objects.exists()


def test_a_plan_is_written_in_credits(desk: Client) -> None:
    asked = {"name": "Small", "credits": "1500.25", "interval": Interval.DAY, "slots": 3}
    assert desk.post(reverse("admin:squids_plan_add"), asked).status_code == 302
    plan = Plan.objects.get(name="Small")
    assert (plan.credits, plan.interval) == (1_500_250, Interval.DAY)
    change = reverse("admin:squids_plan_change", args=[plan.pk])
    page = desk.get(change).content.decode()
    assert 'value="1500.25"' in page
    assert "reaches users with their next" in page
    desk.post(change, asked | {"credits": "2"})
    plan.refresh_from_db()
    assert plan.credits == 2_000


def save_user(desk: Client, user: User, **values: Any) -> None:
    path = reverse("admin:squids_user_change", args=[user.pk])
    form = desk.get(path).context["adminform"].form
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    asked = {name: value for name, value in (shown | values).items() if value not in (None, False)}
    joined = asked.pop("date_joined")
    asked |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
    assert desk.post(path, asked).status_code == 302


def test_another_plan_begins_a_new_cycle(desk: Client, squid: Squid) -> None:
    first = credits.balance_of(squid.owner)
    large = Plan.objects.create(name="Large", credits=5_000)
    save_user(desk, squid.owner, plan=large.pk)
    second = credits.balance_of(squid.owner)
    first.refresh_from_db()
    assert first.closed_at == second.starts_at
    assert (second.base, User.objects.get(pk=squid.owner.pk).plan) == (5_000, large)


def test_a_plan_is_told_with_its_end_in_the_users_zone(desk: Client, squid: Squid) -> None:
    User.objects.filter(pk=squid.owner.pk).update(time_zone="Pacific/Kiritimati")
    large = Plan.objects.create(name="Large", credits=5_000)
    save_user(desk, User.objects.get(pk=squid.owner.pk), plan=large.pk)
    ends_at = credits.balance_of(squid.owner).ends_at
    page = desk.get(reverse("admin:squids_user_changelist")).content.decode()
    there = ends_at.astimezone(ZoneInfo("Pacific/Kiritimati"))
    assert there.day != ends_at.day and f"5 credits until {there:%d %B %Y}." in page


def test_what_a_user_changes_meanwhile_stays(operator: User, squid: Squid) -> None:
    """A form that was opened before holds the old values of all fields."""
    user = squid.owner
    shown = UserAdmin(User, admin.site)
    request = RequestFactory().post("/")
    request.user = operator
    form = shown.get_form(request, user, change=True)
    old = User.objects.get(pk=user.pk)
    lifecycle.allocate(user, Interval.DAY)
    User.objects.filter(pk=user.pk).update(time_zone="Europe/Paris")
    filled = form({"email": "new@shop.example"}, instance=old)
    filled.changed_data = ["email", "groups"]
    old.email = "new@shop.example"
    shown.save_model(request, old, filled, change=True)
    user.refresh_from_db()
    assert (user.email, user.allocation, user.time_zone) == (
        "new@shop.example",
        Interval.DAY,
        "Europe/Paris",
    )


def test_anything_else_of_a_user_changes_no_cycle(desk: Client, squid: Squid) -> None:
    balance = credits.balance_of(squid.owner)
    save_user(desk, squid.owner, email="owner@shop.example")
    assert credits.balance_of(squid.owner) == balance
    assert User.objects.get(pk=squid.owner.pk).email == "owner@shop.example"


@pytest.mark.parametrize(
    "model",
    [Balance, Bonus, LedgerEntry, Spending, Result, Line, Request, RunEvent, Run, Squid, User],
)
def test_nothing_that_was_written_is_deleted(operator: User, model: Any) -> None:
    request = RequestFactory().get("/")
    request.user = operator
    assert not admin.site._registry[model].has_delete_permission(request)


@pytest.mark.parametrize(
    "model",
    [AccountUse, Balance, LedgerEntry, Spending, Result, Line, Notice, Request, RunEvent, Run],
)
def test_nor_changed_nor_added(operator: User, model: Any) -> None:
    request = RequestFactory().get("/")
    request.user = operator
    page = admin.site._registry[model]
    assert not page.has_change_permission(request)
    assert not page.has_add_permission(request)


# --- many rows --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["result", "line", "request", "runtask", "ledgerentry", "run"])
def test_a_list_never_counts_every_row(desk: Client, squid: Squid, model: str) -> None:
    factories.results(factories.run(squid), [{"a": n} for n in range(5)])
    with CaptureQueriesContext(connection) as queries:
        desk.get(reverse(f"admin:runs_{model}_changelist"))
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert counts and all("LIMIT 10000" in sql for sql in counts)


def test_a_list_takes_the_same_queries_for_one_row_and_many(desk: Client, squid: Squid) -> None:
    counts = []
    for rows in (1, 30):
        factories.results(factories.run(squid), [{"a": n} for n in range(rows)])
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("admin:runs_result_changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_may_only_look_moves_nothing(squid: Squid) -> None:
    watcher = factories.user("watcher", is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_run"))
    client, run = Client(), factories.run(squid, status=Status.RUNNING)
    client.force_login(watcher)
    assert client.get(reverse("admin:runs_run_changelist")).status_code == 200
    act(client, "runs_run", "abort", run.pk)
    assert Run.objects.get(pk=run.pk).status == Status.RUNNING


# --- host rules -------------------------------------------------------------------------------


def test_a_rule_for_a_host_is_made_changed_and_deleted(desk: Client) -> None:
    add = reverse("admin:runs_hostrule_add")
    assert desk.post(add, {"host": "shop.test", "in_flight": 2, "delay": ""}).status_code == 302
    rule = HostRule.objects.get()
    assert (rule.host, rule.in_flight, rule.delay) == ("shop.test", 2, None)
    change = reverse("admin:runs_hostrule_change", args=[rule.pk])
    desk.post(change, {"host": "shop.test", "in_flight": 1, "delay": "0"})
    rule.refresh_from_db()
    assert (rule.in_flight, rule.delay) == (1, 0.0)
    listed = desk.get(reverse("admin:runs_hostrule_changelist")).content.decode()
    assert "shop.test" in listed
    desk.post(reverse("admin:runs_hostrule_delete", args=[rule.pk]), {"post": "yes"})
    assert not HostRule.objects.exists()


@pytest.mark.parametrize("wrong", [{"in_flight": 0}, {"delay": "-1"}])
def test_a_rule_that_cannot_work_is_refused(desk: Client, wrong: dict[str, Any]) -> None:
    fields = {"host": "shop.test", "in_flight": 2, "delay": ""} | wrong
    assert desk.post(reverse("admin:runs_hostrule_add"), fields).status_code == 200
    assert not HostRule.objects.exists()


def test_the_database_keeps_no_rule_that_lets_nobody_in(db: None) -> None:
    with pytest.raises(IntegrityError):
        HostRule.objects.create(host="shop.test", in_flight=0)
