"""Looks, a few times a second, whether every live run has a worker that lives, and whether ticks,
which rescue runs, come through the queue."""

from __future__ import annotations

import threading
import time

import psutil
from django.db import connections
from django.utils import timezone
from django_q.models import OrmQ

from lobstr_site.up.watchdog import TICK
from runs import leases
from runs.models import Lease, Run

EVERY = 0.25
LIMIT = 60.0
"""Seconds that a live run may be without a living worker, and a tick may wait in the queue."""


class Watch:
    """``longest`` is, by run, the longest time in seconds from one sight of a worker to the next
    (or from the launch to the first); a worker that is stopped does not count as living.
    ``longest_tick`` is the longest that a tick waited to be done."""

    def __init__(self) -> None:
        self.longest: dict[int, float] = {}
        self.longest_tick = 0.0
        self._jobs: dict[int, tuple[float, bool]] = {}
        self._seen: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            self._look_at_runs()
            self._look_at_ticks()
        connections.close_all()

    def _look_at_runs(self) -> None:
        live = set(Run.objects.live().values_list("pk", flat=True))
        held = {lease.run_id for lease in Lease.objects.exclude(token="") if works(lease)}
        now = time.monotonic()
        for run in live:
            without = now - self._seen.setdefault(run, now)
            self.longest[run] = max(self.longest.get(run, 0.0), without)
            if run in held:
                self._seen[run] = now

    def _look_at_ticks(self) -> None:
        now, known = time.monotonic(), self._jobs
        self._jobs = {}
        for job in OrmQ.objects.all():
            self._jobs[job.pk] = known.get(job.pk) or (now, job.task["func"] == TICK)
        waited = [now - since for since, is_tick in self._jobs.values() if is_tick]
        self.longest_tick = max([self.longest_tick, *waited])


def works(lease: Lease) -> bool:
    """Whether the lease holds, and its holder is a process that can go on."""
    if lease.holder_pid is None or lease.is_expired(timezone.now()):
        return False
    if leases.started_at(lease.holder_pid) != lease.holder_started:
        return False
    try:
        return psutil.Process(lease.holder_pid).status() != psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False
