"""What became of each due time of a schedule."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from runs.models.runs import Run
from squids.models import Squid


class FiringOutcome(models.TextChoices):
    FIRED = "fired", "Fired"
    SKIPPED = "skipped", "Skipped"
    MISSED = "missed", "Missed"


class Firing(models.Model):
    """One for a squid and due time, however many dispatchers look; ``note`` says why not."""

    squid = models.ForeignKey(Squid, on_delete=models.CASCADE, related_name="firings")
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=FiringOutcome)
    note = models.TextField(blank=True)
    run = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="firings"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["squid", "due_at"], name="firing_once_per_due_time"),
        ]

    def __str__(self) -> str:
        return f"{self.squid} {self.due_at:%Y-%m-%d %H:%M} {self.outcome}"

    @property
    def look(self) -> str:
        """Which of the looks of a status it takes."""
        return LOOKS[self.outcome]


LOOKS: dict[str, str] = {
    FiringOutcome.FIRED: "done",
    FiringOutcome.SKIPPED: "paused",
    FiringOutcome.MISSED: "aborted",
}
