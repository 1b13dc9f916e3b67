"""Squids: listed, made, shown, changed, emptied, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.db import transaction
from ninja import Field, Query, Router, Schema

from runs import lifecycle
from squids import actions, errors
from squids.access import NoSuch, crawler_named, squid_of, squids_of
from squids.api import squid_told
from squids.api.caller import Caller
from squids.api.paging import Page, Paging, page_of
from squids.api.schema import answers
from squids.api.squid_bodies import (
    RENAMED,
    EmptyIn,
    NewSquid,
    SquidChanges,
    accounts_for,
    changes_of,
    source_of,
)
from squids.api.squid_told import SquidCreatedOut, SquidListedOut, SquidOut, SquidSettingsOut
from squids.models import Squid

router = Router(tags=["Squids"])


class SquidsAsked(Paging):
    name: str = Field("", description="A part of the name, in upper or lower case.")


class SquidEmptiedOut(Schema):
    id: str
    object: Literal["squid"]
    emptied: bool
    deleted_count: int


class SquidDeletedOut(Schema):
    id: str
    object: Literal["squid"]
    deleted: Literal[True]


@router.get("/squids", response=answers(Page[SquidListedOut]), summary="Squids, the newest first")
def list_squids(request: Caller, asked: Query[SquidsAsked]) -> dict[str, Any]:
    name = asked.name.replace("\0", "\ufffd")
    found = squids_of(request.user).filter(name__icontains=name)
    total = found.count()
    newest = found.order_by("-created_at", "-id")[asked.start : asked.end]
    entries = squid_told.entries(newest) if asked.start < total else []
    return page_of(request, asked, total, [squid_told.listed(request, e) for e in entries])


@router.post("/squids", response=answers(SquidCreatedOut), summary="A new squid")
def create_squid(request: Caller, body: NewSquid) -> dict[str, Any]:
    """With the crawler's default parameters."""
    crawler = crawler_named(body.crawler)
    accounts = accounts_for(request.user, crawler, [*(body.accounts or ()), *(body.account or ())])
    with transaction.atomic():
        squid = actions.create_squid(
            request.user, crawler, name=body.name or "", source=source_of(request)
        )
        if accounts:
            actions.link_accounts(squid, accounts)
    return squid_told.created(request, _entry(request, squid))


@router.get("/squids/{uid}", response=answers(SquidOut), summary="One squid")
def get_squid(request: Caller, uid: str) -> dict[str, Any]:
    return squid_told.detailed(request, _entry(request, squid_of(request.user, uid)))


@router.post(
    "/squids/{uid}", response=answers(SquidSettingsOut), summary="Change a squid's settings"
)
def update_squid(request: Caller, uid: str, body: SquidChanges) -> dict[str, Any]:
    """Only what is sent changes: all of it, or nothing where one part is refused. ``params`` and
    ``accounts`` are each replaced as a whole. A live run keeps the settings it began with."""
    squid = squid_of(request.user, uid)
    changes = changes_of(squid, body)
    with _by_names_of_api():
        squid = lifecycle.configure(squid, changes, by=request.auth.signature)
    return squid_told.updated(squid)


@router.post("/squids/{uid}/empty", response=answers(SquidEmptiedOut), summary="Remove every task")
def empty_squid(request: Caller, uid: str, body: EmptyIn) -> dict[str, Any]:
    """Past runs and their results stay."""
    squid = squid_of(request.user, uid)
    count = actions.empty(squid)
    return {"id": squid.uid, "object": "squid", "emptied": True, "deleted_count": count}


@router.delete("/squids/{uid}", response=answers(SquidDeletedOut), summary="Delete a squid")
def delete_squid(request: Caller, uid: str) -> dict[str, Any]:
    """With its tasks and runs; one that is unfinished is aborted."""
    squid = squid_of(request.user, uid)
    lifecycle.delete(squid, by=request.auth.signature)
    return {"id": squid.uid, "object": "squid", "deleted": True}


def _entry(request: Caller, squid: Squid) -> squid_told.Entry:
    found = squid_told.entries(squids_of(request.user).filter(pk=squid.pk))
    if not found:  # deleted at this moment
        raise NoSuch("squid")
    return found[0]


@contextmanager
def _by_names_of_api() -> Iterator[None]:
    """A refused schedule names the field that was sent; a parameter has its own name already."""
    names = {known: name for name, known in RENAMED.items()}
    try:
        yield
    except errors.ParamRefused:
        raise
    except errors.FieldRefused as refused:
        refused.field = names.get(refused.field, refused.field)
        raise
