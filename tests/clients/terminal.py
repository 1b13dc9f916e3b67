"""The command ``lobstr`` in a process of its own, and the commands that it has."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from lobstr_cli.cli import app

from tests.site.running import PATIENCE

COMMAND = str(Path(sys.executable).with_name("lobstr"))
BAR = re.compile(r"(\d+)/(\d+) tasks.*?(\d+)%")


@dataclass(frozen=True)
class Said:
    """What a command said."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Lobstr:
    """Runs it in ``folder``, with this environment: it must succeed, or else ``fails``. What was
    asked is noted in ``asked``."""

    def __init__(self, settings: dict[str, str], folder: Path, asked: set[str]) -> None:
        self.settings, self.folder, self.asked = settings, folder, asked

    def __call__(self, *words: str, typed: str = "") -> Said:
        return self._ends(0, words, typed)

    def fails(self, *words: str, typed: str = "") -> Said:
        return self._ends(1, words, typed)

    def _ends(self, status: int, words: tuple[str, ...], typed: str) -> Said:
        self._note(words)
        done = subprocess.run(
            [COMMAND, *words],
            env=self.settings,
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == status, f"{words}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.stdout, done.stderr)

    def watched(self, *words: str, stop: Callable[[str], bool] | None = None) -> str:
        """All that it wrote in a terminal, where it draws its bar. Once ``stop`` sees in it what it
        waits for, Ctrl-C is pressed."""
        self._note(words)
        ours, theirs = pty.openpty()
        own = {"TERM": "xterm", "COLUMNS": "160", "LINES": "40"}
        process = subprocess.Popen(
            [COMMAND, *words],
            env=self.settings | own,
            cwd=self.folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        try:
            said = _read(ours, process, stop)
            assert process.wait(PATIENCE) == 0, said
            return said
        finally:
            os.close(ours)
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def _note(self, words: tuple[str, ...]) -> None:
        bare = [word for word in words if not word.startswith("-")]
        pair = " ".join(bare[:2])
        self.asked.add(f"lobstr {pair if f'lobstr {pair}' in commands() else bare[0]}")


def _read(
    terminal: int, process: subprocess.Popen[bytes], stop: Callable[[str], bool] | None
) -> str:
    said = b""
    with suppress(OSError):  # how a terminal says that nobody writes to it any more
        while piece := os.read(terminal, 4096):
            said += piece
            if stop and stop(said.decode(errors="replace")):
                process.send_signal(signal.SIGINT)
                stop = None
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode(errors="replace"))


def bar(said: str) -> list[tuple[int, int, int]]:
    """Each state of the bar that was drawn: tasks done, tasks, percent."""
    return [(int(a), int(b), int(c)) for a, b, c in BAR.findall(said)]


def commands() -> set[str]:
    """Every command: ``lobstr go``, ``lobstr squid create``, …"""
    return set(_walk(typer.main.get_command(app), "lobstr"))


def _walk(command: Any, name: str) -> list[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [name]
    return [found for word, part in inner.items() for found in _walk(part, f"{name} {word}")]
