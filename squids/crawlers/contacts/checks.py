"""What the functions add: whether a domain takes mail, and what is known of a phone number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from squids.crawlers.contacts import emails, phones
from squids.crawlers.contacts.contact import PHONE
from squids.crawlers.interface import BadPage, Outcome, Request, Response, Row, Usage

VERIFIED, DETAILS = "verified_emails", "phone_details"
MX = "mx"
HOSTS = ("A", "AAAA")
TAKES, REFUSES, NO_DOMAIN, UNKNOWN = "accepts_mail", "no_mail", "no_such_domain", "unknown"
NO_NAME, UNANSWERED = 404, 503
UNTOLD: Row = {
    "email_check": None,
    "mail_server": None,
    "phone_valid": None,
    "phone_country": None,
    "phone_type": None,
    "phone_format": None,
}


def question(row: Row) -> Request:
    """The first look-up for an e-mail's row, which travels with it."""
    return _question(row, "MX", str(emails.domain_of(row["value"])))


def _question(row: Mapping[str, Any], kind: str, domain: str) -> Request:
    return Request(
        f"dns:{domain}?type={kind}",
        kind="dns",
        label=MX,
        meta={"row": dict(row), "type": kind, "domain": domain},
        accept=(NO_NAME, UNANSWERED),
        variant=row["value"],
    )


def answer(response: Response, request: Request) -> Outcome:
    """The row with what the look-up told; a domain without MX records takes mail at its own
    address, where it has one."""
    meta = request.meta
    if response.status == 200:
        records = _records(response)
        if meta["type"] == "MX":
            return _by_servers(records, request)
        if records:
            return _told(meta["row"], TAKES, meta["domain"])
        if meta["type"] == HOSTS[0]:
            return Outcome(follow=[_question(meta["row"], HOSTS[1], meta["domain"])])
        return _told(meta["row"], REFUSES)
    return _told(meta["row"], NO_DOMAIN if response.status == NO_NAME else UNKNOWN)


def _by_servers(records: list[str], request: Request) -> Outcome:
    meta = request.meta
    if not records:
        return Outcome(follow=[_question(meta["row"], HOSTS[0], meta["domain"])])
    servers = sorted(filter(None, map(_server, records)))
    return _told(meta["row"], TAKES, servers[0][1]) if servers else _told(meta["row"], REFUSES)


def _server(record: str) -> tuple[int, str] | None:
    """Preference and host; a host that is the root says that no mail is taken."""
    preference, _, host = record.partition(" ")
    host = host.strip().rstrip(".").lower()
    return (int(preference), host) if preference.isdecimal() and host else None


def _records(response: Response) -> list[str]:
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise BadPage("The answer to a look-up is no list.", response.url) from error
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _told(row: Mapping[str, Any], result: str, server: str | None = None) -> Outcome:
    outcome = Outcome([{**row, "email_check": result, "mail_server": server}])
    outcome.functions[VERIFIED] = Usage.found(1, [0] if result == TAKES else [])
    return outcome


def add_details(rows: list[Row]) -> Usage:
    """Fill in what the phones' rows lack."""
    places = [place for place, row in enumerate(rows) if row["kind"] == PHONE]
    return Usage.found(len(places), [place for place in places if _describe(rows[place])])


def _describe(row: Row) -> bool:
    """Whether it is a valid number."""
    found = phones.details(row["value"])
    row["phone_valid"] = found.valid if found else None
    if found is None or not found.valid:
        return False
    row["phone_country"], row["phone_type"] = found.country, found.type
    row["phone_format"] = found.formatted
    return True
