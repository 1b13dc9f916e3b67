"""``/accounts``: sign-ins at other sites, their types, their cookies and limits.

Cookies are saved while they are sent, so a synchronization has ended with its answer; its id is the
account's. No answer and no error holds a cookie's value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import prefetch_related_objects
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StrictFloat, StrictInt, StrictStr

from runs import lifecycle
from squids import account_listing, account_types, actions, errors
from squids.access import NoSuch, account_of
from squids.account_forms import labels
from squids.api.caller import Caller
from squids.api.crawlers import CookieOut, cookies_of_type
from squids.api.paging import Page, Paging, listed, page_of
from squids.api.schema import Body, answers, either, moment
from squids.crawlers.interface import AccountType
from squids.models import Account, AccountStatus, User

router = Router(tags=["Accounts"])

CODES = {
    AccountStatus.SYNCHRONIZED: 200,
    AccountStatus.COOKIES_EXPIRED: 401,
    AccountStatus.WRONG_CREDENTIALS: 403,
}
"""As the site would answer with these cookies."""
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
CREATED = 100
"""What a client is told at first; it asks on then."""
ONE = Paging(page=1, limit=None, page_size=None)


class SquidOfAccount(Schema):
    name: str
    hash_value: str


class Limits(Schema):
    default: dict[str, int | float] = Field(description="As its type declares them.")
    user: dict[str, int | float] = Field(description="What its owner set in their place.")


class AccountOut(Schema):
    id: str
    object: Literal["account"]
    username: str
    type: str
    account_type_hash: str
    status: Literal["200", "401", "403"] = Field(description="200: its cookies are good.")
    status_code_info: AccountStatus
    status_code_description: str
    baseurl: str | None
    icon: str | None
    cookies: list[CookieOut] = Field(description="The names of what it holds.")
    params: Limits
    squids: list[SquidOfAccount]
    run: str | None = Field(description="The run it serves at present.")
    resets_in: int | None = Field(description="Seconds until it may read again; null: it may.")
    lock_time: int | None = Field(description="The same as a moment, in seconds since 1970.")
    created_at: str
    updated_at: str
    last_synchronization_time: str


class LimitOut(Schema):
    min: int | float
    max: int | float
    default: int | float
    display: str


class AccountTypeOut(Schema):
    id: str
    object: Literal["account_type"]
    name: str
    description: str
    domain: str
    baseurl: str
    icon: str | None
    params: dict[str, LimitOut]
    cookies: list[CookieOut] = Field(description="Those that are needed; none: all there are.")


class CookiesIn(Body):
    """``type`` may have the site behind it: ``web-session@shop.example``."""

    type: str
    cookies: dict[str, Annotated[StrictStr | StrictInt, either("text or a whole number")]] = Field(
        description="Name and value.", repr=False
    )
    account: str | None = Field(None, description="The account to refresh; without it, a new one.")
    username: str | None = Field(None, description="Of a new one; without it, from the type.")
    site: str = Field("", description="Whose cookies they are, where the type is of any site.")


class SyncOut(Schema):
    id: str
    object: Literal["synchronize-cookies"]
    status_code: int
    status_text: str
    account_hash: str


class LimitsIn(Body):
    account: str
    type: str
    params: dict[
        str, Annotated[StrictInt | StrictFloat | StrictStr | None, either("a number or null")]
    ] = Field(
        description="Limits by name, numbers also as text; null: as declared. The others stay."
    )


class Deleted(Schema):
    id: str
    object: Literal["account"]
    deleted: bool


@router.get("/accounts", response=answers(Page[AccountOut]), summary="Your accounts")
def accounts(request: Caller, paging: Query[Paging]) -> dict[str, Any]:
    now = timezone.now()
    found = account_listing.listed(request.user)
    return listed(request, paging, found, lambda account: _account(account, now))


@router.get("/account_types", response=answers(Page[AccountTypeOut]), summary="Types of accounts")
def types(request: Caller, paging: Query[Paging]) -> dict[str, Any]:
    kinds = sorted(account_types.every().values(), key=lambda kind: kind.slug)
    page = [_type(kind) for kind in kinds[paging.start : paging.end]]
    return page_of(request, paging, len(kinds), page)


@router.get(
    "/accounts/types",
    response=answers(Page[AccountTypeOut]),
    summary="Types of accounts, by another path",
)
def types_too(request: Caller, paging: Query[Paging]) -> dict[str, Any]:
    return types(request, paging)


@router.post("/accounts/cookies", response=answers(SyncOut), summary="Add or refresh an account")
def send_cookies(request: Caller, given: CookiesIn) -> dict[str, Any]:
    put = _added if given.account is None else _refreshed
    account = put(request.user, given)
    return _sync(account.uid, CREATED, "created")


@router.get("/synchronize/{uid}", response=answers(SyncOut), summary="What became of the cookies")
def sync(request: Caller, uid: str) -> dict[str, Any]:
    found = account_listing.entry(account_of(request.user, uid), timezone.now())
    return _sync(uid, CODES[found.status], found.status)


@router.post("/accounts", response=answers(AccountOut), summary="Set an account's limits")
def limit(request: Caller, given: LimitsIn) -> dict[str, Any]:
    account = account_of(request.user, given.account)
    kind = _kind(given.type)
    _check_type(account, kind)
    limits = {name: _number(name, value) for name, value in given.params.items()}
    lifecycle.limit_account(account, limits)
    return _loaded(account)


@router.get("/accounts/{uid}", response=answers(Page[AccountOut]), summary="One account, in a list")
def account(request: Caller, uid: str) -> dict[str, Any]:
    return page_of(request, ONE, 1, [_loaded(account_of(request.user, uid))])


@router.delete("/accounts/{uid}", response=answers(Deleted), summary="Delete an account")
def delete(request: Caller, uid: str) -> dict[str, Any]:
    account = account_of(request.user, uid)
    lifecycle.delete_account(account)
    return {"id": uid, "object": "account", "deleted": True}


# --- what is sent -------------------------------------------------------------------------------


def _added(owner: User, given: CookiesIn) -> Account:
    slug, _, site = given.type.partition("@")
    kind = _kind(slug)
    try:
        return actions.add_account(
            owner, kind.slug, given.username, _text(given), given.site or site
        )
    except errors.FieldRefused as refused:
        raise _in_our_words(refused, kind) from None


def _refreshed(owner: User, given: CookiesIn) -> Account:
    account = account_of(owner, given.account or "")
    slug, _, site = given.type.partition("@")
    kind = _kind(slug)
    _check_type(account, kind)
    if given.username not in (None, account.name):
        raise errors.FieldRefused("username", "An account that is refreshed keeps its name.")
    try:
        lifecycle.refresh_account(account, _text(given), given.site or site)
    except errors.FieldRefused as refused:
        raise _in_our_words(refused, kind) from None
    return account


def _text(given: CookiesIn) -> str:
    """As the action reads them: a client makes numbers of values that look like some."""
    return json.dumps({name: str(value) for name, value in given.cookies.items()})


def _in_our_words(refused: errors.FieldRefused, kind: AccountType) -> errors.FieldRefused:
    """The action's fields have the names of the pages."""
    if refused.field == "name":
        return errors.FieldRefused("username", refused.message)
    if refused.field == "site":
        hint = f"Send it as “site”, or with the type: {kind.slug}@shop.example."
        return errors.FieldRefused("site", f"{refused.message} {hint}")
    return refused


def _kind(slug: str) -> AccountType:
    kind = account_types.get(slug)
    if kind is None:
        raise NoSuch("account type")
    return kind


def _check_type(account: Account, kind: AccountType) -> None:
    if account.type != kind.slug:
        raise NoSuch("account type")


def _number(name: str, value: float | str | None) -> float | None:
    """Python's own reading would take ``1_0`` and the digits of every script."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise errors.FieldRefused(name, "Give a number.")
        return float(value)
    return value


# --- what is told -------------------------------------------------------------------------------


def _loaded(account: Account) -> dict[str, Any]:
    prefetch_related_objects([account], account_listing.visible_squids())
    return _account(account, timezone.now())


def _account(account: Account, now: datetime) -> dict[str, Any]:
    found, kind = account_listing.entry(account, now), account_types.get(account.type)
    site = kind.domain if kind and kind.domain else actions.site_of(account)
    needed = kind.cookies if kind else ()
    return {
        "id": account.uid,
        "object": "account",
        "username": account.name,
        "type": account.type,
        "account_type_hash": account_types.uid(account.type),
        "status": str(CODES[found.status]),
        "status_code_info": found.status,
        "status_code_description": found.note or found.word,
        "baseurl": account_types.address(site) or None,
        "icon": None,
        "cookies": [{"name": n, "required": n in needed} for n in account.cookie_names],
        "params": {
            "default": account_types.declared(kind) if kind else {},
            "user": account.limits,
        },
        "squids": [{"name": s.name, "hash_value": s.uid} for s in account.squids.all()],
        "run": found.run.uid if found.run else None,
        "resets_in": _seconds(found.until, now),
        "lock_time": math.ceil(found.until.timestamp()) if found.until else None,
        "created_at": moment(account.created_at),
        "updated_at": moment(account.updated_at),
        "last_synchronization_time": moment(account.synchronized_at),
    }


def _seconds(until: datetime | None, now: datetime) -> int | None:
    return max(math.ceil((until - now).total_seconds()), 1) if until else None


def _type(kind: AccountType) -> dict[str, Any]:
    return {
        "id": account_types.uid(kind.slug),
        "object": "account_type",
        "name": kind.slug,
        "description": kind.name,
        "domain": kind.domain or "any site",
        "baseurl": account_types.address(kind.domain),
        "icon": None,
        "params": _limits(kind),
        "cookies": cookies_of_type(kind),
    }


def _limits(kind: AccountType) -> dict[str, Mapping[str, Any]]:
    bounds, names = account_types.bounds(kind), labels(kind)
    return {
        name: {
            "min": bounds[name][0],
            "max": bounds[name][1],
            "default": value,
            "display": names[name],
        }
        for name, value in account_types.declared(kind).items()
    }


def _sync(uid: str, code: int, text: str) -> dict[str, Any]:
    return {
        "id": uid,
        "object": "synchronize-cookies",
        "status_code": code,
        "status_text": text,
        "account_hash": uid,
    }
