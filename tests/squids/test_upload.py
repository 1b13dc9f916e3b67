from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from squids import actions, jobs
from squids.models import Squid, Upload, UploadState
from squids.task_files import SIZE_LIMIT

GOOD = b"url\nhttp://shop.example/1\nhttp://shop.example/new\nhttp://shop.example/new\nno address\n"


def send(client: Client, squid: Squid, content: bytes, name: str = "tasks.csv") -> Any:
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("squids:upload", args=[squid.uid]), {"file": file})


def refused(client: Client, squid: Squid, content: bytes) -> str:
    response = send(client, squid, content)
    assert response.status_code == 422
    assert not Upload.objects.exists()
    assert not OrmQ.objects.exists()
    return str(response.content.decode())


def progress(client: Client, upload: Upload) -> str:
    url = reverse("squids:upload_progress", args=[upload.squid.uid, upload.uid])
    return str(client.get(url, headers={"HX-Request": "true"}).content.decode())


def test_is_kept_and_queued_at_once(client: Client, squid: Squid) -> None:
    response = send(client, squid, GOOD)
    assert response.headers["Location"] == reverse("squids:tasks", args=[squid.uid])
    upload = Upload.objects.get()
    assert (upload.state, bytes(upload.content or b"")) == (UploadState.PENDING, GOOD)
    assert OrmQ.objects.get().task["func"] == "squids.jobs.read_upload"
    assert OrmQ.objects.get().task["args"] == (upload.pk,)


def test_progress_asks_again_until_it_is_read(client: Client, squid: Squid) -> None:
    send(client, squid, GOOD)
    upload = Upload.objects.get()
    waiting = progress(client, upload)
    assert "hx-trigger" in waiting
    assert "In the queue" in waiting
    jobs.read_upload(upload.pk)
    read = progress(client, upload)
    assert "hx-trigger" not in read
    assert "Line 5: “no address” is no web address" in read


def test_counts_stand_in_the_page(client: Client, squid: Squid) -> None:
    send(client, squid, GOOD)
    jobs.read_upload(Upload.objects.get().pk)
    page = client.get(reverse("squids:tasks", args=[squid.uid])).content.decode()
    for name, count in (("Valid", 3), ("Inserted", 1), ("Duplicates", 2), ("Invalid", 1)):
        assert f"<dt>{name}</dt><dd>{count}</dd>" in page
    assert "http://shop.example/new" in page


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"link\nhttp://shop.example/\n", "missing: “url”"),
        (b"url\n" + b"a" * SIZE_LIMIT, "larger than 20 MB"),
        (b"PK\x03\x04book", "Save it as CSV"),
        (b"\xff\xfeu\x00r\x00l\x00\n", "says that it is UTF-16 and is not"),
    ],
)
def test_file_that_cannot_be_read_is_refused_at_once(
    client: Client, squid: Squid, content: bytes, message: str
) -> None:
    assert message in refused(client, squid, content)


def test_no_file_is_refused(client: Client, squid: Squid) -> None:
    response = client.post(reverse("squids:upload", args=[squid.uid]))
    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_file_name_is_shown_as_text(client: Client, squid: Squid) -> None:
    send(client, squid, GOOD, "<img src=x>" + "n" * 400 + ".csv")
    page = client.get(reverse("squids:tasks", args=[squid.uid])).content.decode()
    assert "<img src=x>" not in page
    assert len(Upload.objects.get().filename) <= 300


def test_upload_of_another_squid_is_not_found(client: Client, squid: Squid, places: Squid) -> None:
    upload = actions.store_upload(squid, "a.csv", GOOD)
    url = reverse("squids:upload_progress", args=[places.uid, upload.uid])
    assert client.get(url).status_code == 404
