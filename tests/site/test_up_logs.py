from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lobstr_site.up import logs
from lobstr_site.up.logs import Log


def test_errors_are_summed_up_once(tmp_path: Path) -> None:
    log = Log(tmp_path / "web.log")
    assert log.summary() is None
    with log.path.open("a") as file:
        file.write("2026-01-01 INFO fine\n2026-01-01 ERROR first\nValueError: second\n")
    summary = log.summary()
    assert summary == f"ValueError: second (and 1 more lines), see {log.path}"
    assert log.summary() is None


def test_what_was_there_before_is_not_news(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("ERROR of yesterday\n")
    assert Log(tmp_path / "web.log").summary() is None


def test_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    log = Log(tmp_path / "web.log")
    with log.path.open("a", buffering=1) as file:
        file.write("2026-01-01 ERR")
        file.flush()
        assert log.summary() is None
        file.write("OR split\n")
    assert log.summary() == f"2026-01-01 ERROR split, see {log.path}"


def test_a_long_log_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LIMIT", 100)
    log = Log(tmp_path / "web.log")
    with log.path.open("a", buffering=1) as file:
        file.write("x" * 150 + "\n")
        log.summary()
        file.write("CRITICAL after the cut\n")
    before = log.path.with_suffix(".log.1").stat()
    assert (before.st_size, stat.S_IMODE(before.st_mode)) == (151, 0o600)
    assert log.path.read_text() == "CRITICAL after the cut\n"
    assert "CRITICAL" in str(log.summary())


@pytest.mark.parametrize("there", [False, True])
def test_others_cannot_read_it(tmp_path: Path, there: bool) -> None:
    log = Log(tmp_path / "web.log")
    if there:
        log.path.write_text("of yesterday\n")
        log.path.chmod(0o644)
    with log.opened() as file:
        file.write(b"of today\n")
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert log.path.read_text() == "of yesterday\n" * there + "of today\n"
