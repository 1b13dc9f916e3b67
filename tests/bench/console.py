"""From a console line's writing to its arrival in browsers, at 1,000 lines a second: one page open,
and two hundred."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import django

from tests.bench.place import ROOT, answer, tell
from tests.bench.processes import started, web

if TYPE_CHECKING:
    from runs.models import Run

LINES_A_SECOND = 1_000
SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
SOCKETS = {"line_to_browser_p99_ms_200": 200, "line_to_browser_p99_ms_1": 1}


def launched() -> tuple[Run, dict[str, str]]:
    """A run that is at work as far as the rows tell, and its owner's cookies."""
    from django.db import transaction

    from runs import lifecycle
    from tests.bench import scene

    owner = scene.owner()
    run = lifecycle.start(scene.squid(owner, ["http://127.0.0.1:9/"]), by="bench")
    with transaction.atomic():
        lifecycle.begin(lifecycle.lock(run.pk))
    return run, scene.cookies(owner)


def watch(site: str, run: Run, cookies: dict[str, str], sockets: int) -> dict[str, Any]:
    """Open the pages, and then write."""
    words = [site, f"/squids/{run.squid.uid}", run.uid, str(sockets), str(SECONDS)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.viewers", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as viewers:
        assert viewers.stdin and viewers.stdout
        viewers.stdin.write(json.dumps(cookies))
        viewers.stdin.close()
        viewers.stdout.readline()
        with started("tests.bench.console_writer", str(run.pk), str(LINES_A_SECOND)):
            seen: dict[str, Any] = json.loads(viewers.stdout.readline())
    if seen["gaps"] or seen["open"] != sockets:
        raise SystemExit(f"{seen['gaps']} gaps, {seen['open']} of {sockets} sockets left open")
    return seen


def figure(seen: dict[str, Any], sockets: int) -> dict[str, Any]:
    detail = (
        f"median {seen['p50']} ms, p99 {seen['p99']} ms with {sockets} sockets, "
        f"{seen['lines']:.0f} lines a second at each for {SECONDS:g} s"
    )
    tell(detail)
    return {"value": seen["p99"], "detail": detail}


def main(names: Sequence[str]) -> None:
    django.setup()
    run, cookies = launched()
    found = {}
    with web() as site:
        for name in names:
            sockets = SOCKETS[name]
            found[name] = figure(watch(site, run, cookies, sockets), sockets)
    answer(found)


if __name__ == "__main__":
    main(sys.argv[2:])
