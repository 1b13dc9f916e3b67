"""Create, change, switch on and off, and delete a squid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from squids import errors
from squids.actions.accounts import link_accounts
from squids.actions.schedules import replan
from squids.crawlers.interface import MissingParam, Param, ParamError, UnknownParam
from squids.crawlers.params import clean
from squids.models import Crawler, Draft, Notify, SamplePage, Schedule, Squid, User

NAME_LIMIT = 300
ADDRESS_LIMIT = 254
DELAY_LIMIT = 3600.0
"""Seconds between two requests to one host: an hour."""
RUN_LIMIT = Param(
    "max_unique_results_per_run",
    "integer",
    help="A run ends once it has so many unique results, over all tasks. Null: no limit.",
    minimum=1,
    maximum=10_000_000,
)
"""A setting of every squid that the API tells, and takes, among its crawler's parameters."""
SETTINGS = (
    "name",
    "concurrency",
    "params",
    "functions",
    "to_complete",
    RUN_LIMIT.name,
    "export_unique_results",
    "no_line_breaks",
    "delay",
    "obey_robots",
    "run_notify",
    "notify_email",
)


def create_squid(owner: User, crawler: Crawler, *, name: str = "", source: str = "web") -> Squid:
    """A new squid with the crawler's defaults, named ``Crawler (N)`` unless it is given a name."""
    if not crawler.is_available:
        raise errors.CrawlerUnavailable
    with transaction.atomic():
        check_slots(owner, 1)
        name = _check_name(name) if name.strip() else _free_name(owner, crawler)
        params = {p.name: p.default for p in crawler.code.squid_params if p.default is not None}
        squid = Squid(owner=owner, crawler=crawler, name=name, params=params, created_from=source)
        _save_named(squid)
    return squid


def _free_name(owner: User, crawler: Crawler) -> str:
    taken = set(Squid.objects.visible().filter(owner=owner).values_list("name", flat=True))
    number = 1
    while f"{crawler.name} ({number})" in taken:
        number += 1
    return f"{crawler.name} ({number})"


def _save_named(squid: Squid, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            squid.save(update_fields=fields)
    except IntegrityError as error:
        raise errors.DuplicateSquid(squid.name) from error


def check_slots(owner: User, wanted: int) -> None:
    """Refuse what the owner's plan has no room for, and say who holds the slots. Inside a
    transaction the owner's row is the lock, so that two at once cannot both take the last slot."""
    lock_owner(owner)
    free = owner.slots - owner.used_slots
    if wanted > free:
        holders = owner.slot_holders.values_list("name", "concurrency")
        raise errors.SlotsLimitExceeded(wanted, free, owner.slots, list(holders))


def lock_owner(owner: User) -> None:
    """Before the row of a squid, where both are locked."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)


def _reread_slots(squid: Squid) -> None:
    """What it takes now, whatever it took when this object was read; so until the end of the
    transaction, as slots are taken under the owner's lock alone."""
    lock_owner(squid.owner)
    squid.refresh_from_db(fields=["is_active", "concurrency", "deleted_at"])


def update_squid(squid: Squid, changes: Mapping[str, Any]) -> Squid:
    """Save the given settings (of ``SETTINGS``), each checked, and ``accounts`` as the whole set of
    those that are linked. A live run keeps its own copy."""
    fields = [name for name in SETTINGS if name in changes]
    with transaction.atomic():
        checked = {name: _checked(squid, name, changes[name]) for name in fields}
        before = {name: getattr(squid, name) for name in fields}
        try:
            _set(squid, checked)
            if "run_notify" in checked or "notify_email" in checked:
                _check_notices(squid)
            _save_named(squid, [*fields, "updated_at"])
            if "accounts" in changes:
                link_accounts(squid, changes["accounts"])
        except errors.Refused:
            _set(squid, before)
            raise
    return squid


def _set(squid: Squid, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(squid, name, value)


def _checked(squid: Squid, name: str, value: Any) -> Any:
    match name:
        case "name":
            return _check_name(value)
        case "concurrency":
            return _check_concurrency(squid, value)
        case "params":
            return check_params(squid, value)
        case "functions":
            return _check_functions(squid, value)
        case "delay":
            return _check_delay(value)
        case RUN_LIMIT.name:
            return _check_most(value)
        case "notify_email":
            return check_email(value)
        case "run_notify":
            return _check_notify(value)
        case _:
            return value


def _check_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise errors.FieldRefused("name", "Give the squid a name.")
    if len(name) > NAME_LIMIT:
        raise errors.FieldRefused("name", f"A name has at most {NAME_LIMIT} characters.")
    if not name.isprintable():
        raise errors.FieldRefused("name", "A name is one line of letters, digits and signs.")
    return name


def _check_concurrency(squid: Squid, wanted: int) -> int:
    most = squid.crawler.code.max_concurrency
    if not 1 <= wanted <= most:
        raise errors.ConcurrencyLimitExceeded(most)
    _reread_slots(squid)
    if squid.is_active and wanted > squid.concurrency:
        check_slots(squid.owner, wanted - squid.concurrency)
    return wanted


def _check_functions(squid: Squid, wanted: Mapping[str, bool]) -> dict[str, bool]:
    known = [function.name for function in squid.crawler.code.functions]
    for name, switched in wanted.items():
        if name not in known:
            raise errors.FunctionNotFound(name, known)
        if not isinstance(switched, bool):
            raise errors.FieldRefused(f"functions.{name}", "This must be true or false.")
    return dict(wanted)


def _check_delay(seconds: float) -> float:
    if not 0 <= seconds <= DELAY_LIMIT:
        raise errors.FieldRefused("delay", f"Choose from 0 to {DELAY_LIMIT:,.0f} seconds.")
    return seconds


def _check_most(wanted: Any) -> int | None:
    try:
        return clean([RUN_LIMIT], {RUN_LIMIT.name: wanted}).get(RUN_LIMIT.name)
    except ParamError as error:
        raise errors.FieldRefused(error.param, error.message) from error


def _check_notify(choice: str) -> str:
    if choice not in Notify.values:
        raise errors.FieldRefused("run_notify", f"Choose one of {', '.join(Notify.values)}.")
    return choice


def check_email(address: str, field: str = "notify_email") -> str:
    """An address that e-mails can be sent to, or none. Raises FieldRefused at the field."""
    address = address.strip()
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        raise errors.FieldRefused(field, "This is not an e-mail address.") from error
    if len(address) > ADDRESS_LIMIT:
        raise errors.FieldRefused(field, "This address is too long.")
    return address


def _check_notices(squid: Squid) -> None:
    """E-mails need somewhere to go."""
    if squid.run_notify != Notify.NEVER and not (squid.notify_email or squid.owner.email):
        raise errors.FieldRefused("notify_email", errors.NO_ADDRESS)


def check_params(squid: Squid, params: Mapping[str, Any]) -> dict[str, Any]:
    """The crawler's parameters as the crawler cleans them. Raises ParamRefused, ParamNeeded and
    UnknownParam among them."""
    try:
        return squid.crawler.code.check_settings(params)
    except MissingParam as error:
        raise errors.ParamNeeded(error.param, error.message) from error
    except UnknownParam as error:
        raise errors.UnknownParam(error.param, error.message) from error
    except ParamError as error:
        raise errors.ParamRefused(error.param, error.message) from error


def unready(squid: Squid) -> str:
    """What is missing before the squid may be launched; nothing when it is ready."""
    try:
        check_params(squid, squid.params)
    except errors.FieldRefused as refused:
        return f"{refused.field}: {refused.message}"
    except errors.CrawlerMissing as missing:
        return missing.message
    return ""


def activate(squid: Squid) -> None:
    """Allow launching again; its slots must be free."""
    with transaction.atomic():
        _reread_slots(squid)
        if squid.is_active or squid.deleted_at:
            return
        check_slots(squid.owner, squid.concurrency)
        squid.is_active = True
        squid.save(update_fields=["is_active", "updated_at"])
        replan(squid)


def deactivate(squid: Squid) -> None:
    """Block launching and free the slots; its schedule rests until it is activated again."""
    squid.is_active = False
    with transaction.atomic():
        squid.save(update_fields=["is_active", "updated_at"])
        replan(squid)


def delete(squid: Squid) -> None:
    """Hide it, free its name and slots, end its schedule; its charges stay in the ledger."""
    squid.is_active, squid.deleted_at = False, timezone.now()
    with transaction.atomic():
        squid.save(update_fields=["is_active", "deleted_at", "updated_at"])
        Schedule.objects.filter(squid=squid).delete()
        SamplePage.objects.filter(squid=squid).delete()
        Draft.objects.filter(squid=squid).delete()
