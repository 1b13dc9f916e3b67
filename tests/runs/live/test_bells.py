"""Rings reach every process that listens, and nobody waits for one that does not."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from runs import live
from runs.live import bells
from runs.live.bells import Bell, Ring

RING = Ring(7, 8, 9)


@pytest.fixture
def bells_dir(tmp_path: Path, settings: Settings) -> Path:
    settings.BELLS_DIR = tmp_path / "bells"
    return bells.folder()


@pytest.fixture
def bell(bells_dir: Path) -> Iterator[Bell]:
    made = Bell()
    yield made
    made.close()


def test_a_ring_is_heard_once_however_often_it_came(bell: Bell) -> None:
    for _ in range(3):
        live.ring(*RING)
    live.ring(1, 2, 3)
    assert bell.heard() == ({RING, Ring(1, 2, 3)}, False)
    assert bell.heard() == (set(), False)


def test_another_process_is_heard(bell: Bell) -> None:
    code = (
        "import sys, django; from django.conf import settings\n"
        "from pathlib import Path; django.setup(); settings.BELLS_DIR = Path(sys.argv[1])\n"
        "from runs import live; live.ring(7, 8, 9)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lobstr_site.settings"}
    command = [sys.executable, "-c", code, str(bells.folder())]
    subprocess.run(command, env=environment, check=True)
    assert bell.heard() == ({RING}, False)


def test_every_listener_is_rung(bell: Bell) -> None:
    other = Bell()
    live.ring(*RING)
    assert bell.heard()[0] == other.heard()[0] == {RING}
    other.close()


def test_a_socket_nobody_listens_at_is_removed(bell: Bell, bells_dir: Path) -> None:
    dead = bells_dir / "123-abcd.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left:
        left.bind(str(dead))
    live.ring(*RING)
    assert not dead.exists()
    assert bell.path.exists()
    assert bell.heard()[0] == {RING}


def test_a_listener_that_hears_nothing_holds_up_nobody(bell: Bell) -> None:
    """Its queue fills up; it is told that rings may be missing."""
    for number in range(1_000):
        live.ring(number, number, number)
    rings, lost = bell.heard()
    assert lost
    assert 0 < len(rings) < 1_000


def test_nobody_there_is_no_error(settings: Settings, tmp_path: Path) -> None:
    settings.BELLS_DIR = tmp_path / "not there"
    live.ring(*RING)


@pytest.mark.parametrize("data", [b"", b"1 2", b"1 2 x", b"-1 2 3", b"\xff\x00 1 2", b"1 2 3 4"])
def test_what_is_no_ring_is_ignored(bell: Bell, data: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.sendto(data, str(bell.path))
    assert bell.heard()[0] == set()


def test_a_long_folder_name_is_stood_for_by_a_short_one(settings: Settings, tmp_path: Path) -> None:
    settings.BELLS_DIR = tmp_path / ("long" * 40)
    where = bells.folder()
    made = Bell()
    try:
        assert len(str(made.path)) <= bells.PATH_LIMIT
        assert where == bells.folder()
        live.ring(*RING)
        assert made.heard()[0] == {RING}
    finally:
        made.close()
        shutil.rmtree(where)


def test_the_folder_is_the_users_own(bell: Bell, bells_dir: Path) -> None:
    assert bells_dir.stat().st_mode & 0o077 == 0
    assert bell.path.stat().st_mode & 0o077 == 0
