"""Who holds what: a lease row is held under a token by a process that is known by host, boot, pid
and start time, so that a dead holder on this machine is seen at once, without waiting for expiry.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import psutil
from django.db.models import Q
from django.utils import timezone

from runs import states
from runs.models import Lease

TERM = timedelta(seconds=20)
HEARTBEAT = 5.0
"""Seconds between two renewals."""
LENIENCY = timedelta(seconds=5)
"""How long past its term a lease is left to a holder of this machine, so that the watchdog can end
a process that hangs before its run goes on elsewhere. It may write nothing meanwhile."""

PROC = Path("/proc/self/stat")
STARTTIME = 18
"""Its place after the state: field 22 of 52, where the state is the third."""
GONE = "ZXx"


@dataclass(frozen=True, slots=True)
class Holder:
    host: str
    boot: str
    pid: int
    started: str


def this_process() -> Holder:
    pid = os.getpid()
    return Holder(socket.gethostname(), _boot(), pid, started_at(pid) or "")


@cache
def _boot() -> str:
    """The machine's boot: its id on Linux, the time it came up elsewhere."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else str(int(psutil.boot_time()))


def started_at(pid: int) -> str | None:
    """When a process of this machine started; None for one that is gone, or a zombie. On Linux in
    ticks since the boot, which stay as they are when somebody sets the clock."""
    return _ticks(pid) if PROC.exists() else _created(pid)


def _ticks(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()  # a name before it may hold anything
    return None if state in GONE else fields[STARTTIME]


def _created(pid: int) -> str | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None


def is_dead(lease: Lease, now: datetime) -> bool:
    """Whether its holder cannot come back: gone from this machine, or past its time."""
    if lease.is_expired(now - LENIENCY):
        return True
    here = this_process()
    if lease.holder_host != here.host:
        return False
    if lease.holder_boot != here.boot:
        return True
    return lease.holder_pid is None or started_at(lease.holder_pid) != lease.holder_started


def take(lease_id: int, holder: Holder) -> str | None:
    """Hold a free lease: its new token, or None where another was quicker."""
    token, now = secrets.token_hex(16), timezone.now()
    taken = Lease.objects.filter(pk=lease_id, token="").update(
        token=token,
        holder_host=holder.host,
        holder_boot=holder.boot,
        holder_pid=holder.pid,
        holder_started=holder.started,
        heartbeat_at=now,
        expires_at=now + TERM,
    )
    return token if taken else None


def renew(tokens: list[str]) -> set[str]:
    """Carry held leases on; answers the tokens that still hold."""
    now = timezone.now()
    Lease.objects.filter(token__in=tokens).update(heartbeat_at=now, expires_at=now + TERM)
    return held(tokens)


def held(tokens: list[str]) -> set[str]:
    return set(Lease.objects.filter(token__in=tokens).values_list("token", flat=True))


def release(lease: Q) -> int:
    """Give leases back, by any condition on them; the old token is a broken fence from here on."""
    return Lease.objects.filter(lease).update(
        token="", holder_pid=None, holder_started="", heartbeat_at=None, expires_at=None, alone=None
    )


def claimable(settled: datetime, now: datetime) -> list[Lease]:
    """Free leases of runs that have something to do now, the longest waiting first; of those
    launched or given back after ``settled``, none."""
    ready = Q(run__wake_at=None) | Q(run__wake_at__lte=now)
    live = Q(run__status__in=states.LIVE, run__updated_at__lte=settled)
    free = Lease.objects.filter(ready, live, token="")
    return list(free.select_related("run__crawler").order_by("run__updated_at", "pk")[:50])
