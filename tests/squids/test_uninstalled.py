"""A squid whose crawler is not installed any more: every verb says so, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from runs.models import Run
from squids import actions, errors
from squids.models import Crawler, Squid, Task, Upload, UploadState

SAID = "No crawler “gone-away” is installed."


@pytest.fixture
def gone(squid: Squid) -> Squid:
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone-away")
    return Squid.objects.get(pk=squid.pk)


def send(client: Client, squid: Squid, verb: str, **fields: Any) -> tuple[int, str]:
    response = client.post(reverse(verb, args=[squid.uid]), fields, follow=True)
    return response.status_code, response.content.decode()


def test_launch_is_refused_with_a_message(client: Client, gone: Squid) -> None:
    status, page = send(client, gone, "runs:launch")
    assert status == 200 and SAID in page
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("squids:update", {"name": "New", "concurrency": "1", "delay": "0"}),
        ("squids:add_tasks", {"tasks": "http://shop.example/new"}),
        ("squids:add_tasks", {"task-url": "http://shop.example/new"}),
    ],
)
def test_forms_are_refused(client: Client, gone: Squid, verb: str, fields: dict[str, str]) -> None:
    status, page = send(client, gone, verb, **fields)
    assert status == 422 and SAID in page
    assert Squid.objects.get(pk=gone.pk).name == "Books"
    assert Task.objects.filter(squid=gone).count() == 3


def test_a_file_is_refused(client: Client, gone: Squid) -> None:
    file = SimpleUploadedFile("tasks.csv", b"url\nhttp://shop.example/new\n")
    status, page = send(client, gone, "squids:upload", file=file)
    assert status == 422 and SAID in page
    assert not Upload.objects.exists()


def test_a_file_on_its_way_in_fails_with_the_reason(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", b"url\nhttp://shop.example/new\n")
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone-away")
    actions.read_upload(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.errors) == (UploadState.FAILURE, [[None, SAID]])


def test_none_is_made(gone: Squid) -> None:
    with pytest.raises(errors.CrawlerMissing, match="gone-away"):
        actions.create_squid(gone.owner, gone.crawler)
    assert Squid.objects.count() == 1
