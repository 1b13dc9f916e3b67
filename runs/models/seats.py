"""What an account has done lately, and which run it serves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from runs.models.runs import Run
from squids.models import Account


class AccountUse(models.Model):
    """An account's counters. ``counts`` is how many pages of each daily limit were read until
    ``day_ends_at``; ``batch`` how many of the present batch. After a rest, at ``batch_ends_at``
    where nothing is read before, the next batch begins.
    ``run`` holds the account: it serves one at a time.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="use")
    run = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="account_uses"
    )
    day_ends_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    batch = models.PositiveIntegerField(default=0)
    batch_ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run"])]

    def __str__(self) -> str:
        return str(self.account)
