"""What the tick does beside the runs: hosts that nobody asks any more are forgotten once a day,
whatever becomes of its other steps."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from runs import jobs

pytestmark = pytest.mark.django_db

TWO_DAYS = 2 * 86400


@pytest.fixture
def hosts(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR, settings.HOSTS_DIR = tmp_path, tmp_path / "hosts"
    settings.HOSTS_DIR.mkdir()
    return tmp_path / "hosts"


def age(path: Path, seconds: float = TWO_DAYS) -> None:
    path.touch()
    os.utime(path, (time.time() - seconds,) * 2)


def test_old_hosts_are_forgotten_once_a_day(hosts: Path) -> None:
    (hosts / "new.host").touch()
    age(hosts / "old.host")
    jobs.tick()
    assert [path.name for path in hosts.iterdir()] == ["new.host"]
    age(hosts / "old.host")
    jobs.tick()
    assert (hosts / "old.host").exists()
    age(hosts.parent / "hosts.forgotten")
    jobs.tick()
    assert not (hosts / "old.host").exists()


def test_a_stamp_from_the_future_holds_nothing_up(hosts: Path) -> None:
    age(hosts / "old.host")
    age(hosts.parent / "hosts.forgotten", -TWO_DAYS)
    jobs.tick()
    assert not (hosts / "old.host").exists()


def test_before_the_first_host_there_is_nothing_to_forget(hosts: Path) -> None:
    hosts.rmdir()
    jobs.tick()
    assert not hosts.exists()


def test_a_step_that_fails_stops_no_other(hosts: Path) -> None:
    """The first one asks for leases. The tick ends well, or the watchdog would take it for a queue
    that hangs."""
    age(hosts / "old.host")
    asked: list[str] = []

    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "runs_lease" in sql:
            asked.append(sql)
            raise OperationalError("disk I/O error")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        jobs.tick()
    assert asked and not (hosts / "old.host").exists()
