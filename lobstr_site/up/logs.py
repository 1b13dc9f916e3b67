"""The children's log files: kept small, their errors summed up for the terminal."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import BinaryIO

LIMIT = 20 * 1024 * 1024
"""Bytes after which a log begins anew; the one before is kept beside it."""

ERROR = re.compile(r"\b(ERROR|CRITICAL)\b|^[A-Za-z_.]+(Error|Exception)\b")
WIDTH = 160


class Log:
    """One child's output. The child appends to it; we only read, and cut it when it is too long."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = path.stat().st_size if path.exists() else 0

    def opened(self) -> BinaryIO:
        """For the child to append to; only the site's own user may read it."""
        _own(self.path)
        return self.path.open("ab")

    def summary(self) -> str | None:
        """What went wrong since the last call: the last error and how many there were; or None."""
        errors = [line for line in self._fresh() if ERROR.search(line)]
        if not errors:
            return None
        more = f" (and {len(errors) - 1} more lines)" if len(errors) > 1 else ""
        return f"{errors[-1].strip()[:WIDTH]}{more}, see {self.path}"

    def _fresh(self) -> list[str]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self.read)
            whole, _, _ = file.read().rpartition(b"\n")
        self.read += len(whole) + 1 if whole else 0
        self._cut()
        return whole.decode("utf-8", "replace").splitlines()

    def _cut(self) -> None:
        if self.read > LIMIT:
            before = self.path.with_suffix(".log.1")
            _own(before)
            shutil.copyfile(self.path, before)
            with self.path.open("r+b") as file:
                file.truncate()
            self.read = 0


def _own(path: Path) -> None:
    """Make a file that is its owner's alone, also of one that was there."""
    path.touch(0o600)
    path.chmod(0o600)
