"""The fetcher with the operator's settings: for a slice, and for a page that somebody tries."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from runs import models
from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.lookups import server
from runs.engine.politeness import HostRule, Politeness


def fetcher(rules: Mapping[str, HostRule]) -> Fetcher:
    """One per process at a time, for its event loop. ``rules`` are those of `host_rules`."""
    polite = Politeness(settings.HOSTS_DIR, rules)
    return Fetcher(polite, dns_servers=[server(text) for text in settings.DNS])


def host_rules() -> dict[str, HostRule]:
    """The operator's exceptions, from the database."""
    rules = models.HostRule.objects.all()
    return {rule.host: HostRule(rule.in_flight, rule.delay) for rule in rules}


def fetch_settings(*, obey_robots: bool, delay: float) -> FetchSettings:
    """The operator's settings with the squid's own two."""
    return FetchSettings(
        user_agent=settings.USER_AGENT,
        timeout=settings.FETCH_TIMEOUT,
        max_body=settings.MAX_BODY,
        allow_private=settings.ALLOW_PRIVATE,
        proxy=settings.PROXY,
        obey_robots=obey_robots,
        delay=delay,
    )
