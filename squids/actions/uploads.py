"""Take a task file in, and read it chunk by chunk in the background.

A chunk is one transaction: its tasks, the counts and how far the file is read. So a reader may be
killed at any moment and started again, or two may read at once, and nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from squids.actions import tasks
from squids.errors import Refused
from squids.models import TASK_LIMIT, Squid, Upload, UploadState
from squids.task_files import Broken, Row, TaskFile

NAMED_ERRORS = 100
"""Invalid lines that an upload names; it counts them all."""
STUCK_AFTER = timedelta(seconds=30)
GIVEN_UP_AFTER = timedelta(hours=1)
COUNTS = ("read", "valid", "inserted", "duplicates", "invalid")


def store_upload(squid: Squid, filename: str, content: bytes) -> Upload:
    """Keep a file and queue its reading. Raises Refused for one that cannot be read."""
    TaskFile(content, squid.crawler.code.task_params)
    name = "".join(filter(str.isprintable, filename))[-300:] or "tasks.csv"
    with transaction.atomic():
        upload = Upload.objects.create(squid=squid, filename=name, content=content)
        _queue(upload)
    return upload


def _queue(upload: Upload) -> None:
    async_task("squids.jobs.read_upload", upload.pk, q_options={"save": False})


def read_upload(pk: int) -> None:
    """Read an upload to its end from where it stands; nothing for one that is at its end."""
    upload = Upload.objects.select_related("squid__crawler").filter(pk=pk).unfinished().first()
    if upload is None:
        return
    try:
        content = bytes(upload.content) if upload.content else b""
        file = TaskFile(content, upload.squid.crawler.code.task_params)
    except Refused as refused:
        _end(upload, UploadState.FAILURE, [[None, refused.message]])
        return
    if _begin(upload, sum(1 for _ in file.rows())):
        _read(upload, islice(file.rows(), upload.read, None))


def _begin(upload: Upload, total: int) -> bool:
    """False when another reader has ended it meanwhile."""
    upload.total = total
    open_one = Upload.objects.filter(pk=upload.pk).unfinished()
    return bool(open_one.update(state=UploadState.PROGRESS, total=total, touched_at=timezone.now()))


def _read(upload: Upload, rows: Iterator[tuple[int, Row | Broken]]) -> None:
    while chunk := list(islice(rows, tasks.CHUNK)):
        if not _take(upload, chunk):
            return
    _end(upload, UploadState.SUCCESS, [])


def _take(upload: Upload, chunk: Sequence[tuple[int, Row | Broken]]) -> bool:
    """Commit one chunk whole. False when the upload is another reader's by now, or at its end."""
    good = [(line, row) for line, row in chunk if not isinstance(row, Broken)]
    broken = [(line, row.message) for line, row in chunk if isinstance(row, Broken)]
    checked = tasks.check_rows(upload.squid, good)
    checked.invalid = sorted(checked.invalid + broken)
    with transaction.atomic():
        now = Upload.objects.select_for_update(no_key=True).defer("content").get(pk=upload.pk)
        if now.read != upload.read or not now.is_unfinished:
            return False
        added = tasks.insert(upload.squid, checked)
        _count(upload, len(chunk), checked.valid, added)
        if added.left_out:
            _end(upload, UploadState.FAILURE, [[chunk[0][0], _full(added)]])
    return not added.left_out


def _full(added: tasks.Added) -> str:
    return (
        f"A squid holds at most {TASK_LIMIT:,} tasks. From this line on {added.left_out:,} "
        "good rows, and all that follow them, were left out."
    )


def _count(upload: Upload, read: int, valid: int, added: tasks.Added) -> None:
    upload.read += read
    upload.valid += valid
    upload.inserted += len(added.tasks)
    upload.duplicates += added.duplicates
    upload.invalid += len(added.invalid)
    room = max(NAMED_ERRORS - len(upload.errors), 0)
    upload.errors = upload.errors + [list(error) for error in added.invalid[:room]]
    upload.touched_at = timezone.now()
    upload.save(update_fields=[*COUNTS, "errors", "touched_at"])


def _end(upload: Upload, state: UploadState, problems: list[list[Any]]) -> None:
    """Its last state, with what went wrong named first. The bytes are not needed any more."""
    upload.state, upload.content, upload.errors = state, None, problems + upload.errors
    upload.touched_at = timezone.now()
    open_one = Upload.objects.filter(pk=upload.pk).unfinished()
    open_one.update(state=state, content=None, errors=upload.errors, touched_at=upload.touched_at)


# --- rescue -----------------------------------------------------------------------------------


def stuck_uploads(now: datetime) -> list[Upload]:
    """Unfinished uploads that nobody has read from for a while: their job or reader was lost."""
    stuck = Upload.objects.unfinished().filter(touched_at__lt=now - STUCK_AFTER)
    return list(stuck.defer("content").order_by("pk"))


def requeue(upload: Upload, now: datetime) -> bool:
    """Queue a stuck upload again, or give it up after an hour. One caller of many wins."""
    seen = Upload.objects.filter(pk=upload.pk, touched_at=upload.touched_at).unfinished()
    with transaction.atomic():
        if not seen.update(touched_at=now):
            return False
        if upload.created_at < now - GIVEN_UP_AFTER:
            _end(upload, UploadState.FAILURE, [[None, "It could not be read within an hour."]])
        else:
            _queue(upload)
    return True
