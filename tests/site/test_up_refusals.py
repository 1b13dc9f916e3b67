"""Where the site cannot start it says why in one line, and starts nothing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.site.running import PATIENCE, environment, free_port, running, start


def refusal(settings: dict[str, str]) -> str:
    """The one line on stderr of a start that fails."""
    process = start(settings)
    said, line = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert said == ""
    assert line.count("\n") == 1 and line.startswith("lobstr: "), line
    return line


def test_a_second_start_on_the_same_folder(tmp_path: Path) -> None:
    with running(tmp_path / "data") as site:
        line = refusal(environment(tmp_path / "data"))
        assert f"Already running on the data folder {tmp_path / 'data'}" in line
        assert f"(process {site.process.pid})" in line


@pytest.mark.parametrize("variable", ["LOBSTR_PORT", "LOBSTR_DEMO_PORT"])
def test_a_taken_port(tmp_path: Path, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = refusal(environment(tmp_path, **{variable: port}))
    assert f"Port {port} on 127.0.0.1 cannot be used" in line
    assert f"Set {variable} to a free one." in line


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    line = refusal(environment(tmp_path, LOBSTR_HOST="192.0.2.1"))
    assert "on 192.0.2.1 cannot be used" in line


@pytest.mark.parametrize("key", ["", "x" * 50], ids=["key to be written", "key given"])
def test_a_folder_that_cannot_be_written_to(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").touch()
    line = refusal(environment(tmp_path / "file" / "data", LOBSTR_SECRET_KEY=key))
    assert f"The data folder {tmp_path / 'file' / 'data'} cannot be written to" in line
    assert "Set LOBSTR_DATA" in line


def test_a_folder_on_a_read_only_system() -> None:
    assert "The data folder /proc/lobstr cannot be written to" in refusal(
        environment(Path("/proc/lobstr"), LOBSTR_PORT=str(free_port()))
    )
