"""Reading an uploaded file: exact counts, however often and wherever its reader dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from squids import actions, jobs
from squids.actions import tasks
from squids.models import TASK_LIMIT, Squid, Task, Upload, UploadState
from tests.squids.test_add_tasks import fill

COUNTS = ("state", "total", "read", "valid", "inserted", "duplicates", "invalid")


def content(*lines: str) -> bytes:
    return "\n".join(["url", *lines, ""]).encode()


def lines(first: int, last: int) -> list[str]:
    return [f"http://shop.example/u{n}" for n in range(first, last)]


MIXED = content(*lines(0, 7), "no address", *lines(3, 12), "http://shop.example/1", "ftp://x")


def counts(upload: Upload) -> dict[str, Any]:
    upload.refresh_from_db()
    return {name: getattr(upload, name) for name in COUNTS}


WHOLE = {
    "state": UploadState.SUCCESS,
    "total": 19,
    "read": 19,
    "valid": 17,
    "inserted": 12,
    "duplicates": 5,
    "invalid": 2,
}


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CHUNK", 5)


class Killed(BaseException):
    pass


def kill_at(number: int) -> Callable[..., Any]:
    """A wrapper that ends the process at its n-th statement, as a test may: by raising past
    everything."""
    seen = 0

    def execute(run: Callable[..., Any], *args: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Killed
        return run(*args)

    return execute


def test_counts_are_exact(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", MIXED)
    jobs.read_upload(upload.pk)
    assert counts(upload) == WHOLE
    assert upload.content is None
    assert [line for line, _ in upload.errors] == [9, 20]
    assert Task.objects.visible().filter(squid=squid).count() == 15


def test_killed_at_any_statement_and_read_again_it_is_the_same(squid: Squid) -> None:
    number, killed = 0, True
    while killed:
        number += 1
        Task.objects.filter(squid=squid, position__gt=3).delete()
        upload = actions.store_upload(squid, "tasks.csv", MIXED)
        try:
            with connection.execute_wrapper(kill_at(number)):
                jobs.read_upload(upload.pk)
            killed = False
        except Killed:
            assert counts(upload)["read"] in (0, 5, 10, 15, 19)
            jobs.read_upload(upload.pk)
        assert counts(upload) == WHOLE
        assert [line for line, _ in upload.errors] == [9, 20]
        urls = [task.params["url"] for task in squid.tasks.order_by("position")[3:]]
        assert urls == lines(0, 12)
    assert number > 20, "the kills fell on too few statements"


def test_two_readers_count_once(squid: Squid) -> None:
    """The second begins inside the first, between two of its chunks."""
    upload = actions.store_upload(squid, "tasks.csv", MIXED)
    inside = False

    def execute(run: Callable[..., Any], sql: str, *args: Any) -> Any:
        nonlocal inside
        answer = run(sql, *args)
        if not inside and sql.startswith("RELEASE"):
            inside = True
            jobs.read_upload(upload.pk)
        return answer

    with connection.execute_wrapper(execute):
        jobs.read_upload(upload.pk)
    assert inside
    assert counts(upload) == WHOLE


def test_read_again_after_its_end_nothing_changes(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", MIXED)
    for _ in range(2):
        jobs.read_upload(upload.pk)
        assert counts(upload) == WHOLE


def test_full_squid_ends_it_with_the_line(squid: Squid) -> None:
    fill(squid, TASK_LIMIT - 7)
    upload = actions.store_upload(squid, "tasks.csv", content(*lines(0, 20)))
    jobs.read_upload(upload.pk)
    assert counts(upload) | {"state": "", "total": 0} == {
        "state": "",
        "total": 0,
        "read": 10,
        "valid": 10,
        "inserted": 7,
        "duplicates": 0,
        "invalid": 0,
    }
    assert upload.is_failed
    assert upload.errors[0][0] == 7
    assert "at most 10,000 tasks" in upload.errors[0][1]
    assert Task.objects.visible().filter(squid=squid).count() == TASK_LIMIT


def test_duplicates_fit_into_a_full_squid(squid: Squid) -> None:
    fill(squid, TASK_LIMIT)
    upload = actions.store_upload(squid, "tasks.csv", content("http://shop.example/1"))
    jobs.read_upload(upload.pk)
    assert counts(upload)["duplicates"] == 1
    assert upload.state == UploadState.SUCCESS


def test_names_a_hundred_invalid_lines_and_counts_all(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", content(*["no address"] * 130))
    jobs.read_upload(upload.pk)
    assert counts(upload)["invalid"] == 130
    assert len(upload.errors) == 100


def test_nul_is_an_invalid_line(squid: Squid) -> None:
    rows = content(*lines(0, 30), "http://shop.example/\0")
    upload = actions.store_upload(squid, "tasks.csv", rows)
    jobs.read_upload(upload.pk)
    assert (counts(upload)["inserted"], upload.invalid) == (30, 1)


def test_deleted_upload_is_nothing_to_read(db: None) -> None:
    jobs.read_upload(987654321)


# --- rescue -----------------------------------------------------------------------------------


def test_fresh_one_is_not_stuck(squid: Squid) -> None:
    actions.store_upload(squid, "tasks.csv", MIXED)
    assert actions.stuck_uploads(timezone.now()) == []


def test_stuck_one_is_queued_again_once(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", MIXED)
    OrmQ.objects.all().delete()
    later = timezone.now() + timedelta(minutes=1)
    (stuck,) = actions.stuck_uploads(later)
    assert stuck == upload
    assert [actions.requeue(stuck, later), actions.requeue(stuck, later)] == [True, False]
    assert OrmQ.objects.get().task["args"] == (upload.pk,)
    assert actions.stuck_uploads(later) == []


def test_read_one_is_never_stuck(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", MIXED)
    jobs.read_upload(upload.pk)
    assert actions.stuck_uploads(timezone.now() + timedelta(days=9)) == []


def test_given_up_after_an_hour(squid: Squid) -> None:
    upload = actions.store_upload(squid, "tasks.csv", MIXED)
    OrmQ.objects.all().delete()
    later = timezone.now() + timedelta(hours=2)
    (stuck,) = actions.stuck_uploads(later)
    assert actions.requeue(stuck, later)
    upload.refresh_from_db()
    assert upload.is_failed
    assert upload.content is None
    assert "within an hour" in upload.errors[0][1]
    assert not OrmQ.objects.exists()
