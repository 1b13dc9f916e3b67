"""What a run has to do and who does it: tasks, the checkpoint, leases, exceptions for hosts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from runs import states
from runs.models.runs import Run
from runs.states import RequestState, TaskReason, TaskStatus
from squids.models import Task


class RunTask(models.Model):
    """A task as one run works on it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="run_tasks")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="run_tasks")
    position = models.PositiveIntegerField()
    share = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.PENDING)
    reason = models.CharField(max_length=20, choices=TaskReason, blank=True)
    message = models.TextField(blank=True)
    pages = models.PositiveIntegerField(default=0)
    results = models.PositiveIntegerField(default=0)
    unique_results = models.PositiveIntegerField(default=0)
    expected_results = models.PositiveIntegerField(null=True, blank=True)
    first_row = models.PositiveIntegerField(
        null=True, blank=True, help_text="The number in the run of its first result, and of"
    )
    last_row = models.PositiveIntegerField(
        null=True, blank=True, help_text="its last one: its results lie between the two."
    )
    suspect = models.BooleanField(
        default=False, help_text="In flight when its worker died; goes on alone for a page."
    )
    kills = models.PositiveSmallIntegerField(default=0, help_text="Workers it ended while alone.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_page_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "position"], name="run_task_position"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "status", "position"]),
            models.Index(fields=["run"], condition=Q(suspect=True), name="run_task_suspect"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"

    @property
    def is_ended(self) -> bool:
        return self.status in states.TASK_ENDED

    @property
    def reason_text(self) -> str:
        return self.message or (TaskReason(self.reason).label if self.reason else "")


class Request(models.Model):
    """The checkpoint: one row per request of a task, todo or ended."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="requests", db_index=False)
    run_task = models.ForeignKey(
        RunTask, on_delete=models.CASCADE, related_name="requests", db_index=False
    )
    fingerprint = models.CharField(max_length=32)
    data = models.TextField(help_text="The crawler's request as JSON.")
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.TODO)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    revived = models.BooleanField(
        default=False, db_default=False, help_text="Gave up before the run paused for a trouble."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run_task", "fingerprint"], name="request_once_per_task"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run_task", "id"], condition=Q(state=RequestState.TODO), name="request_todo"
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        return str(json.loads(self.data)["url"])


class Lease(models.Model):
    """Who works on a share of a run. The token is the fence: a commit under another writes nothing.

    A run has its lease row from launch to its end; ``token`` is empty while nobody holds it.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="leases")
    share = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    holder_host = models.CharField(max_length=100, blank=True)
    holder_boot = models.CharField(max_length=40, blank=True)
    holder_pid = models.PositiveIntegerField(null=True)
    holder_started = models.CharField(max_length=40, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    alone = models.ForeignKey(RunTask, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "share"], name="lease_once_per_share"),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.share}"

    @property
    def is_free(self) -> bool:
        return not self.token

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at < now


class PendingPage(models.Model):
    """What the credits did not reach of a page that was read: the rows that are not paid, the
    follow-ups, and how often its functions found something. It is charged first when the run goes
    on, and nobody sees or exports it before. ``part`` is which charge of the page comes next."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pending_pages")
    run_task = models.ForeignKey(RunTask, on_delete=models.CASCADE, related_name="pending_pages")
    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="pending_page")
    part = models.PositiveSmallIntegerField(default=1)
    data = models.TextField(help_text="JSON: rows, follow, functions, expected, stop, found_end.")

    def __str__(self) -> str:
        return f"{self.run_id}: {self.request_id}"

    @property
    def rows_waiting(self) -> int:
        return len(json.loads(self.data)["rows"])


class HostRule(models.Model):
    """An operator's exception to the politeness towards one host."""

    host = models.CharField(max_length=255, unique=True, help_text="host:port, or a host name.")
    in_flight = models.PositiveSmallIntegerField(
        default=8, validators=[MinValueValidator(1)], help_text="Requests at once."
    )
    delay = models.FloatField(
        null=True,
        blank=True,
        default=None,
        validators=[MinValueValidator(0)],
        help_text="Seconds between two requests. Empty: what its robots.txt says.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(in_flight__gte=1), name="host_rule_lets_one_in"),
        ]

    def __str__(self) -> str:
        return self.host
