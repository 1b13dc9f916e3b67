"""What a run gave: rows and console lines."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.runs import Run
from runs.models.work import Request, RunTask
from runs.states import Level


class Result(models.Model):
    """A row. ``number`` counts all rows of the run from 1, ``unique_number`` the unique ones; a
    duplicate has none. Both are dense, so a page of 50 is a range, at a million rows too."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rows", db_index=False)
    run_task = models.ForeignKey(
        RunTask, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    request = models.ForeignKey(
        Request, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    unique_number = models.PositiveIntegerField(null=True)
    digest = models.CharField(max_length=32)
    data = models.TextField(help_text="The row as JSON.")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="result_number"),
            models.UniqueConstraint(
                fields=["run", "digest"],
                condition=Q(unique_number__isnull=False),
                name="result_unique_once_per_run",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run", "unique_number"],
                condition=Q(unique_number__isnull=False),
                name="result_unique_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}#{self.number}"

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(self.data)
        return row


class Line(models.Model):
    """A console line. ``number`` counts from 1 without a gap, given under the run's row lock."""

    TEXT_LIMIT = 2_000

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=7, choices=Level, default=Level.INFO)
    task_position = models.PositiveIntegerField(null=True)
    url = models.TextField(blank=True)
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="line_number"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run", "level", "number"],
                condition=~Q(level=Level.INFO),
                name="line_notable",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def moment(self) -> str:
        """When, to the second, in UTC; a template's date filter takes ten times as long."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def clock(self) -> str:
        """Its time of day, in the present zone."""
        return f"{timezone.localtime(self.at):%H:%M:%S}"
