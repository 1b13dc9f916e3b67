"""The demo shop as the tests use it: a real server in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class DemoSite:
    """A running demo shop. ``url`` has no slash at its end, ``address`` is ``host:port``."""

    host: str
    port: int

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"


@contextmanager
def demo_server(port: int = 0) -> Iterator[DemoSite]:
    """Start a shop on a free port; it is gone when the block ends."""
    command = [sys.executable, "-m", "lobstr_site.demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip().removeprefix("Demo shop on http://").strip("/")
        host, _, number = address.partition(":")
        try:
            yield DemoSite(host, int(number))
        finally:
            process.terminate()
