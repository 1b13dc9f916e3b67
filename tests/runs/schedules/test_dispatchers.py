"""Many dispatchers at once, as threads and as processes that are killed: one firing a due time."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings

from runs.models import Firing, Run
from squids.models import Schedule, User
from tests.runs.processes import database_url, next_line
from tests.runs.schedules.conftest import check_runs, fire_at_once, local, scheduled

BEGIN = local("2026-06-10 11:50")


def test_eight_at_one_moment(owner: User) -> None:
    squids = [scheduled(owner, BEGIN, repeat="minutes", every=15) for _ in range(10)]
    with ThreadPoolExecutor(8) as pool:
        launched = fire_at_once(pool, BEGIN + timedelta(minutes=10), 8)
    assert launched == Firing.objects.count() == Run.objects.count() == 10
    for squid in squids:
        check_runs(squid)
    assert {s.next_at for s in Schedule.objects.all()} == {BEGIN + timedelta(minutes=25)}


def test_processes_that_are_killed(owner: User) -> None:
    """Four look at the same day; two of them are killed on their way, and the others go on."""
    squids = [scheduled(owner, BEGIN, repeat="minutes", every=30) for _ in range(5)]
    end = BEGIN + timedelta(days=1)
    processes = [_dispatcher(BEGIN, end) for _ in range(4)]
    try:
        _start_together(processes)
        for doomed, looks in ((processes[0], 5), (processes[1], 60)):
            for _ in range(looks):
                next_line(doomed)
            doomed.kill()
        for process in processes[2:]:
            process.communicate(timeout=120)
            assert process.returncode == 0
    finally:
        _end(processes)
    wanted = [BEGIN + timedelta(minutes=10 + 30 * n) for n in range(48)]
    for squid in squids:
        rows = Firing.objects.filter(squid=squid).order_by("due_at")
        assert [row.due_at for row in rows] == wanted
        assert [row.outcome for row in rows] == ["fired", *["skipped"] * 47]
        check_runs(squid)


Process = subprocess.Popen[str]


def _dispatcher(first: datetime, last: datetime) -> Process:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lobstr_site.settings",
        "DATABASE_URL": database_url(),
        "LOBSTR_DATA": str(settings.DATA_DIR),
    }
    command = [sys.executable, "-m", "tests.dispatch_process", first.isoformat(), last.isoformat()]
    return subprocess.Popen(
        [*command, "5"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _start_together(processes: list[Process]) -> None:
    for process in processes:
        assert next_line(process) == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def _end(processes: list[Process]) -> None:
    for process in processes:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
