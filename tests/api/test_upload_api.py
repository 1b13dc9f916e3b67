"""POST /tasks/upload and GET /tasks/upload/{id}."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lobstrio import LobstrClient
from lobstrio.exceptions import APIError
from lobstrio.models.task import UploadStatus

from squids import jobs
from squids.actions import uploads
from squids.models import Squid, Task, Upload, UploadState
from squids.task_files import SIZE_LIMIT
from tests import factories
from tests.api.conftest import Script

GOOD = b"url\nhttp://shop.example/1\nhttp://shop.example/new\nhttp://shop.example/new\nno address\n"


@pytest.fixture
def squid(script: Script) -> Squid:
    return factories.squid(script.user, tasks=3)


def send(
    script: Script, squid: Squid, content: bytes, *, name: str = "tasks.csv", part: str = "file"
) -> tuple[int, Any]:
    file = SimpleUploadedFile(name, content, "text/csv")
    answer = script.client.post("/v1/tasks/upload", {"squid": squid.uid, part: file})
    return answer.status_code, answer.json()


def read(script: Script, content: bytes, squid: Squid) -> Any:
    """Send a file, have it read, and ask how it went."""
    status, body = send(script, squid, content)
    assert status == 200
    jobs.read_upload(Upload.objects.get(uid=body["id"]).pk)
    status, told = script.get(f"/tasks/upload/{body['id']}")
    assert status == 200
    return told


def test_is_taken_in(script: Script, squid: Squid) -> None:
    status, body = send(script, squid, GOOD)
    upload = Upload.objects.get()
    assert (status, body) == (200, {"id": upload.uid, "object": "task_upload"})
    assert (upload.squid, upload.filename) == (squid, "tasks.csv")


@pytest.mark.parametrize("state", ["PENDING", "PROGRESS"])
def test_while_it_is_read(script: Script, squid: Squid, state: str) -> None:
    send(script, squid, GOOD)
    Upload.objects.update(state=state)
    uid = Upload.objects.get().uid
    assert script.get(f"/tasks/upload/{uid}") == (
        202,
        {"id": uid, "object": "task_upload", "state": state, "meta": None, "errors": []},
    )


def test_when_it_is_read(script: Script, squid: Squid) -> None:
    told = read(script, GOOD, squid)
    assert told["state"] == "SUCCESS"
    assert told["meta"] == {"valid": 3, "inserted": 1, "duplicates": 2, "invalid": 1}
    assert [error["line"] for error in told["errors"]] == [5]
    assert "“no address” is no web address" in told["errors"][0]["error"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_encodings_and_delimiters(script: Script, encoding: str, delimiter: str) -> None:
    places = factories.squid(script.user, tasks=0, crawler="test-places")
    lines = [("city", "country"), ("Besançon", "France"), ("Évora", "Portugal")]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert read(script, text.encode(encoding), places)["meta"]["inserted"] == 2
    cities = [task.params["city"] for task in Task.objects.filter(squid=places)]
    assert cities == ["Besançon", "Évora"]


def test_one_that_fails_says_why(script: Script) -> None:
    squid = factories.squid(script.user, tasks=0)
    lines = [f"http://shop.example/{n}" for n in range(10_001)]
    told = read(script, "\n".join(["url", *lines]).encode(), squid)
    assert told["state"] == "FAILURE"
    assert told["meta"]["inserted"] == 10_000
    assert "at most 10,000 tasks" in told["errors"][0]["error"]


def test_one_that_was_given_up_says_why_without_a_line(script: Script, squid: Squid) -> None:
    send(script, squid, GOOD)
    upload = Upload.objects.get()
    uploads._end(upload, UploadState.FAILURE, [[None, "It could not be read within an hour."]])
    _, told = script.get(f"/tasks/upload/{upload.uid}")
    assert told["errors"] == [{"line": None, "error": "It could not be read within an hour."}]


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (b"", "ParamsInvalid", "The file is empty."),
        (b" \n\n", "ParamsInvalid", "The file is empty."),
        (b"name\nhttp://a.example/", "ParamsInvalid", "column is missing: “url”"),
        (b"url,url\na,b", "ParamsInvalid", "there twice"),
        (b"PK\x03\x04 a workbook", "BadEncoding", "Excel"),
        (bytes(range(32)) * 9, "BadEncoding", "no text file"),
        (b"\xef\xbb\xbfurl\n\xff\xff", "BadEncoding", "UTF-8"),
        (b"a" * (SIZE_LIMIT + 1), "FileSizeLimitExceeded", "larger than 20 MB"),
    ],
    ids=["empty", "blank", "no-column", "column-twice", "excel", "binary", "broken", "large"],
)
def test_files_that_are_refused(
    script: Script, squid: Squid, content: bytes, kind: str, text: str
) -> None:
    status, body = send(script, squid, content)
    assert (status, body["type"], body["param"]) == (400, kind, "file")
    assert text in body["error"]
    assert not Upload.objects.exists()


def test_a_part_of_another_name(script: Script, squid: Squid) -> None:
    status, body = send(script, squid, GOOD, part="csv")
    assert (status, body["type"], body["param"]) == (400, "ParamsNeeded", "file")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"squid=1"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"'),
        ("multipart/form-data; boundary=\xe9", b"--b\r\n\r\n--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\n" * 2_000),
        ("application/json", b'{"squid": "a", "file": "b"}'),
        ("application/x-www-form-urlencoded", b"squid=a&file=b"),
        ("text/csv", GOOD),
    ],
    ids=["no-boundary", "nothing", "cut-off", "odd", "many-parts", "json", "form", "file-alone"],
)
def test_a_body_that_is_no_form_with_a_file(
    script: Script, squid: Squid, content_type: str, body: bytes
) -> None:
    answer = script.client.post("/v1/tasks/upload", body, content_type=content_type)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_more_fields_than_anybody_sends(script: Script, squid: Squid) -> None:
    answer = script.client.post("/v1/tasks/upload", {f"n{n}": "a" for n in range(1_100)})
    assert answer.status_code == 400
    assert answer.json()["type"] == "ParamsInvalid"


@pytest.mark.parametrize("uid", ["", "a" * 32, "\0", "é"], ids=["empty", "unknown", "nul", "é"])
def test_to_no_squid(script: Script, squid: Squid, uid: str) -> None:
    squid.uid = uid
    status, body = send(script, squid, GOOD)
    assert (status, body["type"]) == (404, "SquidDoesNotExistException")


def test_to_the_squid_of_somebody_else(other: Script, squid: Squid) -> None:
    assert send(other, squid, GOOD)[0] == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize("uid", ["a" * 32, "upload", "%00"])
def test_an_upload_that_is_not_there(script: Script, uid: str) -> None:
    status, body = script.get(f"/tasks/upload/{uid}")
    assert (status, body["type"]) == (404, "TasksNotFound")


def test_the_upload_of_somebody_else(script: Script, other: Script, squid: Squid) -> None:
    send(script, squid, GOOD)
    assert other.get(f"/tasks/upload/{Upload.objects.get().uid}")[0] == 404


# --- by the SDK -------------------------------------------------------------------------------


@pytest.fixture
def sdk(script: Script) -> Iterator[LobstrClient]:
    """The SDK, its requests handed over byte by byte."""

    def ask(request: httpx.Request) -> httpx.Response:
        answer = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            request.headers.get("content-type", ""),
            headers=dict(request.headers),
        )
        return httpx.Response(
            answer.status_code, headers=dict(answer.headers), content=answer.content
        )

    transport = httpx.MockTransport(ask)
    with LobstrClient(script.text, base_url="http://testserver/v1/", transport=transport) as client:
        yield client


@pytest.mark.parametrize("name", ["tasks.csv", "tasks.TSV", "tâches.csv"])
def test_the_sdk_sends_a_file(sdk: LobstrClient, squid: Squid, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(GOOD)
    taken = sdk.tasks.upload(squid=squid.uid, file=file)
    assert taken["object"] == "task_upload"
    assert sdk.tasks.upload_status(taken["id"]) == UploadStatus.from_api({"state": "PENDING"})
    jobs.read_upload(Upload.objects.get().pk)
    status = sdk.tasks.upload_status(taken["id"])
    assert (status.state, status.meta.inserted, status.meta.invalid) == ("SUCCESS", 1, 1)


def test_the_sdk_hears_why_not(sdk: LobstrClient, squid: Squid, tmp_path: Path) -> None:
    file = tmp_path / "tasks.csv"
    file.write_bytes(b"name\na")
    with pytest.raises(APIError, match="column is missing"):
        sdk.tasks.upload(squid=squid.uid, file=file)


def test_the_sdk_adds_lists_shows_and_deletes(sdk: LobstrClient, squid: Squid) -> None:
    added = sdk.tasks.add(squid=squid.uid, tasks=[{"url": "http://shop.example/new"}])
    uid = added.tasks[0].id
    assert [task.id for task in sdk.tasks.iter(squid=squid.uid, limit=2)][3:] == [uid]
    found = sdk.tasks.get(uid)
    assert found.status and found.status.status == "pending"
    assert sdk.tasks.delete(uid)["deleted"] is True
    assert len(sdk.tasks.list(squid=squid.uid)) == 3
