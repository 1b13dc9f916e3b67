"""``GET /runs/{id}/download``: an address where the run's file is."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from runs.access import run_of
from runs.exports import Format, choose, prepare
from runs.links import LONGEST, Link
from squids.api.caller import Caller
from squids.api.schema import answers
from squids.errors import FieldRefused

router = Router(tags=["Results"])


class Wanted(Schema):
    format: Format = Field(Format.CSV, description="The ending of the file.")
    rows: Literal["unique", "all"] | None = Field(None, description="Else as the squid says.")
    columns: str | None = Field(None, description="These only, in this order: a,b")
    column: list[str] = Field([], description="One more of these as it is, commas too; repeated.")
    omit: str | None = Field(None, description="All the columns but these: c,d")
    omit_column: list[str] = Field([], description="One more to omit as it is; repeated.")


class DownloadOut(Schema):
    s3: str = Field(description="The file's address, good for an hour. It needs no key.")


@router.get(
    "/runs/{uid}/download", response=answers(DownloadOut), summary="Where the run's file is"
)
def download(
    request: Caller, response: HttpResponse, uid: str, wanted: Query[Wanted]
) -> dict[str, Any]:
    run = run_of(request.user, uid)
    columns = _names(wanted.columns) + wanted.column
    choice = choose(run, columns, _names(wanted.omit) + wanted.omit_column)
    rows = wanted.rows or ""
    prepare(run, wanted.format, rows=rows, choice=choice)
    path = Link(run.uid, request.auth.uid, wanted.format, rows, choice).path
    if len(path) > LONGEST:
        field = "columns" if columns else "omit"
        raise FieldRefused(field, "These names are too long for the address of a file.")
    response["Cache-Control"] = "no-store"
    return {"s3": request.build_absolute_uri(path)}


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]
