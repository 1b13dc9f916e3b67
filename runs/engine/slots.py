"""A host's file: slots and the next allowed moment, shared by every process of the machine.

Byte ``SLOTS + i`` locked means that slot i is taken; the kernel frees a dead process's locks, so
nothing has to be cleaned up after a kill. The first bytes hold the moment before which the host
is left alone, and the last call for slots by a process that has too few of them.

POSIX locks belong to the process: a file must be open once per process, and a process does not
see its own locks, so `HostFile` remembers which slots it took.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from pathlib import Path

GUARD, SLOTS, MOST_SLOTS = 0, 1024, 1024
CALL_SECONDS = 0.1
FARTHEST = 7200.0
_MOMENT = struct.Struct("<d")
_CALL = struct.Struct("<dqq")


class HostFile:
    """One host as this process sees it. Every method returns at once."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._pid = os.getpid()
        self.held: set[int] = set()
        os.utime(self._fd)

    def take(self, limit: int) -> int | None:
        """A free slot below ``limit``, now ours, or None."""
        for slot in range(min(limit, MOST_SLOTS)):
            if slot not in self.held and self._lock(SLOTS + slot):
                self.held.add(slot)
                return slot
        return None

    def release(self, slot: int) -> None:
        self.held.discard(slot)
        fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, SLOTS + slot)

    def next_allowed(self) -> float:
        """Unix time before which nobody may ask the host; 0 when nothing was ever asked for."""
        data = os.pread(self._fd, _MOMENT.size, 0)
        moment = float(_MOMENT.unpack(data)[0]) if len(data) == _MOMENT.size else 0.0
        # A clock that was set back must not close a host for years.
        return moment if moment < time.time() + FARTHEST else 0.0

    def reserve(self, delay: float, patience: float) -> float | None:
        """Seconds until our turn, which moves the next one ``delay`` later.

        Past ``patience`` nothing is reserved and the wait is returned all the same. None: another
        process is writing, try again.
        """
        if not self._lock(GUARD):
            return None
        try:
            now = time.time()
            turn = max(self.next_allowed(), now)
            if turn - now <= patience:
                self._write_moment(turn + delay)
            return turn - now
        finally:
            fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, GUARD)

    def postpone(self, seconds: float) -> bool:
        """Leaves the host alone for ``seconds`` at least. False: try again."""
        if not self._lock(GUARD):
            return False
        try:
            self._write_moment(max(self.next_allowed(), time.time() + min(seconds, FARTHEST)))
            return True
        finally:
            fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, GUARD)

    def call(self) -> None:
        """Says that this process waits for slots, and how many it has."""
        os.pwrite(self._fd, _CALL.pack(time.time(), self._pid, len(self.held)), _MOMENT.size)

    def is_called(self) -> bool:
        """Whether another process waits and has fewer slots than this one."""
        data = os.pread(self._fd, _CALL.size, _MOMENT.size)
        if len(data) < _CALL.size:
            return False
        when, pid, held = _CALL.unpack(data)
        fresh = 0.0 <= time.time() - when < CALL_SECONDS
        return fresh and pid != self._pid and int(held) < len(self.held)

    def close(self) -> None:
        os.close(self._fd)

    def _write_moment(self, moment: float) -> None:
        os.pwrite(self._fd, _MOMENT.pack(moment), 0)

    def _lock(self, place: int) -> bool:
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True
