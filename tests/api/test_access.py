"""Every operation of the OpenAPI document, as another user, an operator, without a key, and with
ids of nothing: no id of somebody else's is of any use.

A new operation, or a new place for an id in one, fails here until it has a sample.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lobstr_site.api import api
from runs.models import Run
from runs.states import Status
from squids import actions
from squids.models import ApiKey, Squid
from tests import factories
from tests.api.conftest import Script

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
IDS = {"squid", "run", "task", "account", "accounts", "crawler", "upload"}
"""Names under which queries and bodies give ids."""
FOR_ALL = {"crawler"}
"""Kinds of things that are every user's."""
RECIPE = {"rows": "article", "fields": {"title": "h3"}}
Ids = dict[str, str]
"""Ids by the kind of thing."""


@dataclass(frozen=True)
class Sample:
    """One way to call an operation with ids: the kind of thing that each place for one names. The
    rest of the body is ``body``. ``state`` is the run's beforehand."""

    ids: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    file: bool = False
    state: str = Status.DONE


def uid(kind: str, **more: Any) -> Sample:
    return Sample({"uid": kind}, **more)


SAMPLES: dict[str, tuple[Sample, ...]] = {
    "GET /me": (Sample(),),
    "GET /user/balance": (Sample(),),
    "GET /crawlers": (Sample(),),
    "GET /crawlers/{uid}": (uid("crawler"),),
    "GET /crawlers/{uid}/params": (uid("crawler"),),
    "GET /crawlers/{uid}/attributes": (uid("crawler"),),
    "GET /squids": (Sample(),),
    "POST /squids": (
        Sample({"crawler": "crawler"}, {"name": "One"}),
        Sample({"crawler": "crawler", "accounts": "account"}, {"name": "Two"}),
        Sample({"crawler": "crawler", "account": "account"}, {"name": "Three"}),
    ),
    "GET /squids/{uid}": (uid("squid"),),
    "POST /squids/{uid}": (
        uid("squid", body={}),
        uid("squid", body={"name": "Another"}),
        Sample({"uid": "squid", "accounts": "account"}),
    ),
    "POST /squids/{uid}/empty": (uid("squid", body={"type": "url"}),),
    "DELETE /squids/{uid}": (uid("squid"),),
    "POST /squid/estimate": (Sample({"squid": "squid"}),),
    "GET /tasks": (Sample({"squid": "squid"}),),
    "POST /tasks": (Sample({"squid": "squid"}, {"tasks": [{"url": "http://shop.example/new"}]}),),
    "GET /tasks/{uid}": (uid("task"),),
    "DELETE /tasks/{uid}": (uid("task"),),
    "POST /tasks/upload": (Sample({"squid": "squid"}, file=True),),
    "GET /tasks/upload/{uid}": (uid("upload"),),
    "GET /runs": (Sample(), Sample({"squid": "squid"})),
    "POST /runs": (Sample({"squid": "squid"}),),
    "GET /runs/{uid}": (uid("run"),),
    "GET /runs/{uid}/download": (uid("run"),),
    "GET /runs/{uid}/credits": (uid("run"),),
    "GET /squids/{uid}/credits": (uid("squid"),),
    "GET /credits/squids": (Sample(),),
    "GET /credits/modules": (Sample(),),
    "GET /runs/{uid}/stats": (uid("run"),),
    "POST /runs/{uid}/abort": (uid("run", state=Status.RUNNING),),
    "GET /runtasks": (Sample({"run": "run"}),),
    "GET /runs/{uid}/tasks": (uid("run"),),
    "GET /results": (
        Sample({"squid": "squid"}),
        Sample({"run": "run"}),
        Sample({"task": "task"}),
        Sample({"squid": "squid", "run": "run", "task": "task"}),
    ),
    "GET /accounts": (Sample(),),
    "GET /account_types": (Sample(),),
    "GET /accounts/types": (Sample(),),
    "POST /accounts/cookies": (
        Sample({"account": "account"}, {"type": "web-session", "cookies": {"sid": "new"}}),
        Sample({}, {"type": "web-session@shop.example", "cookies": {"sid": "new"}}),
    ),
    "GET /synchronize/{uid}": (uid("account"),),
    "POST /accounts": (
        Sample({"account": "account"}, {"type": "web-session", "params": {"batch": 9}}),
    ),
    "GET /accounts/{uid}": (uid("account"),),
    "DELETE /accounts/{uid}": (uid("account"),),
}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/v1')}", operation


def places(operation: dict[str, Any]) -> set[str]:
    """Where ids go: all of the path, and what is named so in query and body."""
    found = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
    found |= IDS & {p["name"] for p in operation["parameters"] if p["in"] == "query"}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found |= IDS & set(_properties(content["schema"]))
    return found


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    """What a body's object may have, by name."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    inner = [s for word in ("anyOf", "allOf", "oneOf") for s in schema.get(word, [])]
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for other in inner:
        found |= _properties(other)
    return found


def _takes_list(operation: dict[str, Any], place: str) -> bool:
    content = operation["requestBody"]["content"]
    told = [_properties(kind["schema"]).get(place, {}) for kind in content.values()]
    return '"array"' in json.dumps(told)


def test_every_operation_has_a_sample() -> None:
    assert set(SAMPLES) == {name for name, _ in operations()}


@pytest.mark.parametrize("name", [name for name, _ in operations()])
def test_every_place_for_an_id_has_one(name: str) -> None:
    named = {place for sample in SAMPLES.get(name, ()) for place in sample.ids}
    assert named == places(dict(operations())[name])


# --- the world ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    owner: Script
    ids: Ids

    def state(self) -> dict[str, Any]:
        """Every row of ours. When keys were last used is no matter."""
        models = [
            *apps.get_app_config("squids").get_models(),
            *apps.get_app_config("runs").get_models(),
        ]
        return {
            model.__name__: list(model._default_manager.order_by("pk").values())
            for model in models
            if model is not ApiKey
        }


@pytest.fixture
def world(script: Script) -> World:
    squid = factories.squid(script.user, tasks=2, crawler="web-scraper", params={"recipe": RECIPE})
    run = factories.results(factories.run(squid), [{"a": 1}])
    account = actions.add_account(script.user, "web-session", "Ada", "sid=abc", "shop.example")
    upload = actions.store_upload(squid, "a.csv", b"url\nhttp://shop.example/9\n")
    actions.read_upload(upload.pk)
    task = squid.tasks.get(position=1)
    things: dict[str, Any] = {
        "squid": squid,
        "run": run,
        "task": task,
        "account": account,
        "upload": upload,
        "crawler": squid.crawler,
    }
    return World(script, {kind: thing.uid for kind, thing in things.items()})


def send(client: Client, name: str, sample: Sample, ids: Ids) -> tuple[int, Any]:
    """Status and body. Ids go where the operation's document has the place for them."""
    method, path = name.split(" ")
    operation = dict(operations())[name]
    where = {parameter["name"]: parameter["in"] for parameter in operation["parameters"]}
    query, body = {}, dict(sample.body or {})
    for place, kind in sample.ids.items():
        if where.get(place) == "path":
            path = path.replace(f"{{{place}}}", quote(ids[kind], safe=""))
        elif where.get(place) == "query":
            query[place] = ids[kind]
        else:
            body[place] = [ids[kind]] if _takes_list(operation, place) else ids[kind]
    address = f"/v1{path}" + ("?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items()))
    if sample.file:
        file = SimpleUploadedFile("a.csv", b"url\nhttp://shop.example/8\n")
        answer = client.post(address, body | {"file": file})
    else:
        text = json.dumps(body) if body or sample.body is not None else ""
        answer = client.generic(method, address, text, content_type="application/json")
    return answer.status_code, answer.json()


def cases(keep: Callable[[Sample], bool] = lambda sample: True) -> list[Any]:
    return [
        pytest.param(name, sample, id=f"{name} {'+'.join(sample.ids.values())}".strip())
        for name, samples in SAMPLES.items()
        for sample in samples
        if keep(sample)
    ]


OWNED = cases(lambda sample: bool(set(sample.ids.values()) - FOR_ALL))
NAMED = cases(lambda sample: bool(sample.ids))


def is_missing(answer: tuple[int, Any]) -> None:
    status, body = answer
    assert status == 404, (status, body)
    assert body["code"] == 404 and body["error"] == body["detail"]
    assert body["error"].startswith("No such") or body["type"] == "NotFound"


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "sample"), cases())
def test_the_owner_has_it(world: World, name: str, sample: Sample) -> None:
    Run.objects.update(status=sample.state)
    status, body = send(world.owner.client, name, sample, world.ids)
    assert 200 <= status < 300, body


@pytest.mark.parametrize(("name", "sample"), OWNED)
def test_to_others_it_is_not_there(world: World, other: Script, name: str, sample: Sample) -> None:
    Run.objects.update(status=sample.state)
    operator = Script(factories.user("operator", is_staff=True, is_superuser=True))
    before = world.state()
    for who in (other, operator):
        is_missing(send(who.client, name, sample, world.ids))
    assert world.state() == before


@pytest.mark.parametrize(("name", "sample"), cases(lambda sample: len(sample.ids) > 1))
def test_one_id_of_somebody_else_is_enough(
    world: World, other: Script, name: str, sample: Sample
) -> None:
    """Their own squid does not lead to another's run, nor the other way round."""
    squid = factories.squid(other.user)
    run = factories.run(squid)
    account = actions.add_account(other.user, "web-session", "Bob", "sid=b", "shop.example")
    task = squid.tasks.get(position=1)
    things: dict[str, Any] = {"squid": squid, "run": run, "task": task, "account": account}
    theirs = world.ids | {kind: thing.uid for kind, thing in things.items()}
    before = world.state()
    for kind in set(sample.ids.values()) - FOR_ALL:
        is_missing(send(other.client, name, sample, theirs | {kind: world.ids[kind]}))
    assert world.state() == before


@pytest.mark.parametrize(("name", "sample"), cases())
def test_without_a_good_key(world: World, name: str, sample: Sample) -> None:
    public = not dict(operations())[name]["security"]
    before = world.state()
    for headers in ({}, {"Authorization": "Token lob_" + "0" * 40}):
        status, body = send(Client(headers=headers), name, sample, world.ids)
        assert status == (200 if public else 401), body
    assert world.state() == before


# --- what ---------------------------------------------------------------------------------------


def wrong_ids(good: str) -> list[str]:
    return [
        "0" * 32,
        good[:31],
        good.upper() if good.upper() != good else "A" * 32,
        good + "0",
        good + "\n",
        f" {good}",
        "ü" * 32,
        "１" * 32,
        good[:31] + "\0",
        "\0",
        "f" * 10_000,
        "%",
        "null",
        "-1",
        f"{good[:8]}-{good[8:12]}-{good[12:16]}-{good[16:20]}-{good[20:]}",
    ]


@pytest.mark.parametrize(("name", "sample"), NAMED)
def test_an_id_of_nothing_is_not_there(world: World, name: str, sample: Sample) -> None:
    before = world.state()
    for place, kind in sample.ids.items():
        for wrong in wrong_ids(world.ids[kind]):
            ids = world.ids | {kind: wrong}
            try:
                is_missing(send(world.owner.client, name, sample, ids))
            except AssertionError as problem:
                raise AssertionError(f"{place}={wrong[:40]!r}: {problem}") from None
    assert world.state() == before


@pytest.mark.parametrize(("name", "sample"), OWNED)
def test_what_was_deleted_is_not_there(world: World, name: str, sample: Sample) -> None:
    actions.delete_account(world.owner.user.accounts.get())
    actions.delete(Squid.objects.get())
    before = world.state()
    is_missing(send(world.owner.client, name, sample, world.ids))
    assert world.state() == before


@pytest.mark.parametrize(("name", "sample"), cases(lambda sample: not sample.ids))
def test_what_names_no_id_shows_nothing_of_others(
    world: World, other: Script, name: str, sample: Sample
) -> None:
    status, body = send(other.client, name, sample, {})
    told = json.dumps(body)
    assert 200 <= status < 300
    assert not any(world.ids[kind] in told for kind in set(world.ids) - FOR_ALL)
