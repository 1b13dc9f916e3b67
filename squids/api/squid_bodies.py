"""What clients send about squids, and the changes that it means."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field
from pydantic import StrictBool, StrictFloat, StrictInt, field_validator

from squids import errors
from squids.access import NoSuch, accounts_of, is_id
from squids.actions.squids import RUN_LIMIT
from squids.api.schema import Body, either
from squids.models import Account, Crawler, Notify, Squid, User

MOST_ACCOUNTS = 1_000
RENAMED = {"cron_expression": "cron", "timezone": "time_zone"}
NO_DELIVERY = "This server has no such delivery yet"

Hashes = list[str] | None
Fields = dict[str, Any] | None


class NewSquid(Body):
    crawler: str = Field(description="The crawler's id, or its slug.")
    name: str | None = Field(None, description="Without one: “Crawler (N)”.")
    accounts: Hashes = Field(None, max_length=MOST_ACCOUNTS, description="Ids of accounts.")
    account: Hashes = Field(None, max_length=MOST_ACCOUNTS, description="Another name of accounts.")


def left_out(**told: Any) -> Any:
    """Of a field that may be left out though it may not be null: the document names no default."""
    return Field(default_factory=lambda: None, **told)


class SquidChanges(Body):
    """What is left out stays as it is."""

    name: str = left_out()
    is_active: StrictBool = left_out()
    concurrency: StrictInt = left_out()
    params: dict[str, Any] = left_out(
        description=f"All of the crawler's parameters, with functions and {RUN_LIMIT.name} among"
        " them: what is left out, or null, is unset. An empty object changes nothing.",
    )
    accounts: Hashes = left_out(
        max_length=MOST_ACCOUNTS, description="Ids of all accounts; none: detached."
    )
    to_complete: Annotated[StrictBool | StrictInt, either("true or false, or a number")] = (
        left_out()
    )
    export_unique_results: StrictBool = left_out()
    no_line_breaks: StrictBool = left_out()
    run_notify: Literal["on_success", "on_error"] | None = left_out()
    notify_email: str | None = left_out(description="Empty: the user's own address.")
    delay: Annotated[StrictFloat | StrictInt, either("a number")] = left_out(
        description="Seconds between two requests."
    )
    obey_robots: StrictBool = left_out()
    cron_expression: str | None = left_out(description="Null or empty: no schedule.")
    timezone: str | None = left_out(description="Of the schedule, such as Europe/Paris.")
    google_sheet_fields: Fields = None
    ftp_fields: Fields = None
    s3_fields: Fields = None
    webhook_fields: Fields = None
    slack_fields: Fields = None

    @field_validator(
        "google_sheet_fields", "ftp_fields", "s3_fields", "webhook_fields", "slack_fields"
    )
    @classmethod
    def _no_delivery(cls, fields: Fields) -> Fields:
        """None, or one that is switched off, as squids are told with, is what there is."""
        if fields and fields.get("is_active") is not False:
            raise ValueError(NO_DELIVERY)
        return fields


class EmptyIn(Body):
    type: Literal["url", "params"] = Field("url", description="Both remove every task.")


OWN = (
    "name",
    "is_active",
    "concurrency",
    "export_unique_results",
    "no_line_breaks",
    "delay",
    "obey_robots",
)
"""Fields that mean what they say."""


def changes_of(squid: Squid, body: SquidChanges) -> dict[str, Any]:
    """What ``lifecycle.configure`` takes. Raises FieldRefused, and NoSuch for an account."""
    given = body.dict(exclude_unset=True)
    changes = {name: given[name] for name in OWN if name in given}
    changes |= {known: given[name] for name, known in RENAMED.items() if name in given}
    if "to_complete" in given:
        changes["to_complete"] = bool(given["to_complete"])
    if "run_notify" in given:
        changes["run_notify"] = given["run_notify"] or Notify.NEVER
    if "notify_email" in given:
        changes["notify_email"] = given["notify_email"] or ""
    if given.get("params"):
        changes |= _params(given["params"])
    if "accounts" in given:
        changes["accounts"] = accounts_for(squid.owner, squid.crawler, given["accounts"])
    return changes


def _params(given: dict[str, Any]) -> dict[str, Any]:
    """The parameters, and what clients send among them that is kept apart here."""
    params = dict(given)
    functions = params.pop("functions", None)
    if not isinstance(functions, dict | None):
        raise errors.FieldRefused("functions", "This must be an object: {name: true or false}.")
    most = params.pop(RUN_LIMIT.name, None)
    switched = {name: on for name, on in (functions or {}).items() if on is not None}
    return {"params": params, "functions": switched, RUN_LIMIT.name: most}


def accounts_for(owner: User, crawler: Crawler, hashes: Hashes) -> list[Account]:
    """The owner's accounts of these ids. Raises NoSuch where one is not theirs or not of the type
    that the crawler works with, UnknownParam where that works with none."""
    wanted = set(hashes or ())
    if not wanted:
        return []
    known = {uid for uid in wanted if is_id(uid)}
    found = list(accounts_of(owner).filter(uid__in=known))
    if len(found) < len(wanted):
        raise NoSuch("account")
    kind = crawler.code.account_type
    if kind is None:
        raise errors.UnknownParam("accounts", "This crawler works without accounts.")
    if any(account.type != kind.slug for account in found):
        raise NoSuch("account")
    return found


def source_of(request: HttpRequest) -> str:
    """What kind of client asks, by its User-Agent."""
    agent = request.headers.get("User-Agent", "").lower()
    kinds = {"lobstrio-sdk": "sdk", "lobstrio-cli": "cli"}
    return next((kind for start, kind in kinds.items() if agent.startswith(start)), "api")
