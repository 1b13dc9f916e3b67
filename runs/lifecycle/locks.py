"""Locks, always in one order: squid, lease, run, account, balance. And the ring for a worker."""

from __future__ import annotations

from django_q.tasks import async_task

from runs.models import Lease, Run
from squids.models import Squid


def lock_squid(pk: int) -> Squid:
    """The squid as it is now, its row locked before any of its runs': so a launch cannot cross a
    delete, and nobody waits for another in a ring."""
    squids = Squid.objects.select_for_update(no_key=True, of=("self",))
    squid: Squid = squids.select_related("crawler", "owner__plan").get(pk=pk)
    return squid


def lock(pk: int) -> Run:
    """The run with its row locked until the transaction ends; leases first, as the committer."""
    list(Lease.objects.select_for_update(no_key=True).filter(run=pk).order_by("pk"))
    run: Run = Run.objects.select_for_update(no_key=True).get(pk=pk)
    return run


def ring() -> None:
    """Ask the queue for a worker; the job is written in this transaction."""
    async_task("runs.jobs.work", q_options={"save": False})
