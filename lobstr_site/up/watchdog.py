"""Sees whether the queue still works. A queue can hang silently: a worker killed while it waited
for a job leaves the others waiting for ever, and nothing dies.

The sign of life is a tick that comes back. Every few seconds one is queued, one outstanding at
most. While every worker is busy none comes back; then the heartbeats of the leases that workers of
this machine hold count as well, for as long again and no longer: a queue can hang although a worker
goes on, and without ticks nobody rescues the runs of the others.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from queue import Empty, SimpleQueue

from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Q
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

from lobstr_site.up.processes import Child
from runs import leases
from runs.models import Lease

LOOK_EVERY = 0.5
TICK_EVERY = 3.0
TICK = "runs.jobs.tick"
STARTING = 10.0
"""Seconds that a new cluster has for its first sign of life, on top of the usual ones."""
STUCK_AFTER = timedelta(seconds=2)
"""How long past its lease a living worker is left alone."""


class TickBroker(ORM):  # type: ignore[misc]  # the queue is published without types
    """The queue's own broker, which remembers the row of the job it queued last."""

    row: int | None = None

    def enqueue(self, task: str) -> int:
        self.row = super().enqueue(task)
        return self.row


class Watchdog:
    """Watches ``queue``. All database work happens in a thread of its own, so that a database that
    does not answer can neither stop the supervisor nor keep it from stopping."""

    def __init__(self, queue: Child, patience: float) -> None:
        self.queue, self.patience = queue, patience
        self.broker = TickBroker()
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.ended = threading.Event()
        self.restart = threading.Event()
        self.alive_at = self.ticked_at = self.asked_at = time.monotonic()
        self.watched: int | None = None
        self.thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        """Stop looking. Does not wait: the database may be what hangs."""
        self.ended.set()

    def news(self) -> list[str]:
        """What was seen and done since the last call, a line each."""
        lines: list[str] = []
        while True:
            try:
                lines.append(self.lines.get_nowait())
            except Empty:
                return lines

    def wants_restart(self) -> bool:
        """Whether the queue has to be killed; asked once for each time."""
        wanted = self.restart.is_set()
        self.restart.clear()
        return wanted

    def _watch(self) -> None:
        connection_created.connect(_be_brief)
        connections.close_all()
        while not self.ended.wait(LOOK_EVERY):
            try:
                self._look()
            except DatabaseError:
                # Reading failed: the database itself is away, which is no fault of the queue.
                self.alive_at = self.ticked_at = time.monotonic()
                connection.close()
            except Exception as problem:  # whatever it is, the site needs its watchdog tomorrow too
                self.lines.put(f"The watchdog stumbled: {problem!r}")
                self.ended.wait(self.patience)
        connections.close_all()

    def _look(self) -> None:
        if self.queue.pid is None:
            return
        self._kill_stuck()
        if self.queue.pid != self.watched and not self._begin():
            return
        if self._tick_came_back():
            self.alive_at = self.ticked_at = time.monotonic()
        elif time.monotonic() - self.ticked_at < self.patience and self._heart_beats():
            self.alive_at = time.monotonic()
        elif time.monotonic() - self.alive_at > self.patience:
            self._give_up()

    def _begin(self) -> bool:
        """A new cluster. What the one before it had taken from the queue is free again; False when
        that could not be written."""
        freed = self._write(
            lambda: OrmQ.objects.filter(lock__gt=timezone.now()).update(lock=timezone.now())
        )
        if freed:
            self.watched = self.queue.pid
            self.alive_at = self.ticked_at = time.monotonic() + STARTING
            self.broker.row, self.asked_at = None, 0.0
        return freed

    def _tick_came_back(self) -> bool:
        """Queue a tick when one is due; True when the last one is done."""
        if self.broker.row and OrmQ.objects.filter(pk=self.broker.row).exists():
            return False
        back = self.broker.row is not None
        self.broker.row = None if back else self.broker.row
        if time.monotonic() - self.asked_at >= TICK_EVERY:
            self.asked_at = time.monotonic()
            self._write(lambda: async_task(TICK, broker=self.broker, save=False))
        return back

    def _heart_beats(self) -> bool:
        recent = timezone.now() - timedelta(seconds=self.patience)
        return Lease.objects.filter(_here(), heartbeat_at__gt=recent).exists()

    def _kill_stuck(self) -> None:
        """A worker that lives past its lease is stopped, or hangs inside a transaction, where it
        would block everybody else's."""
        late = timezone.now() - STUCK_AFTER
        for lease in Lease.objects.filter(_here(), expires_at__lt=late).exclude(token=""):
            pid = lease.holder_pid
            if pid and self._is_ours(pid) and leases.started_at(pid) == lease.holder_started:
                os.kill(pid, signal.SIGKILL)
                self.lines.put(f"Worker {pid} was stuck past its lease and was killed.")

    def _is_ours(self, pid: int) -> bool:
        try:
            return os.getsid(pid) == self.queue.pid
        except ProcessLookupError:
            return False

    def _give_up(self) -> None:
        self.lines.put(
            f"The queue gave no sign of life for {self.patience:g} s: killed, starting it again."
        )
        self.restart.set()
        self.alive_at = time.monotonic()

    def _write(self, act: Callable[[], object]) -> bool:
        """A write that somebody's lock keeps out is left for the next look; reading goes on."""
        try:
            act()
        except DatabaseError:
            connection.close()
            return False
        return True


def _here() -> Q:
    """The leases that processes of this machine hold."""
    here = leases.this_process()
    return Q(holder_host=here.host, holder_boot=here.boot)


def _be_brief(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """The watchdog's statements wait a second for a lock and no longer."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 1000")
        elif connection.vendor == "postgresql":
            cursor.execute("SET lock_timeout = '1s'; SET statement_timeout = '3s'")
