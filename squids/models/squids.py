"""Squids and their tasks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from squids.models.crawlers import Crawler
from squids.models.ids import new_uid
from squids.models.users import User

TASK_LIMIT = 10_000


class Notify(models.TextChoices):
    """When a run's end is worth an e-mail."""

    NEVER = "never", "Never"
    ON_SUCCESS = "on_success", "When a run succeeds"
    ON_ERROR = "on_error", "When a run fails or needs you"


class SquidQuerySet(QuerySet["Squid"]):
    def visible(self) -> SquidQuerySet:
        return self.filter(deleted_at=None)


class Squid(models.Model):
    """A saved configuration of a crawler. Runs freeze a copy, so edits apply to the next one."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="squids")
    crawler = models.ForeignKey(Crawler, on_delete=models.PROTECT, related_name="squids")
    name = models.CharField(max_length=300)
    is_active = models.BooleanField(default=True)
    concurrency = models.PositiveIntegerField(default=1)
    params = models.JSONField(default=dict, blank=True)
    functions = models.JSONField(default=dict, blank=True)
    to_complete = models.BooleanField(default=False)
    max_unique_results_per_run = models.PositiveIntegerField(null=True, blank=True)
    export_unique_results = models.BooleanField(default=True)
    no_line_breaks = models.BooleanField(default=False)
    delay = models.FloatField(default=0.0, help_text="Seconds between two requests to one host.")
    obey_robots = models.BooleanField(default=True)
    run_notify = models.CharField(max_length=10, choices=Notify, default=Notify.NEVER)
    notify_email = models.EmailField(blank=True, help_text="Empty: the owner's address.")
    accounts = models.ManyToManyField("squids.Account", related_name="squids", blank=True)
    created_from = models.CharField(max_length=20, default="web")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = SquidQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(deleted_at=None),
                name="squid_name_once_per_owner",
            ),
            models.CheckConstraint(
                condition=Q(concurrency__gte=1), name="squid_concurrency_positive"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return self.name


class TaskQuerySet(QuerySet["Task"]):
    def visible(self) -> TaskQuerySet:
        return self.filter(deleted_at=None)

    def active(self) -> TaskQuerySet:
        return self.visible().filter(is_active=True)


class Task(models.Model):
    """One input row. Never changes after it was added; deleting hides it, as runs refer to it."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    squid = models.ForeignKey(Squid, on_delete=models.CASCADE, related_name="tasks")
    position = models.PositiveIntegerField()
    params = models.JSONField()
    digest = models.CharField(max_length=32, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["squid", "digest"], condition=Q(deleted_at=None), name="task_once_per_squid"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["squid", "position"]),
            models.Index(
                fields=["squid", "position"], condition=Q(deleted_at=None), name="task_listed"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people see of it: its first value."""
        return str(next(iter(self.params.values()), ""))
