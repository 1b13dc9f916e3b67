"""Operators' records of crawlers."""

from __future__ import annotations

from typing import get_args

from django.db import models

from squids import errors
from squids.crawlers import registry
from squids.crawlers.interface import Crawler as CrawlerCode
from squids.crawlers.interface import Icon


class Crawler(models.Model):
    """The operator's record of a crawler; its code is in the registry under the same slug."""

    uid = models.CharField(max_length=32, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    description = models.TextField(blank=True)
    is_available = models.BooleanField(default=True)
    problem = models.TextField(
        blank=True, help_text="What is wrong with it at present, if anything."
    )

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> CrawlerCode:
        """Raises ``errors.CrawlerMissing`` while its package is not installed."""
        try:
            return registry.get(self.slug)
        except registry.UnknownCrawler as unknown:
            raise errors.CrawlerMissing(self.slug) from unknown

    @property
    def icon(self) -> Icon:
        """That of a plug-in where its own is none of ours, or its package is not installed."""
        code = registry.all().get(self.slug)
        return code.icon if code and code.icon in get_args(Icon) else CrawlerCode.icon

    @property
    def problem_sentence(self) -> str:
        """The operator's text, so closed that another sentence can follow."""
        text: str = self.problem.rstrip()
        return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."

    @property
    def is_in_service(self) -> bool:
        return self.is_available and not self.problem

    @property
    def has_problem(self) -> bool:
        return bool(self.problem)
