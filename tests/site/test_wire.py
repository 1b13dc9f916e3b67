"""The server itself: bodies past the limit are refused while they come and are kept nowhere, and
no key to anything stands in its access log."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from lobstr_site.wire import logged
from tests.site.running import PATIENCE, until
from tests.site.serving import Served, serving

MB = 1024 * 1024
LIMIT, MUCH = 25 * MB, 150 * MB
LITTLE = 16 * MB
"""What may come on top of what a server needs anyway."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as site:
        yield site


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // MB):
        yield b" " * MB


def post(served: Served, path: str, size: int, **headers: str) -> httpx.Response:
    """A body that is told beforehand where there is a ``Content-Length``, else in chunks."""
    with httpx.Client(base_url=served.base, timeout=PATIENCE) as client:
        return client.post(path, content=pieces(size), headers=headers)


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/tasks/upload", "/login", "/%761/tasks"])
@pytest.mark.parametrize("told", [True, False], ids=["told", "in chunks"])
def test_a_large_body_takes_no_memory(served: Served, path: str, told: bool) -> None:
    post(served, path, 2 * LIMIT)
    before = served.most_memory
    length = {"Content-Length": str(MUCH)} if told else {}
    answer = post(served, path, MUCH, **length)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert served.most_memory - before < LITTLE
    if path == "/login":
        assert "25 MB" in answer.text and answer.headers["content-type"].startswith("text/html")
    else:
        body = answer.json()
        assert (body["type"], body["code"], body["param"]) == ("FileSizeLimitExceeded", 413, None)
        assert body["error"] == body["detail"] == "The body is larger than 25 MB."


def test_nothing_of_it_need_be_sent(served: Served) -> None:
    """The answer is there with the headers, and no client is told to go on."""
    place = urlsplit(served.base)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE) as wire:
        wire.sendall(
            b"POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        said = b""
        while not said.endswith(b"}"):
            said += wire.recv(65_536)
    head, _, content = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ") and json.loads(content)["code"] == 413


@pytest.mark.parametrize("body", [b"--x--\r\n", b"--x\r\n\r\n", b"nothing", b"--x\r\nA: b"])
def test_a_form_that_is_not_well_formed_is_answered_in_words(served: Served, body: bytes) -> None:
    headers = {
        "Authorization": f"Token {served.key}",
        "Content-Type": "multipart/form-data; boundary=x",
    }
    answer = httpx.post(
        f"{served.base}/v1/tasks/upload", content=body, headers=headers, timeout=PATIENCE
    )
    assert answer.status_code == 400 and answer.json()["error"]


def test_what_is_within_the_limit_comes_through(served: Served) -> None:
    token = {"Authorization": f"Token {served.key}"}
    for length in ({"Content-Length": str(LIMIT)}, {}):
        answer = post(served, "/v1/tasks", LIMIT, **token, **length)
        assert (answer.status_code, answer.json()["type"]) == (400, "ParamsInvalid")


def test_a_task_file_of_a_page_comes_through(served: Served) -> None:
    """As a browser sends it; without a sign-in it is sent to where one signs in."""
    with httpx.Client(base_url=served.base, timeout=PATIENCE) as client:
        client.get("/login")
        token = {"X-CSRFToken": client.cookies["csrftoken"]}
        file: Any = {"file": ("tasks.csv", b"url\r\n" + b"x" * 20 * MB)}
        answer = client.post(f"/squids/{'0' * 32}/tasks/upload", files=file, headers=token)
    assert answer.status_code in (302, 404)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("/v1/squids?name=toys", "/v1/squids?name=toys"),
        ("/files/0a.csv?sig=secret", "/files/0a.csv?…"),
        ("/%66iles/0a.csv?sig=secret", "/%66iles/0a.csv?…"),
        ("/signin/secret", "/signin/…"),
        ("/%73ignin/secret?next=/", "/signin/…"),
        ("/invitation/MQ/secret", "/invitation/…"),
        ("http://localhost/signin/secret", "/signin/…"),
    ],
    ids=range(7),
)
def test_what_the_access_log_tells(uri: str, shown: str) -> None:
    assert logged(uri) == shown


def test_the_access_log(served: Served) -> None:
    paths = [f"/files/{'0' * 32}.csv?sig=secret", "/signin/secret", "/invitation/MQ/secret"]
    with httpx.Client(base_url=served.base, timeout=PATIENCE) as client:
        for path in paths:
            client.get(path)
        client.get("/login?last=1")
    until(lambda: "GET /login?last=1" in served.said.read_text(), "the last line")
    lines = [line for line in served.said.read_text().splitlines() if " [" in line]
    assert not any("secret" in line for line in lines)
    assert sum(bool(re.search(r'"GET /(files|signin|invitation)/', line)) for line in lines) == 3
