"""Where a group is measured: a process of its own, a data folder, and a shop to scrape."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.demo_server import demo_server

ROOT = Path(__file__).parents[2]
OURS = ("LOBSTR_", "DATABASE_", "REDIS_")


def measure(group: str, names: Sequence[str]) -> list[Figure]:
    """Have a group's module measure these figures."""
    with folder() as data, demo_server() as shop:
        found = ask(f"tests.bench.{group}", [shop.url, *names], environment(data, shop.address))
    return [Figure(name, found[name]["value"], found[name]["detail"]) for name in names]


@contextmanager
def folder() -> Iterator[Path]:
    """A data folder in the checkout, since a temporary folder may be in memory."""
    home = ROOT / ".data"
    home.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="bench-") as name:
        yield Path(name)


def environment(data: Path, allow: str) -> dict[str, str]:
    """That of a fresh installation on SQLite, whatever is set outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "lobstr_site.settings",
        "LOBSTR_DATA": str(data),
        "LOBSTR_ALLOW_PRIVATE": allow,
    }


def ask(module: str, words: Sequence[str], settings: Mapping[str, str]) -> dict[str, Any]:
    """Run a module to its end; what it answers is JSON on the last line of its output."""
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=settings, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"the bench failed: {module} ended with {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def answer(values: Mapping[str, Any]) -> None:
    print(json.dumps(values), flush=True)


def tell(text: str) -> None:
    """Progress, for who watches."""
    print(f"  {text}", file=sys.stderr, flush=True)
