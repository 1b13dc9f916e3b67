"""E-mails, phone numbers and social profiles of a site."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from squids.crawlers.contacts import checks, page
from squids.crawlers.contacts.contact import EMAIL
from squids.crawlers.contacts.countries import is_known
from squids.crawlers.contacts.sites import site_of
from squids.crawlers.contacts.walk import Walk
from squids.crawlers.interface import (
    FAILURE,
    BadPage,
    Column,
    Crawler,
    Function,
    Outcome,
    Param,
    ParamError,
    Params,
    Request,
    Response,
)
from squids.crawlers.link_checker.links import normal
from squids.crawlers.params import MAX_RESULTS

PAGE = "page"
MISSING = tuple(status for status in range(400, 500) if status not in (408, 429))
PATIENT = 2
"""Pages in a row that may stay away; of the next one the run is to know."""
OUTAGES = {"timeout", "connect_failed", "dns_failed", "connection_lost", "http_status"}


@dataclass(frozen=True, slots=True)
class Settings:
    max_pages: int
    depth: int
    region: str | None
    verified: bool
    details: bool


class ContactFinder(Crawler):
    """A task is a site, from the page it starts at."""

    slug = "contact-finder"
    name = "Contact finder"
    description = "E-mails, phone numbers and social profiles of a site."
    icon = "contact"
    task_params = (
        Param(
            "url",
            "url",
            label="Site",
            help="The page to start from. Pages of the same site are read, subdomains too.",
            required=True,
            example="https://example.com/",
        ),
    )
    squid_params = (
        Param(
            "max_pages",
            "integer",
            label="Pages per site",
            help="How many pages to read at most. Contact, imprint, about and team pages come"
            " first.",
            default=20,
            minimum=1,
            maximum=100,
        ),
        Param(
            "depth",
            "integer",
            label="Depth",
            help="How many links away from the first page to look. 0: on that page only.",
            default=3,
            minimum=0,
        ),
        Param(
            "region",
            "string",
            label="Country of phone numbers",
            help="Two letters, for numbers written without their country’s code. Empty: by the"
            " end of the site’s name, else by the page’s language.",
            pattern="[A-Za-z]{2}",
            example="DE",
        ),
        MAX_RESULTS,
    )
    functions = (
        Function(
            checks.VERIFIED,
            "Verified e-mails",
            500,
            help="Looks up whether an e-mail’s domain takes mail, and by which server. Costs"
            " where it does.",
        ),
        Function(
            checks.DETAILS,
            "Phone details",
            200,
            help="Adds a number’s country, type and international form. Costs where the number"
            " is valid.",
        ),
    )
    columns = (
        Column("site", example="example.com", description="The site it is a contact of"),
        Column("kind", example="email", description="email, phone or profile"),
        Column(
            "value",
            example="sales@example.com",
            description="E-mail in lower case, phone as E.164, profile’s address",
        ),
        Column("network", description="Of a profile: LinkedIn, X, Facebook…"),
        Column("label", example="Sales", description="What stands beside it"),
        Column("written", example="Sales@Example.com", description="As the page has it"),
        Column("found_in", example="link", description="link, text or data (told to machines)"),
        Column(
            "source",
            example="https://example.com/contact",
            description="The first page that has it",
        ),
        Column(
            "email_check",
            example="accepts_mail",
            description="accepts_mail, no_mail, no_such_domain, unknown (verified e-mails)",
        ),
        Column(
            "mail_server",
            example="mx.example.com",
            description="Which takes its mail (verified e-mails)",
        ),
        Column(
            "phone_valid", "boolean", description="Whether such a number can be (phone details)"
        ),
        Column("phone_country", description="Two letters, such as DE (phone details)"),
        Column("phone_type", description="fixed_line, mobile, toll_free… (phone details)"),
        Column("phone_format", description="Such as +49 30 901820 (phone details)"),
    )
    unique_by = ("site", "kind", "value")
    max_concurrency = 64

    def check_settings(self, params: Params) -> dict[str, Any]:
        checked = super().check_settings(params)
        if region := checked.get("region"):
            checked["region"] = region.upper()
            if not is_known(checked["region"]):
                raise ParamError("region", f"“{region}” is no country, such as DE or US.")
        return checked

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        return Settings(
            max_pages=params.get("max_pages", 20),
            depth=params.get("depth", 3),
            region=params.get("region"),
            verified=checks.VERIFIED in functions,
            details=checks.DETAILS in functions,
        )

    def start(self, task: Params, settings: Settings) -> list[Request]:
        walk = Walk(left=settings.max_pages - 1)
        return [Request(normal(task["url"]), label=PAGE, meta=walk.to_meta())]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        if request.label == checks.MX:
            return checks.answer(response, request)
        walk = Walk.from_meta(request.meta).having_read(request.url, response.url)
        if response.failure or response.status in MISSING:
            return _without(response, walk)
        walk = replace(walk, missed=0)
        if walk.site and site_of(response.url) != walk.site:
            return _onward(Outcome(), walk)
        return _read(response, walk, settings)


def _without(response: Response, walk: Walk) -> Outcome:
    """A page that cannot be had: the walk goes on."""
    missed = (
        walk.missed + 1 if response.failure in OUTAGES and response.status not in MISSING else 0
    )
    why = response.text if response.failure else f"HTTP status {response.status}"
    outcome = Outcome(notes=[("warning", f"Left out: {why}")])
    return _onward(outcome, replace(walk, missed=missed))


def _read(response: Response, walk: Walk, settings: Settings) -> Outcome:
    first = not walk.site
    walk = replace(walk, site=walk.site or site_of(response.url))
    try:
        found = page.read(response, settings.region)
    except BadPage as error:
        if first:
            raise
        return _onward(Outcome(notes=[("warning", f"Left out: {error.message}")]), walk)
    outcome = Outcome(notes=[("warning", note) for note in found.notes])
    walk = _contacts(outcome, found, walk, response.url, settings)
    return _onward(outcome, walk.adding(found.links, settings.depth))


def _contacts(
    outcome: Outcome, found: page.Found, walk: Walk, source: str, settings: Settings
) -> Walk:
    """Rows for contacts that the walk has not seen; e-mails that are to be verified wait for it."""
    by_key = {f"{one.kind} {one.value}": one for one in found.contacts}
    walk, new = walk.having_seen(by_key)
    rows = [by_key[key].row(walk.site, source) for key in by_key if key in new]
    for row in rows:
        if settings.verified and row["kind"] == EMAIL:
            outcome.follow.append(checks.question(row | checks.UNTOLD))
        else:
            outcome.rows.append(row | checks.UNTOLD)
    if settings.details:
        outcome.functions[checks.DETAILS] = checks.add_details(outcome.rows)
    return walk


def _onward(outcome: Outcome, walk: Walk) -> Outcome:
    """With the next page of the walk, which may be missing like any of a site."""
    if step := walk.next():
        url, onward = step
        accept = MISSING if walk.missed >= PATIENT else (FAILURE, *MISSING)
        outcome.follow.append(Request(url, label=PAGE, meta=onward.to_meta(), accept=accept))
    return outcome
