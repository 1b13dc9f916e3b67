"""Processes of the installation that is measured, each the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import django

from tests.bench.place import ROOT
from tests.site.running import free_port, running, until


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
def whole_site(**others: str) -> Iterator[str]:
    """What `make run` starts, with this data folder's site as Django's in here; its address. Its
    demo shop's port is in the environment, and may be scraped. ``others`` are more settings."""
    data = Path(os.environ["LOBSTR_DATA"]) / "site"
    demo = f"127.0.0.1:{free_port()}"
    allow = f"{os.environ['LOBSTR_ALLOW_PRIVATE']} {demo}"
    ours = {"LOBSTR_ALLOW_PRIVATE": allow, "LOBSTR_DEMO_PORT": demo.partition(":")[2]}
    more = ours | others
    with running(data, fresh=False, **more) as site:
        os.environ |= more | {"LOBSTR_DATA": str(data)}
        django.setup()
        yield f"http://127.0.0.1:{site.settings['LOBSTR_PORT']}"


def _answers(port: int) -> bool:
    wire = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        wire.request("GET", "/login")
        return wire.getresponse().status == 200
    except OSError:
        return False
    finally:
        wire.close()
