"""When a squid is launched by itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from squids.models.squids import Squid


class Repeat(models.TextChoices):
    MINUTES = "minutes", "Every so many minutes"
    HOURS = "hours", "Every so many hours"
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"
    CRON = "cron", "Cron expression"


class Schedule(models.Model):
    """One for a squid. Which of the fields count depends on ``repeat``: ``every`` for minutes and
    hours, ``at`` for the others but cron, ``weekdays`` (0 is Monday), ``day`` of the month.

    ``next_at`` is the next firing; none while it is off or cannot be worked out (``problem``).
    """

    squid = models.OneToOneField(Squid, on_delete=models.CASCADE, related_name="schedule")
    repeat = models.CharField(max_length=7, choices=Repeat)
    every = models.PositiveSmallIntegerField(null=True, blank=True)
    at = models.TimeField(null=True, blank=True)
    weekdays = models.JSONField(default=list, blank=True)
    day = models.PositiveSmallIntegerField(null=True, blank=True)
    cron = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField(default=timezone.now, editable=False)
    is_active = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True, editable=False)
    problem = models.TextField(blank=True, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(is_active=True), name="schedule_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_repeat_display()} ({self.time_zone})"
