"""What the recipe builder keeps: pages to try a recipe on, recipes in the making, and presets."""

from __future__ import annotations

import json
import zlib
from typing import Any, ClassVar

from django.db import models
from django.db.models import UniqueConstraint
from django.utils import timezone

from squids.crawlers.interface import Request, Response
from squids.models.crawlers import Crawler
from squids.models.ids import new_uid
from squids.models.squids import Squid
from squids.models.users import User


class OrderedJSON(models.JSONField):
    """JSON as it was written: objects keep the order of their keys, which is that of the columns;
    PostgreSQL's usual kind sorts them, and refuses a NUL."""

    def db_type(self, connection: Any) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)


class Part(models.TextChoices):
    """Which kind of page of a site a sample is."""

    LISTING = "listing"
    DETAIL = "detail"


class SamplePage(models.Model):
    """A page as it was fetched, to try a squid's recipe on. ``asked`` is the address as a person
    wrote it, ``url`` the final one; ``request`` is a crawler's request as JSON."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="samples")
    squid = models.ForeignKey(Squid, on_delete=models.CASCADE, related_name="samples")
    part = models.CharField(max_length=10, choices=Part, default=Part.LISTING)
    asked = models.TextField()
    request = OrderedJSON()
    url = models.TextField()
    status = models.PositiveIntegerField()
    headers = OrderedJSON(default=dict)
    encoding = models.CharField(max_length=60)
    body = models.BinaryField(editable=False, help_text="Compressed.")
    size = models.PositiveIntegerField(help_text="Of the body, in bytes, before it is compressed.")
    styles = models.BinaryField(
        editable=False, help_text="A JSON object, compressed: texts of its style sheets by address."
    )
    fetched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["squid", "part"], name="one_sample_a_part")
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "fetched_at"]),
            models.Index(fields=["fetched_at"]),
        ]

    def __str__(self) -> str:
        return self.asked

    @property
    def crawler_request(self) -> Request:
        return Request.from_dict(self.request)

    @property
    def response(self) -> Response:
        """The page as the crawler gets it."""
        body = zlib.decompress(bytes(self.body))
        return Response(self.url, self.status, self.headers, body, self.encoding)

    @property
    def sheets(self) -> dict[str, str]:
        """Texts of the page's style sheets by their addresses."""
        texts: dict[str, str] = json.loads(zlib.decompress(bytes(self.styles)))
        return texts

    @property
    def is_moved(self) -> bool:
        """Whether redirects led elsewhere."""
        return self.url != str(self.request.get("url", ""))


class Draft(models.Model):
    """A recipe that is being built and not saved yet; ``before`` is what Undo brings back."""

    squid = models.OneToOneField(Squid, on_delete=models.CASCADE, related_name="draft")
    recipe = OrderedJSON(default=dict)
    before = OrderedJSON(null=True)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Draft of {self.squid}"


class Preset(models.Model):
    """A recipe that its owner keeps by a name, for any squid of the crawler."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="presets")
    crawler = models.ForeignKey(Crawler, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=100)
    recipe = OrderedJSON()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(fields=["owner", "crawler", "name"], name="preset_names")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def field_names(self) -> list[str]:
        """Its columns, as far as the recipe names them."""
        detail: Any = self.recipe.get("detail") or {}
        return [*(self.recipe.get("fields") or {}), *(detail.get("fields") or {})]

    @property
    def has_headers(self) -> bool:
        """Whether it holds request headers, in which there may be a key."""
        return bool(self.recipe.get("headers"))
