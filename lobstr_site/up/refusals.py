"""Why the site cannot start here, found before anything is started and said in one line."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

from lobstr_site.environment import unwritable


class Refusal(Exception):
    """``str()`` is the line for the person who started us: what is wrong and what to do."""


def require_folder(folder: Path) -> None:
    """Make the data folder; refuse one that cannot be written to."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise Refusal(unwritable(folder, problem)) from None


def lock_folder(folder: Path) -> int:
    """Hold the data folder for this process, by an open file: the lock lasts until it is closed."""
    handle = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(handle, 20).decode() or "unknown"
        os.close(handle)
        raise Refusal(
            f"Already running on the data folder {folder} (process {pid}). "
            "Stop that one, or set LOBSTR_DATA to another folder."
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def require_port(host: str, port: int, variable: str) -> None:
    """Refuse a port that somebody listens on, or that we may not listen on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except (OSError, OverflowError) as problem:
            reason = (getattr(problem, "strerror", None) or str(problem)).lower()
            raise Refusal(
                f"Port {port} on {host} cannot be used ({reason}). Set {variable} to a free one."
            ) from None
