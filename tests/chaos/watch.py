"""Looks, a few times a second, whether every live run has a worker that lives."""

from __future__ import annotations

import threading
import time

import psutil
from django.db import connections
from django.utils import timezone

from runs import leases
from runs.models import Lease, Run

EVERY = 0.25
LIMIT = 60.0
"""Seconds that a live run may be without a living worker."""


class Watch:
    """``longest`` is, by run, the longest time in seconds from one sight of a worker to the next
    (or from the launch to the first); a worker that is stopped does not count as living."""

    def __init__(self) -> None:
        self.longest: dict[int, float] = {}
        self._seen: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            self._look()
        connections.close_all()

    def _look(self) -> None:
        live = set(Run.objects.live().values_list("pk", flat=True))
        held = {lease.run_id for lease in Lease.objects.exclude(token="") if works(lease)}
        now = time.monotonic()
        for run in live:
            without = now - self._seen.setdefault(run, now)
            self.longest[run] = max(self.longest.get(run, 0.0), without)
            if run in held:
                self._seen[run] = now


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
