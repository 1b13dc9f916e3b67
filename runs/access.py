"""Who may see what of this app: a run belongs to its squid's owner, and to nobody else."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from runs.models import Run, RunQuerySet
from squids.models import User


def runs_of(user: User | AnonymousUser) -> RunQuerySet:
    runs: RunQuerySet = Run.objects.filter(owner_id=user.pk or 0, squid__deleted_at=None)
    return runs


def run_of(user: User | AnonymousUser, uid: str) -> Run:
    """Raises Http404 for a run that is not there or not theirs."""
    run = runs_of(user).filter(uid=uid).select_related("squid", "crawler", "owner").first()
    if run is None:
        raise Http404("No such run")
    return run
