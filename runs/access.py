"""Who may see what of this app: a run belongs to its squid's owner, and to nobody else."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from runs.models import Run, RunQuerySet
from squids.access import NoSuch, is_id
from squids.models import User


def runs_of(user: User | AnonymousUser) -> RunQuerySet:
    runs: RunQuerySet = Run.objects.filter(owner_id=user.pk or 0, squid__deleted_at=None)
    return runs


def run_of(user: User | AnonymousUser, uid: str) -> Run:
    """Raises NoSuch for a run that is not there or not theirs."""
    runs = runs_of(user).filter(uid=uid).select_related("squid", "crawler", "owner", "api_key")
    run = runs.first() if is_id(uid) else None
    if run is None:
        raise NoSuch("run")
    return run
