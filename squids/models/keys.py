"""Keys by which scripts speak to the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from squids.models.ids import new_uid
from squids.models.users import User


class ApiKeyQuerySet(QuerySet["ApiKey"]):
    def good(self) -> ApiKeyQuerySet:
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """A user's key. Its text is shown once and never stored: ``digest`` is its SHA-256, ``start``
    its first characters, by which people tell keys apart. A revoked key stays, since runs name it.
    """

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=12, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_by = models.CharField(
        max_length=120, blank=True, editable=False, help_text="The client's User-Agent."
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def signature(self) -> str:
        """Who acts by this key, as consoles and histories name them."""
        return f"{self.owner.get_username()} · {self.label}"

    @property
    def label(self) -> str:
        return f"API key “{self.name}”"
