"""A task file on its way in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from squids.models.ids import new_uid
from squids.models.squids import Squid


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
