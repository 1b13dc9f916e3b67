"""Whose times a region or a console line tells: they are rendered once for all who look, and what
one looks at is one's own."""

from __future__ import annotations

from django.utils import timezone

from squids.models import User
from squids.zones import named


def owners_zone(**owned: int) -> timezone.override:
    """Makes the zone of the user who owns it the present one: ``owners_zone(runs=run.pk)``."""
    found = User.objects.filter(**owned).values_list("time_zone", flat=True)
    return timezone.override(named(found.first() or ""))
