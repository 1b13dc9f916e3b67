"""What is the same at every path under /v1: JSON, one shape of errors, no redirect, no cookie."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from lobstr_site.api.asgi import is_api
from squids.models import ApiKey
from tests.api.conftest import Script

SHAPE = {"error", "detail", "type", "code", "param"}


def in_shape(answer: Any, status: int, kind: str) -> str:
    """That it is one of the API's errors; answers what it says."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert set(body) == SHAPE
    assert (body["type"], body["code"]) == (kind, status)
    assert body["error"] == body["detail"] != ""
    return str(body["error"])


PATHS = [
    "",
    "/",
    "/nothing",
    "/me/",
    "/nothing/x/y",
    "/%00",
    "/a%0Ab",
    "/ü",
    "/me//",
    "/" + "x" * 9000,
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head"])
def test_an_unknown_path(script: Script, path: str, method: str) -> None:
    answer = getattr(script.client, method)(f"/v1{path}")
    if method == "head":
        assert answer.status_code == 404 and not answer.content
    else:
        in_shape(answer, 404, "NotFound")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/delivery?squid=1", "delivers"),
        ("/delivery/test-email", "delivers"),
        (f"/squids/{'0' * 32}/chain", "chain"),
        ("/googlemaps/locations?country_code=FR", "places"),
        ("/googlelocations", "places"),
        ("/squids/", "slash"),
    ],
)
def test_what_this_server_has_not(script: Script, path: str, word: str) -> None:
    assert word in in_shape(script.client.post(f"/v1{path}"), 404, "NotFound")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_method_that_a_path_does_not_take(script: Script, method: str) -> None:
    answer = getattr(script.client, method)("/v1/me")
    in_shape(answer, 405, "MethodNotAllowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_options(script: Script) -> None:
    answer = script.client.options("/v1/me")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_head_is_get_without_its_body(script: Script) -> None:
    got, head = script.client.get("/v1/me"), script.client.head("/v1/me")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert Client().head("/v1/me").status_code == 401


@pytest.mark.django_db
def test_an_unknown_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["lobstr.example"]
    in_shape(Client(SERVER_NAME="evil.example").get("/v1/me"), 400, "ParamsInvalid")


def test_no_cache_keeps_an_answer_and_no_cookie_comes_with_it(script: Script) -> None:
    for path in ("/v1/me", "/v1/nothing", "/v1/openapi.json"):
        answer = script.client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
    assert not Session.objects.exists()


def test_packed_answers_are_the_same(script: Script) -> None:
    packed = script.client.get("/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"


def test_a_call_costs_one_query(
    script: Script, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    script.get("/me")
    with django_assert_num_queries(1):  # key, owner and plan
        assert script.get("/me")[0] == 200
    with django_assert_num_queries(0):
        assert script.get("/nothing")[0] == 404


def test_what_breaks_is_told_to_the_log_and_not_to_the_client(
    script: Script, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.ROOT_URLCONF = "tests.api.breaking"
    script.client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        for path in ("/v1/breaks", "/v1/page-breaks"):
            text = in_shape(script.client.get(path), 500, "SomethingWentWrong")
            assert "the secret" not in text
    assert "ZeroDivisionError" in caplog.text and "the secret" in caplog.text


def test_pages_are_as_they_were() -> None:
    answer = Client().get("/v1x")
    assert answer.status_code == 404 and "html" in answer.headers["Content-Type"]
    assert not is_api("/v1x") and is_api("/v1")


def test_a_key_in_its_other_forms(script: Script) -> None:
    for header in (f"Bearer {script.text}", f"token   {script.text}  "):
        assert Client(headers={"Authorization": header}).get("/v1/me").status_code == 200
    assert ApiKey.objects.count() == 1
