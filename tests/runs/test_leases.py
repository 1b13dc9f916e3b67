"""A process is known by when it started, which is no matter of what the clock says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runs import leases
from tests.site.running import until

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
STOPPED = "import sys; sys.stdin.read()"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", STOPPED], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_it_stays_the_same(process: subprocess.Popen[bytes]) -> None:
    first = leases.started_at(process.pid)
    assert first and leases.started_at(process.pid) == first
    assert leases.this_process().started == leases.started_at(os.getpid())


@LINUX
def test_it_is_counted_from_the_boot() -> None:
    hertz = os.sysconf("SC_CLK_TCK")
    before = int(time.clock_gettime(time.CLOCK_BOOTTIME) * hertz)
    with subprocess.Popen([sys.executable, "-c", STOPPED], stdin=subprocess.PIPE) as process:
        after = time.clock_gettime(time.CLOCK_BOOTTIME) * hertz
        started = leases.started_at(process.pid)
        process.kill()
    assert started and before - 1 <= int(started) <= after + 1


@LINUX
@pytest.mark.parametrize("name", ["a) Z (b", "two words", "x) Z 1 2 3"])
def test_a_name_does_not_confuse_it(tmp_path: Path, name: str) -> None:
    sleep = shutil.which("sleep")
    assert sleep
    shutil.copy(sleep, tmp_path / name)
    with subprocess.Popen([tmp_path / name, "1000"]) as process:
        until(lambda: psutil.Process(process.pid).name() == name, "its name")
        started = leases.started_at(process.pid)
        process.kill()
    ours = leases.started_at(os.getpid())
    assert started and ours and int(started) >= int(ours)


def test_one_that_ended_has_none(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    until(lambda: leases.started_at(process.pid) is None, "the zombie to count as gone")
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    process.wait()
    assert leases.started_at(process.pid) is None


def test_where_there_is_no_proc_it_is_asked_for(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "PROC", Path("/nowhere"))
    assert float(leases.started_at(process.pid) or 0) > 0
    process.kill()
    until(lambda: leases.started_at(process.pid) is None, "the zombie to count as gone")
