"""A process that the supervisor keeps, in a session of its own, with all that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lobstr_site.up.logs import Log

ROOT = Path(__file__).parents[2]
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
SETTLED = 5.0
"""Seconds of life after which an end counts as the first one again."""


@dataclass
class Child:
    """``module`` run with ``arguments``. ``pid`` is also its session and its process group."""

    name: str
    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    log: Log = field(init=False)
    pid: int | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def __post_init__(self) -> None:
        self.log = Log(self.folder / f"{self.name}.log")

    def start(self) -> None:
        """Only from the main thread: the kernel ends a child with the thread that started it."""
        command = [sys.executable, "-m", "lobstr_site.up.child", str(os.getpid()), self.module]
        with self.log.opened() as output:
            process = subprocess.Popen(
                [*command, *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process.returncode = 0  # the supervisor reaps: whoever ends, it asks for all at once
        self.pid, self.started = process.pid, time.monotonic()

    def ask(self) -> None:
        """Ask the main process alone to end: the queue hangs when all of it is asked at once."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the process and everything of its group, now."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def ended(self) -> float:
        """Note that the main process is gone: end its group; answers the pause before the next."""
        self.kill()
        now = time.monotonic()
        self.failures = 0 if now - self.started > SETTLED else self.failures + 1
        pause = min(FIRST_PAUSE * 2.0 ** max(0, self.failures - 1), LONGEST_PAUSE)
        self.pid, self.due = None, now + pause
        return pause
