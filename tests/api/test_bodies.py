"""Bodies and queries that cannot be read are refused in words, whatever the endpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from tests.api.test_transport import in_shape


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.ROOT_URLCONF = "tests.api.breaking"
    return Client()


def post(client: Client, body: bytes | str, content_type: str = "application/json") -> Any:
    return client.generic("POST", "/v1/takes", body, content_type=content_type)


UNREADABLE = {
    "not JSON": b"text=1",
    "cut off": b'{"text": "a',
    "not UTF-8": b'{"text": "\xff\xfe\x80"}',
    "NaN": b'{"inner": {"a": NaN}}',
    "infinite": b'{"inner": {"a": -Infinity}}',
    "very deep": b"[" * 200_000,
    "endless number": b'{"number": ' + b"9" * 100_000 + b"}",
    "blank": b" ",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=list(UNREADABLE))
def test_what_cannot_be_read(client: Client, body: bytes) -> None:
    assert in_shape(post(client, body), 400, "ParamsInvalid")


@pytest.mark.parametrize("body", ["[]", "[1, 2]", '"text"', "1", "null", "true"])
def test_what_is_no_object(client: Client, body: str) -> None:
    answer = post(client, body)
    assert "JSON object" in in_shape(answer, 400, answer.json()["type"])


def test_no_body_at_all(client: Client) -> None:
    assert "JSON object" in in_shape(post(client, ""), 400, "ParamsNeeded")


def test_the_field_is_named(client: Client) -> None:
    answer = post(client, json.dumps({"number": -1}))
    assert in_shape(answer, 400, "InvalidParameterValue").startswith("number: ")
    assert answer.json()["param"] == "number"
    answer = post(client, json.dumps({"number": "many"}))
    assert in_shape(answer, 400, "InvalidParamType").startswith("number: ")
    answer = post(client, json.dumps({"x" * 10_000: 1}))
    assert len(in_shape(answer, 400, "InvalidParam")) < 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_is_read_whatever_it_is_said_to_be(client: Client, content_type: str) -> None:
    answer = post(client, json.dumps({"text": "é😀"}), content_type)
    assert (answer.status_code, answer.json()["text"]) == (200, "é😀")


def test_a_body_past_the_limit(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    in_shape(post(client, json.dumps({"text": "x" * 1000})), 413, "FileSizeLimitExceeded")


def test_a_query_of_too_many_fields(client: Client) -> None:
    query = "&".join(f"f{n}=1" for n in range(2000))
    in_shape(client.get(f"/v1/asks?{query}"), 400, "ParamsInvalid")


def test_uploads(client: Client) -> None:
    file = SimpleUploadedFile("a.csv", b"url\n")
    good = client.post("/v1/uploads", {"squid": "1", "file": file})
    assert good.json() == {"squid": "1", "size": 4}
    in_shape(client.post("/v1/uploads", {"squid": "1"}), 400, "ParamsNeeded")
    in_shape(client.post("/v1/uploads", {"squid": "1", "file": "text"}), 400, "ParamsNeeded")
    in_shape(client.post("/v1/uploads"), 400, "MultipleParamsNeeded")
    kind = "multipart/form-data"
    in_shape(client.generic("POST", "/v1/uploads", b"x", kind), 400, "ParamsInvalid")
    cut = client.generic("POST", "/v1/uploads", b"--x\r\nContent", f"{kind}; boundary=x")
    in_shape(cut, 400, "MultipleParamsNeeded")
