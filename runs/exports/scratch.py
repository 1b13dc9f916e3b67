"""Room on disk for a file that has to be whole before it can be sent."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of one's own, gone afterwards. It is in the data folder, since a system's folder
    for temporary files may be in memory.

    Its lock ends with its process, so what a killed one left is taken away by the next.
    """
    home = settings.DATA_DIR / "exports"
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home):  # so that none is swept before it is locked
        _sweep(home)
        folder = Path(tempfile.mkdtemp(dir=home))
        lock = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(lock)


def _sweep(home: Path) -> None:
    for left in home.iterdir():
        try:
            lock = _lock(left, fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):
            continue  # in use, or just given back
        shutil.rmtree(left, ignore_errors=True)
        os.close(lock)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    lock = _lock(home)
    try:
        yield
    finally:
        os.close(lock)


def _lock(folder: Path, how: int = 0) -> int:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | how)
    except OSError:
        os.close(file)
        raise
    return file
