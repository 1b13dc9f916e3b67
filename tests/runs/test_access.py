"""Every address of the site, found in the resolver, as anonymous, stranger, owner and operator.

A new pattern fails here until it has a sample: what it needs, and who may have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from lobstr_site.signin import make_link
from runs.models import (
    AccountUse,
    Balance,
    Bonus,
    Firing,
    HostRule,
    LaunchKey,
    Lease,
    Notice,
    PendingPage,
    Request,
    Run,
    RunEvent,
)
from runs.states import Status
from squids import actions, invitations
from squids.models import Account, ApiKey, Draft, Preset, Schedule, Squid, Task, Upload, User
from tests import factories

Audience = Literal["everybody", "signed in", "owner"]


@dataclass(frozen=True, slots=True)
class World:
    owner: User
    stranger: User
    operator: User
    squid: Squid
    run: Run
    task: Task
    upload: Upload
    account: Account
    key: ApiKey
    preset: Preset
    scraper: Squid


@dataclass(frozen=True, slots=True)
class Sample:
    """Who may have an address, and what goes into it."""

    audience: Audience
    fill: Callable[[World], dict[str, Any]] = lambda _: {}


def of_squid(world: World) -> dict[str, Any]:
    return {"uid": world.squid.uid}


def of_run(world: World) -> dict[str, Any]:
    return {"uid": world.run.uid}


def of_task(world: World) -> dict[str, Any]:
    return {"uid": world.squid.uid, "task_uid": world.task.uid}


def of_upload(world: World) -> dict[str, Any]:
    return {"uid": world.squid.uid, "upload_uid": world.upload.uid}


def of_account(world: World) -> dict[str, Any]:
    return {"uid": world.account.uid}


def of_key(world: World) -> dict[str, Any]:
    return {"uid": world.key.uid}


def of_preset(world: World) -> dict[str, Any]:
    return {"uid": world.preset.uid}


def of_recipe(world: World) -> dict[str, Any]:
    return {"uid": world.scraper.uid}


def of_row(world: World) -> dict[str, Any]:
    return {"uid": world.run.uid, "number": 1}


def of_file(world: World) -> dict[str, Any]:
    return {"uid": world.run.uid, "ending": "csv"}


def of_invitation(world: World) -> dict[str, Any]:
    uidb64, token = invitations.make_link(world.stranger).split("/")[-2:]
    return {"uidb64": uidb64, "token": token}


def of_crawler(world: World) -> dict[str, Any]:
    return {"slug": world.squid.crawler.slug}


def of_sign_in(world: World) -> dict[str, Any]:
    return {"token": make_link(world.stranger).rsplit("/", 1)[-1]}


SAMPLES = {
    "favicon.ico": Sample("everybody"),
    "api_root": Sample("everybody"),
    "api_document": Sample("everybody"),
    "api_nothing": Sample("everybody"),
    "login": Sample("everybody"),
    "logout": Sample("everybody"),
    "signin": Sample("everybody", of_sign_in),
    "set_password": Sample("everybody", of_invitation),
    "squids:list": Sample("signed in"),
    "squids:tell_time_zone": Sample("signed in"),
    "squids:create": Sample("signed in"),
    "squids:store": Sample("signed in"),
    "squids:crawler": Sample("signed in", of_crawler),
    "squids:you": Sample("signed in"),
    "squids:set_time_zone": Sample("signed in"),
    "squids:set_email": Sample("signed in"),
    "squids:allocate": Sample("signed in"),
    "squids:change_password": Sample("signed in"),
    "squids:accounts": Sample("signed in"),
    "squids:add_account": Sample("signed in"),
    "squids:account": Sample("owner", of_account),
    "squids:refresh_account": Sample("owner", of_account),
    "squids:rename_account": Sample("owner", of_account),
    "squids:limit_account": Sample("owner", of_account),
    "squids:delete_account": Sample("owner", of_account),
    "squids:keys": Sample("signed in"),
    "squids:make_key": Sample("signed in"),
    "squids:revoke_key": Sample("owner", of_key),
    "squids:presets": Sample("signed in"),
    "squids:import_preset": Sample("signed in"),
    "squids:rename_preset": Sample("owner", of_preset),
    "squids:delete_preset": Sample("owner", of_preset),
    "squids:preset_file": Sample("owner", of_preset),
    "squids:recipe": Sample("owner", of_recipe),
    "squids:edit_recipe": Sample("owner", of_recipe),
    "squids:undo_recipe": Sample("owner", of_recipe),
    "squids:save_recipe": Sample("owner", of_recipe),
    "squids:discard_recipe": Sample("owner", of_recipe),
    "squids:keep_preset": Sample("owner", of_recipe),
    "squids:fetch_page": Sample("owner", of_recipe),
    "squids:point_at": Sample("owner", of_recipe),
    "squids:page_copy": Sample("owner", of_recipe),
    "squids:detail": Sample("owner", of_squid),
    "squids:edit": Sample("owner", of_squid),
    "squids:tasks": Sample("owner", of_squid),
    "squids:settings": Sample("owner", of_squid),
    "squids:schedule": Sample("owner", of_squid),
    "squids:schedule_preview": Sample("owner", of_squid),
    "squids:schedule_on": Sample("owner", of_squid),
    "squids:schedule_off": Sample("owner", of_squid),
    "squids:schedule_delete": Sample("owner", of_squid),
    "squids:update": Sample("owner", of_squid),
    "squids:test_email": Sample("owner", of_squid),
    "squids:add_tasks": Sample("owner", of_squid),
    "squids:delete_task": Sample("owner", of_task),
    "squids:include_task": Sample("owner", of_task),
    "squids:exclude_task": Sample("owner", of_task),
    "squids:upload": Sample("owner", of_squid),
    "squids:upload_progress": Sample("owner", of_upload),
    "squids:activate": Sample("owner", of_squid),
    "squids:deactivate": Sample("owner", of_squid),
    "squids:empty": Sample("owner", of_squid),
    "squids:delete": Sample("owner", of_squid),
    "runs:stop_reasons": Sample("signed in"),
    "runs:usage": Sample("signed in"),
    "runs:launch": Sample("owner", of_squid),
    "runs:detail": Sample("owner", of_run),
    "runs:tasks": Sample("owner", of_run),
    "runs:credits": Sample("owner", of_run),
    "runs:logs": Sample("owner", of_run),
    "runs:log_file": Sample("owner", of_run),
    "runs:row": Sample("owner", of_row),
    "runs:download": Sample("owner", of_file),
    "runs:linked_file": Sample("everybody", of_file),  # its signature: tests/api
    "runs:abort": Sample("owner", of_run),
    "runs:pause": Sample("owner", of_run),
    "runs:resume": Sample("owner", of_run),
    "runs:retry": Sample("owner", of_run),
}


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """Every pattern by its name and namespace; a nameless one has no sample, so it fails."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name not in ("admin", "ninja"):  # the API: tests/api/test_access.py
                yield from names(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name or entry.pattern}"


ALL = sorted(names(get_resolver()))


def test_every_address_has_a_sample() -> None:
    assert sorted(SAMPLES) == ALL


@pytest.fixture
def world(db: None) -> World:
    owner, squid = _owner_with_squid()
    run = factories.results(factories.run(squid, status=Status.RUNNING), [{"a": 1}])
    factories.lines(run, ["started"])
    return World(
        owner=owner,
        stranger=factories.user("stranger"),
        operator=factories.user("operator", is_staff=True, is_superuser=True),
        squid=squid,
        run=run,
        task=Task.objects.filter(squid=squid).first() or Task(),
        upload=Upload.objects.create(squid=squid, filename="tasks.csv"),
        account=actions.add_account(owner, "web-session", "Ada", "sid=abc", "shop.example"),
        key=actions.make_key(owner, "script")[0],
        preset=factories.preset(owner),
        scraper=_with_sample(owner),
    )


def _with_sample(owner: User) -> Squid:
    squid = factories.squid(owner, crawler="web-scraper", tasks=0)
    factories.sample_page(squid)
    return squid


def _owner_with_squid() -> tuple[User, Squid]:
    owner = factories.user("owner")
    return owner, factories.squid(owner, tasks=2)


def answers(world: World, name: str, user: User | None) -> list[int]:
    """The statuses of a GET and a POST."""
    path = reverse(name, kwargs=SAMPLES[name].fill(world))
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return [client.get(path).status_code, client.post(path).status_code]


OWNED = [name for name in ALL if name in SAMPLES and SAMPLES[name].audience == "owner"]
CLOSED = [name for name in ALL if name in SAMPLES and SAMPLES[name].audience != "everybody"]


@pytest.mark.parametrize("name", CLOSED)
def test_the_anonymous_are_asked_to_sign_in(world: World, name: str) -> None:
    path = reverse(name, kwargs=SAMPLES[name].fill(world))
    client = Client()
    found = [client.get(path), client.post(path)]
    assert {response.status_code for response in found} <= {302, 405}
    for response in found:
        if response.status_code == 302:
            assert response["Location"].startswith(reverse("login"))
    assert 302 in {response.status_code for response in found}


@pytest.mark.parametrize("who", ["stranger", "operator"])
@pytest.mark.parametrize("name", OWNED)
def test_to_others_it_is_not_there(world: World, name: str, who: str) -> None:
    before = state(world)
    statuses = answers(world, name, getattr(world, who))
    assert set(statuses) <= {404, 405} and 404 in statuses
    assert state(world) == before


def state(world: World) -> tuple[Any, ...]:
    """What a stranger's press might have changed."""
    return (
        *Squid.objects.values_list("is_active", "deleted_at", "name"),
        *Run.objects.values_list("status", "superseded"),
        *Task.objects.values_list("is_active", "deleted_at"),
        *Account.objects.values_list("name", "secret", "limits"),
        *ApiKey.objects.values_list("revoked_at"),
        *Preset.objects.values_list("name"),
        *Squid.objects.values_list("params"),
        Draft.objects.count(),
        Upload.objects.count(),
    )


@pytest.mark.parametrize("name", CLOSED)
def test_the_owner_has_it(world: World, name: str) -> None:
    statuses = answers(world, name, world.owner)
    assert not {403, 404, 500} & set(statuses), statuses
    assert set(statuses) != {405}


@pytest.mark.parametrize("name", OWNED)
def test_a_uid_of_nothing_is_not_there(world: World, name: str) -> None:
    fill = SAMPLES[name].fill(world) | {"uid": "0" * 32}
    client = Client(raise_request_exception=False)
    client.force_login(world.owner)
    path = reverse(name, kwargs=fill)
    statuses = {client.get(path).status_code, client.post(path).status_code}
    assert statuses <= {404, 405} and 404 in statuses


ELSEWHERE = (of_account, of_key, of_preset, of_recipe)
OF_SQUIDS = [name for name in OWNED if SAMPLES[name].fill not in ELSEWHERE]


@pytest.mark.parametrize("name", OF_SQUIDS)
def test_what_was_deleted_is_not_there(world: World, name: str) -> None:
    Run.objects.update(status=Status.DONE)
    path = reverse(name, kwargs=SAMPLES[name].fill(world))
    client = Client(raise_request_exception=False)
    client.force_login(world.owner)
    client.post(reverse("squids:delete", args=[world.squid.uid]), {"name": world.squid.name})
    assert not Squid.objects.visible().filter(pk=world.squid.pk).exists()
    assert {client.get(path).status_code, client.post(path).status_code} <= {404, 405}


# --- the admin --------------------------------------------------------------------------------


def test_the_admin_is_for_operators(world: World) -> None:
    for user in (None, world.owner, world.stranger):
        client = Client()
        if user:
            client.force_login(user)
        response = client.get(reverse("admin:index"))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))
    client = Client()
    client.force_login(world.operator)
    assert client.get(reverse("admin:index")).status_code == 200


OURS = [model for model in admin.site._registry if model._meta.app_label in ("squids", "runs")]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_each_model_has_its_list_and_page(world: World, model: type[Model]) -> None:
    Lease.objects.create(run=world.run)
    RunEvent.objects.create(run=world.run, target=Status.RUNNING)
    HostRule.objects.create(host="shop.example")
    LaunchKey.objects.create(owner=world.owner, key="one", squid=world.squid, run=world.run)
    AccountUse.objects.create(account=world.account, run=world.run)
    Schedule.objects.create(squid=world.squid, repeat="hours", every=1, time_zone="UTC")
    Firing.objects.create(squid=world.squid, due_at=timezone.now(), outcome="fired")
    factories.sample_page(world.squid)
    Notice.objects.create(run=world.run, to="ada@example.org", status=Status.DONE)
    read = Request.objects.earliest("pk")
    PendingPage.objects.create(
        run=world.run, run_task=read.run_task, request=read, data='{"rows": []}'
    )
    Bonus.objects.create(balance=Balance.objects.earliest("pk"), amount=1, by="operator")
    found = model._default_manager.first()
    assert found is not None, "the world lacks one"
    label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    operator, stranger = Client(), Client()
    operator.force_login(world.operator)
    stranger.force_login(world.stranger)
    listing, page = reverse(f"{label}_changelist"), reverse(f"{label}_change", args=[found.pk])
    for path in (listing, f"{listing}?q={'0' * 32}", page):
        assert operator.get(path).status_code == 200, path
        assert stranger.get(path).status_code == 302, path
