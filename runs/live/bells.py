"""How a ring travels: a datagram to every web process of this machine, or through Redis.

A ring is a hint and may be lost; who waits for one also looks at the rows now and then.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

PATH_LIMIT = 100
"""An AF_UNIX path holds 107 bytes on Linux and 103 on macOS, the terminator left out."""
NAME_ROOM = 32
LISTING_AGE = 0.5
"""Seconds a ringer trusts its list of sockets; a new web process looks at the rows meanwhile."""
BURST = 512
"""Rings taken from the socket at one go."""
QUEUE = 10
"""Datagrams that wait at a socket on a Linux of its maker's settings; more are refused."""


class Ring(NamedTuple):
    """What changed, by primary keys."""

    run_id: int
    squid_id: int
    owner_id: int


def pack(ring: Ring) -> bytes:
    return b"%d %d %d" % ring


def unpack(data: bytes) -> Ring | None:
    """None for what is no ring: anybody on this machine's account may write to the socket."""
    words = data.split()
    if len(words) != 3 or not all(word.isdigit() for word in words):
        return None
    return Ring(*map(int, words))


def send(ring: Ring) -> None:
    """Ring at every web process. Never raises and never waits."""
    if settings.REDIS_URL:
        from runs.live import redis_bells  # only where it is used: the client is 10 MB

        redis_bells.publish(settings.REDIS_URL, pack(ring))
    else:
        _ringer(os.getpid(), folder()).send(pack(ring))


def folder() -> Path:
    """Where the sockets are: the data folder's, or one in the temporary folder that stands for it
    when its name is too long for a socket."""
    wanted = Path(settings.BELLS_DIR)
    if len(os.fsencode(wanted)) + NAME_ROOM <= PATH_LIMIT:
        return wanted
    digest = hashlib.blake2b(os.fsencode(wanted), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir()) / f"bells-{os.getuid()}-{digest}"


class _Ringer:
    """The sending end of one process."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.paths: list[str] = []
        self.listed_at = float("-inf")

    def send(self, data: bytes) -> None:
        for path in self._listing():
            try:
                self.socket.sendto(data, path)
            except BlockingIOError:
                continue  # its queue is full of rings already
            except (ConnectionRefusedError, FileNotFoundError):
                self._remove(path)
            except OSError:
                continue

    def _listing(self) -> list[str]:
        now = time.monotonic()
        if now - self.listed_at > LISTING_AGE:
            self.listed_at = now
            with contextlib.suppress(OSError):
                self.paths = [entry.path for entry in os.scandir(self.where) if _is_bell(entry)]
        return list(self.paths)

    def _remove(self, path: str) -> None:
        """Nobody listens there any more. Names are never used twice, so none is removed wrongly."""
        with contextlib.suppress(ValueError, OSError):
            self.paths.remove(path)
            os.unlink(path)


def _is_bell(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".sock")


@cache
def _ringer(pid: int, where: Path) -> _Ringer:
    """One for each process: a fork must not send through its parent's."""
    return _Ringer(where)


class Bell:
    """The hearing end of one process: a socket file of its own in the folder."""

    def __init__(self) -> None:
        where = folder()
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = where / f"{os.getpid()}-{secrets.token_hex(4)}.sock"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self._bind()

    def _bind(self) -> None:
        """Bound under another name first: a socket is seen in the folder only once it hears."""
        draft = self.path.with_suffix(".new")
        self.socket.bind(os.fspath(draft))
        draft.chmod(0o600)
        draft.rename(self.path)

    def fileno(self) -> int:
        return self.socket.fileno()

    def heard(self) -> tuple[set[Ring], bool]:
        """The rings that wait, each once, and whether there were so many that some may be lost."""
        rings, count = set(), 0
        while count < BURST:
            try:
                ring = unpack(self.socket.recv(64))
            except OSError:
                break
            count += 1
            if ring:
                rings.add(ring)
        return rings, count >= QUEUE

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        self.socket.close()
