"""E-mails about runs, written with the move they tell of and sent afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.runs import Run


class NoticeState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class Notice(models.Model):
    """One e-mail; ``status`` and ``reason`` are the run's at the move it tells of."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="notices")
    to = models.EmailField()
    status = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=7, choices=NoticeState, default=NoticeState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state=NoticeState.WAITING),
                name="notice_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} to {self.to}"
