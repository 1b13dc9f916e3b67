"""The whole site as its tests start it: the real command, free ports, a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO, TypeVar

import psutil

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds after which something that should have happened has failed; no test waits this long."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(look: Callable[[], T | None], what: str) -> T:
    """Look until there is something to see, and answer it."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)
    return seen


def environment(data: Path, **more: str) -> dict[str, str]:
    ports = {"LOBSTR_PORT": str(free_port()), "LOBSTR_DEMO_PORT": str(free_port())}
    ours = ("LOBSTR_", "DATABASE_", "REDIS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | ports | {"LOBSTR_DATA": str(data)} | more


def start(
    settings: dict[str, str], output: TextIO | int = subprocess.PIPE
) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "up"]
    return subprocess.Popen(
        command, env=settings, cwd=ROOT, stdout=output, stderr=subprocess.PIPE, text=True
    )


def lives(process: psutil.Process) -> bool:
    """Whether it can still do something; one that only waits to be reaped cannot."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def title(process: psutil.Process) -> str:
    """Its command line, or "" of one that has just ended."""
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


class Running:
    """A site that has said that it is ready."""

    def __init__(
        self, process: subprocess.Popen[str], settings: dict[str, str], said: Path
    ) -> None:
        self.process, self.settings, self.said_file = process, settings, said
        self.seen: dict[int, psutil.Process] = {}

    @property
    def said(self) -> str:
        return self.said_file.read_text()

    @property
    def link(self) -> str:
        found = re.search(r"http://\S+", self.said)
        assert found, self.said
        return found[0]

    def processes(self) -> list[psutil.Process]:
        """All that the site is made of now; remembered, to be asked for at the end."""
        now = psutil.Process(self.process.pid).children(recursive=True)
        self.seen |= {process.pid: process for process in now}
        return now

    def main(self, name: str) -> psutil.Process | None:
        """The main process of a child: ``web``, ``queue`` or ``demo``."""
        words = {"web": "lobstr_site.server", "queue": "qcluster", "demo": "lobstr_site.demo"}
        found = psutil.Process(self.process.pid).children()
        return next((process for process in found if words[name] in title(process)), None)

    def workers(self) -> list[psutil.Process]:
        """The queue's worker processes: all that are neither at its head nor its own helpers."""
        named = [(title(process), process) for process in self.processes()]
        helpers = (" monitor", " pusher")
        return [
            p for t, p in named if t.startswith("qcluster Process-") and not t.endswith(helpers)
        ]

    def queue_is_empty(self) -> bool:
        """Whether every job, the watchdog's ticks among them, was taken and done."""
        file = Path(self.settings["LOBSTR_DATA"]) / "lobstr.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            count: int = database.execute("SELECT count(*) FROM django_q_ormq").fetchone()[0]
        return count == 0

    def left(self) -> list[psutil.Process]:
        return [process for process in self.seen.values() if lives(process)]


@cache
def migrated() -> bytes:
    """An empty database as the migrations leave it, made once: they are most of a first start."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=environment(Path(folder)), cwd=ROOT, check=True)
        file = Path(folder) / "lobstr.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.read_bytes()


@contextmanager
def running(data: Path, *, fresh: bool = False, **more: str) -> Iterator[Running]:
    """The site, ready; killed with all its processes when the block ends. ``fresh`` has it make
    its own database."""
    settings, said = environment(data, **more), data.parent / f"{data.name}.said"
    if not fresh:
        data.mkdir()
        (data / "lobstr.sqlite3").write_bytes(migrated())
    with said.open("w") as output:
        process = start(settings, output)
    site = Running(process, settings, said)
    try:
        until(lambda: "Ready." in site.said or process.poll() is not None, f"the site in {data}")
        assert process.poll() is None, process.stderr and process.stderr.read()
        site.processes()
        yield site
    finally:
        _clear(site)


def _clear(site: Running) -> None:
    if site.process.poll() is None:
        site.processes()
        site.process.send_signal(signal.SIGKILL)
    for process in site.left():
        with suppress(psutil.NoSuchProcess):
            process.kill()
    site.process.wait(PATIENCE)
    if site.process.stderr:
        site.process.stderr.close()
