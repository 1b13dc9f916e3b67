"""A crawler that works with accounts, on the pages of the demo shop that need a cookie."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from squids.crawlers.interface import (
    AccountType,
    Column,
    CookiesExpired,
    Crawler,
    DailyLimit,
    Outcome,
    Param,
    Params,
    Request,
    Response,
    WrongCredentials,
)


class Members(Crawler):
    """The shop as a member sees it; 403 is how it shows that a cookie is no good."""

    slug = "test-members"
    name = "Test members"
    task_params = (Param("url", "url", required=True),)
    squid_params = (
        Param("optional", "boolean", default=False),
        Param("blocked", "boolean", default=False),
    )
    columns = (Column("sku"),)
    unique_by = ("sku",)
    account_type = AccountType(
        slug="test-members",
        name="Test member",
        limits=(
            DailyLimit("pages", "Pages a day", 1_000),
            DailyLimit("lists", "Further pages a day", 1_000, ("more",)),
        ),
        batch=1_000,
        batch_hours=2,
    )

    def needs_account(self, params: Params) -> bool:
        return not params["optional"]

    def start(self, task: Params, settings: Any) -> list[Request]:
        return [Request(task["url"], accept=(403,))]

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        if response.status == 403:
            raise (WrongCredentials if settings["blocked"] else CookiesExpired)("Please sign in.")
        tree = LexborHTMLParser(response.body)
        rows = [{"sku": node.attributes["data-sku"]} for node in tree.css("article.product")]
        onward = tree.css_first("a[rel=next]")
        href = onward.attributes.get("href") if onward else None
        if not href:
            return Outcome(rows)
        return Outcome(rows, [Request(urljoin(response.url, href), label="more", accept=(403,))])


class Club(Members):
    """Accounts of one site, which they are no good at without a certain cookie; no batches."""

    slug = "test-club"
    name = "Test club"
    account_type = AccountType(
        slug="test-club",
        name="Club member",
        domain="club.example",
        cookies=("sid", "member"),
        limits=(DailyLimit("profiles", "Profiles a day", 150, ("profile",)),),
    )
