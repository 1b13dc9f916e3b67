"""The operator's rows of crawlers."""

from __future__ import annotations

from squids.crawlers import registry
from squids.models import Crawler


def sync_crawlers() -> None:
    """A row for every crawler in the registry, with its present name and version."""
    for code in registry.all().values():
        Crawler.objects.update_or_create(
            slug=code.slug,
            defaults={
                "uid": code.id,
                "name": code.name,
                "version": code.version,
                "description": code.description,
            },
        )


def report_problem(crawler: Crawler, text: str) -> None:
    """Say what is wrong with a crawler; it cannot be launched until that is cleared."""
    crawler.problem = text
    crawler.save(update_fields=["problem"])


def clear_problem(crawler: Crawler) -> None:
    report_problem(crawler, "")
