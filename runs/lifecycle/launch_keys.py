"""An ``Idempotency-Key`` of a launch: which run it brought, for a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from runs.models import LaunchKey, Run
from squids import errors
from squids.models import Squid

KEPT = timedelta(days=1)
"""How long a key is remembered; after that it is as good as new."""
CHUNK = 500
"""Keys that one statement forgets, so that nobody waits for it long."""


def earlier_run(squid: Squid, key: str) -> Run | None:
    """The run that its owner's key was used for. The caller holds the squid's lock, which puts the
    launches of one squid in order. Raises KeyReused."""
    known = LaunchKey.objects.filter(owner=squid.owner_id, key=key)
    found = known.select_related("run__squid", "run__api_key").first()
    if found is None:
        return None
    if found.created_at < timezone.now() - KEPT:
        found.delete()
        return None
    if found.squid_id != squid.pk:
        raise errors.KeyReused
    return found.run


def remember(run: Run, key: str) -> None:
    """In the transaction of the launch: what is refused uses no key up. Of two squids launched with
    one key at the same moment, one is refused. Raises KeyReused."""
    try:
        with transaction.atomic():
            LaunchKey.objects.create(owner=run.owner, key=key, squid=run.squid, run=run)
    except IntegrityError as error:
        raise errors.KeyReused from error


def forget_launch_keys(now: datetime) -> int:
    """Some of those that have had their day; answers how many, 0 where none is left."""
    old = LaunchKey.objects.filter(created_at__lt=now - KEPT).order_by("created_at")
    found = list(old.values_list("pk", flat=True)[:CHUNK])
    return int(LaunchKey.objects.filter(pk__in=found).delete()[0]) if found else 0
