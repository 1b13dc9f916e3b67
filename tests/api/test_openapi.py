"""The OpenAPI document: whole, and true for whoever reads it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.test import Client
from ninja.operation import Operation
from pytest_django.fixtures import Settings

from lobstr_site.api import api
from lobstr_site.api.description import whole

HOSTS = ("localhost", "127.0.0.1")
PUBLIC = {("get", "/v1/crawlers/{uid}/attributes")}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/v1/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.validator_for(schema | {"components": document["components"]})


def test_each_operation_says_what_it_is(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in operations(document):
        what = f"{method} {path}"
        assert operation["summary"] and set(operation["tags"]) <= tags, what
        for parameter in operation["parameters"]:
            assert parameter.get("description"), f"{what}: {parameter['name']}"
        codes = set(operation["responses"])
        assert {"429", "400"} <= codes and codes & {"200", "201", "202"}, what
        assert ("413" in codes) == ("requestBody" in operation), what
        assert ("401" in codes) == bool(operation["security"]), what


def test_what_is_public(document: dict[str, Any]) -> None:
    found = {(m, p) for m, p, operation in operations(document) if not operation["security"]}
    assert found == PUBLIC
    assert set(document["components"]["securitySchemes"]) == {"Token"}


def test_no_two_operations_share_a_name(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert sorted(names) == sorted(set(names))


def all_operations() -> Iterator[Operation]:
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            yield from view.operations


def test_no_two_schemas_share_a_name() -> None:
    """The document has one place for a name, so the second would describe both."""
    seen: dict[str, Any] = {}
    for operation in all_operations():
        models = [(model, "serialization") for model in operation.response_models.values() if model]
        models += [(model, "validation") for model in operation.models]
        for model, mode in models:
            schema = model.model_json_schema(mode=mode)
            for name, inner in schema.get("$defs", {}).items():
                assert seen.setdefault(name, inner) == inner, name


def test_the_server_is_the_one_that_was_asked(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["lobstr.example"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = {"Host": "lobstr.example", "X-Forwarded-Proto": "https"}
    found = Client().get("/v1/openapi.json", headers=headers).json()
    assert found["servers"] == [{"url": "https://lobstr.example"}]


def test_it_is_made_once() -> None:
    whole.cache_clear()
    first, second = [Client(SERVER_NAME=name).get("/v1/openapi.json").json() for name in HOSTS]
    assert whole.cache_info().misses == 1
    assert [found.pop("servers")[0]["url"] for found in (first, second)] == [
        f"http://{name}" for name in HOSTS
    ]
    assert first == second
