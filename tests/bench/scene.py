"""Rows that a measurement begins with. Imported after Django is set up."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from runs.models import HostRule
from squids import actions
from squids.models import Crawler, Plan, Squid, User
from tests.bench import shop

CREDIT = 1000
ENDLESS = 1_000_000
"""More listing pages than any measurement reads."""


def owner() -> User:
    """A user who lacks nothing, in a database that is made where there is none."""
    call_command("migrate", interactive=False, verbosity=0)
    actions.sync_crawlers()
    plan, _ = Plan.objects.get_or_create(
        name="Bench", defaults={"credits": 1_000_000_000 * CREDIT, "slots": 1000}
    )
    return User.objects.get_or_create(username="bench", defaults={"plan": plan})[0]


def allow(address: str, in_flight: int = shop.IN_FLIGHT) -> None:
    """So many requests to a host at once, as an operator may."""
    HostRule.objects.update_or_create(host=address, defaults={"in_flight": in_flight, "delay": 0})


def squid(of: User, urls: list[str], concurrency: int = 1, **more: Any) -> Squid:
    made = actions.create_squid(of, Crawler.objects.get(slug="web-scraper"))
    changes = {"concurrency": concurrency, "params": {"recipe": shop.RECIPE, "max_pages": ENDLESS}}
    actions.update_squid(made, changes | more)
    actions.add_tasks(made, [{"url": url} for url in urls])
    made.refresh_from_db()
    return made


def demo_address() -> str:
    """Where the demo shop of the whole site stands."""
    return f"127.0.0.1:{os.environ['LOBSTR_DEMO_PORT']}"


def cookies(of: User) -> dict[str, str]:
    """Those of a browser where this user is signed in, ready to send forms."""
    client = Client()
    client.force_login(of)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: "c" * 32}
