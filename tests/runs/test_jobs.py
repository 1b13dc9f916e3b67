"""What the tick does beside the runs: hosts that nobody asks any more are forgotten once a day."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
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
