"""Processes of the installation that is measured, each the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

from tests.bench.place import ROOT
from tests.site.running import free_port, until


@contextmanager
def started(module: str, *words: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A module at work until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        env=os.environ | more,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def web() -> Iterator[str]:
    """The web server on this data folder; its address."""
    port = free_port()
    with started("lobstr_site.server", "-b", "127.0.0.1", "-p", str(port)):
        until(lambda: _answers(port), "the web server")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def workers(count: int) -> Iterator[None]:
    """So many processes that work slices, one after the other."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(started("tests.worker_process", "3600", LOBSTR_WORKER="1"))
        yield


def _answers(port: int) -> bool:
    wire = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        wire.request("GET", "/login")
        return wire.getresponse().status == 200
    except OSError:
        return False
    finally:
        wire.close()
