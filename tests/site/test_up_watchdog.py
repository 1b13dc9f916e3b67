"""A queue that hangs without dying is noticed and mended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from runs import leases
from tests.site.running import Running, lives, running, until


@pytest.mark.parametrize("act", ["kill", "suspend"])
def test_workers_that_end_or_stop_while_they_wait(tmp_path: Path, act: str) -> None:
    with running(tmp_path / "data", LOBSTR_WATCHDOG="3") as site:
        until(site.queue_is_empty, "a first tick")
        first = until(lambda: site.main("queue"), "the queue")
        for worker in site.workers():
            getattr(worker, act)()
        until(lambda: "gave no sign of life for 3 s" in site.said, "the watchdog")
        until(lambda: not lives(first) and site.main("queue"), "a new queue")
        until(site.queue_is_empty, "a queue that works")


def test_heartbeats_do_not_excuse_a_queue_for_ever(tmp_path: Path) -> None:
    with running(tmp_path / "data", LOBSTR_WATCHDOG="3") as site:
        until(site.queue_is_empty, "a first tick")
        for worker in site.workers():
            worker.suspend()
        hold_lease(site, psutil.Process(), expired=timedelta(hours=-1))
        until(lambda: "gave no sign of life for 3 s" in site.said, "the watchdog")
        until(site.queue_is_empty, "a queue that works")


def test_a_worker_that_lives_past_its_lease_is_killed(tmp_path: Path) -> None:
    with running(tmp_path / "data", LOBSTR_WATCHDOG="100000") as site:
        workers = until(site.workers, "workers")
        for worker in workers:
            worker.suspend()
        hold_lease(site, workers[0], expired=timedelta(seconds=6))
        until(lambda: f"Worker {workers[0].pid} was stuck" in site.said, "the watchdog")
        until(lambda: not lives(workers[0]), "the worker's end")
        assert all(lives(worker) for worker in workers[1:])


def test_a_stranger_is_never_killed(tmp_path: Path) -> None:
    with running(tmp_path / "data", LOBSTR_WATCHDOG="100000") as site:
        workers = until(site.workers, "workers")
        for worker in workers:
            worker.suspend()
        hold_lease(site, psutil.Process(), expired=timedelta(hours=1))
        hold_lease(site, workers[0], expired=timedelta(seconds=6))
        until(lambda: f"Worker {workers[0].pid} was stuck" in site.said, "the watchdog")
        assert site.said.count("was stuck") == 1


def hold_lease(site: Running, process: psutil.Process, expired: timedelta) -> None:
    """A lease of a run that is nobody's, held by ``process``, over since ``expired``."""
    here, ended = leases.this_process(), datetime.now(UTC) - expired
    row = {
        "run_id": process.pid,
        "share": 0,
        "token": f"{process.pid:032x}",
        "holder_host": here.host,
        "holder_boot": here.boot,
        "holder_pid": process.pid,
        "holder_started": leases.started_at(process.pid),
        "heartbeat_at": str(ended.replace(tzinfo=None)),
        "expires_at": str(ended.replace(tzinfo=None)),
    }
    names, places = ", ".join(row), ", ".join("?" * len(row))
    with closing(
        sqlite3.connect(Path(site.settings["LOBSTR_DATA"]) / "lobstr.sqlite3")
    ) as database:
        database.execute(f"INSERT INTO runs_lease ({names}) VALUES ({places})", list(row.values()))
        database.commit()
