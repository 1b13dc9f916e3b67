"""``/tasks/upload``: task files, read in the background."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from squids import actions
from squids.access import any_upload_of, squid_of
from squids.api.caller import Caller
from squids.api.schema import answers
from squids.models import Upload
from squids.task_files import check_size

router = Router(tags=["Tasks"])


class UploadTakenOut(Schema):
    id: str
    object: Literal["task_upload"]


class UploadCountsOut(Schema):
    valid: int
    inserted: int
    duplicates: int
    invalid: int


class UploadErrorOut(Schema):
    line: int | None = Field(description="Null for what is wrong with the whole file.")
    error: str


class UploadOut(Schema):
    id: str
    object: Literal["task_upload"]
    state: Literal["PENDING", "PROGRESS", "SUCCESS", "FAILURE"]
    meta: UploadCountsOut | None = Field(description="Null until the file is read.")
    errors: list[UploadErrorOut] = Field(description="The first lines that were left out, and why.")


@router.post(
    "/tasks/upload", response=answers(UploadTakenOut), summary="Add tasks by a CSV or TSV file"
)
def upload(request: Caller, squid: Form[str], file: File[UploadedFile]) -> dict[str, Any]:
    found = squid_of(request.user, squid)
    check_size(file.size or 0)
    taken = actions.store_upload(found, file.name or "", file.read())
    return {"id": taken.uid, "object": "task_upload"}


@router.get(
    "/tasks/upload/{uid}",
    response=answers(UploadOut) | {202: UploadOut},
    summary="How far a task file is read: 202 until its end, then 200",
)
def upload_status(request: Caller, uid: str) -> Status[dict[str, Any]]:
    found = any_upload_of(request.user, uid)
    return Status(202 if found.is_unfinished else 200, _upload(found))


def _upload(upload: Upload) -> dict[str, Any]:
    names = UploadCountsOut.model_fields
    counts = {name: getattr(upload, name) for name in names}
    return {
        "id": upload.uid,
        "object": "task_upload",
        "state": upload.state,
        "meta": None if upload.is_unfinished else counts,
        "errors": [{"line": line, "error": text} for line, text in upload.errors],
    }
