"""Commands before the first start say in a line what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("words", [("user", "create", "ada"), ("user", "invite", "ada"), ("link",)])
def test_it_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    places = {"LOBSTR_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ | places,
        input="a long enough pass phrase",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(f"CommandError: The database {tmp_path}")
    assert "Start the site once" in line
