"""The web server alone, with one user's key."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.clients.place import make_key, manage
from tests.site.running import PATIENCE, ROOT, environment, migrated, until


@dataclass(frozen=True)
class Served:
    """``said`` is the file of what the server writes, its access log among it."""

    base: str
    key: str
    pid: int
    said: Path

    @property
    def most_memory(self) -> int:
        """In bytes, the most that the process has held so far."""
        found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1]) * 1024


@contextmanager
def serving(folder: Path, **more: str) -> Iterator[Served]:
    settings = environment(folder, **more)
    (folder / "lobstr.sqlite3").write_bytes(migrated())
    manage(settings, "user", "create", "ada", typed="a long password\n")
    key = make_key(settings, "ada", "tests")
    port = settings["LOBSTR_PORT"]
    command = [sys.executable, "-m", "lobstr_site.server", "-b", "127.0.0.1", "-p", port]
    said = folder / "said"
    with said.open("w") as output:
        process = subprocess.Popen(command, env=settings, cwd=ROOT, stdout=output, stderr=output)
    try:
        base = f"http://127.0.0.1:{port}"
        until(lambda: _answers(base) or process.poll() is not None, "the web server")
        assert process.poll() is None, said.read_text()
        yield Served(base, key, process.pid, said)
    finally:
        process.kill()
        process.wait(PATIENCE)


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/login").status_code == 200
    except httpx.TransportError:
        return False
