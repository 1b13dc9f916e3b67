"""What is configured: users and plans, crawlers, squids, their tasks and uploads.

Money is integers, thousandths of a credit. Public ids (``uid``) are 32 lower-case hex digits.
"""

from __future__ import annotations

import uuid
from datetime import tzinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from squids import errors, zones
from squids.crawlers import registry
from squids.crawlers.interface import Crawler as CrawlerCode

TASK_LIMIT = 10_000


def new_uid() -> str:
    return uuid.uuid4().hex


class Plan(models.Model):
    """What a user may spend and reserve. Operators edit plans in the admin."""

    name = models.CharField(max_length=80, unique=True)
    credits = models.BigIntegerField(help_text="Allowance of a period, in thousandths of a credit.")
    slots = models.PositiveIntegerField(default=10)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(credits__gte=0), name="plan_credits_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        default="",
        validators=[zones.check],
        help_text="Such as Europe/Paris. Empty until their browser tells it; UTC until then.",
    )

    @property
    def zone(self) -> tzinfo:
        return zones.named(self.time_zone)

    @property
    def slots(self) -> int:
        return self.plan.slots if self.plan else 0

    @property
    def used_slots(self) -> int:
        total = self.squids.visible().filter(is_active=True).aggregate(n=models.Sum("concurrency"))
        return total["n"] or 0


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
    def has_problem(self) -> bool:
        return bool(self.problem)


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
    export_unique_results = models.BooleanField(default=True)
    no_line_breaks = models.BooleanField(default=False)
    delay = models.FloatField(default=0.0, help_text="Seconds between two requests to one host.")
    obey_robots = models.BooleanField(default=True)
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
        indexes: ClassVar = [models.Index(fields=["squid", "position"])]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people see of it: its first value."""
        return str(next(iter(self.params.values()), ""))


class UploadState(models.TextChoices):
    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


UPLOAD_OPEN = (UploadState.PENDING, UploadState.PROGRESS)


class UploadQuerySet(QuerySet["Upload"]):
    def unfinished(self) -> UploadQuerySet:
        return self.filter(state__in=UPLOAD_OPEN)


class Upload(models.Model):
    """A task file on its way in: the bytes until they are read, then the counts."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    squid = models.ForeignKey(Squid, on_delete=models.CASCADE, related_name="uploads")
    filename = models.CharField(max_length=300)
    content = models.BinaryField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.PENDING)
    total = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    valid = models.PositiveIntegerField(default=0)
    inserted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    invalid = models.PositiveIntegerField(default=0)
    errors = models.JSONField(
        default=list, blank=True, help_text="[line or null, what is wrong] each."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="The last queueing or chunk read."
    )

    objects: ClassVar[Any] = UploadQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["touched_at"], condition=Q(state__in=UPLOAD_OPEN), name="upload_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_unfinished(self) -> bool:
        return self.state in UPLOAD_OPEN

    @property
    def is_failed(self) -> bool:
        return self.state == UploadState.FAILURE
