"""A launch that is asked for again with its key answers the run it brought, and brings no other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from runs import jobs, lifecycle
from runs.lifecycle import launch_keys
from runs.models import LaunchKey, Lease, Run, RunTask
from runs.states import Status
from squids import actions, errors
from squids.models import Squid, Task
from tests import factories
from tests.runs.processes import database_url, next_line

pytestmark = pytest.mark.django_db(transaction=True)

TWO_DAYS = timedelta(days=2)


@pytest.fixture
def squid() -> Squid:
    return factories.squid(factories.user("owner"))


def start(squid: Squid, key: str = "once") -> Run:
    return lifecycle.start(squid, by="owner", idempotency_key=key)


def at_once(count: int, launch: Callable[[int], Run]) -> list[str]:
    """What each of so many launches came to: a run's id, or the name of what it was refused for."""

    def tell(number: int) -> str:
        try:
            return launch(number).uid
        except errors.Refused as refused:
            return type(refused).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(tell, range(count)))


def test_fifty_at_once_with_one_key_are_all_answered_one_run(squid: Squid) -> None:
    answers = at_once(50, lambda _: start(squid))
    run = Run.objects.get()
    assert answers == [run.uid] * 50


def test_of_two_squids_at_once_with_one_key_one_is_refused(squid: Squid) -> None:
    squids = [squid, factories.squid(squid.owner)]
    answers = at_once(20, lambda number: start(squids[number % 2]))
    run = Run.objects.get()
    assert sorted(answers) == sorted([run.uid] * 10 + ["KeyReused"] * 10)


def test_a_key_belongs_to_its_owner(squid: Squid) -> None:
    other = factories.squid(factories.user("other"))
    assert start(squid).owner != start(other).owner


@pytest.mark.parametrize("status", [Status.DONE, Status.ABORTED, Status.ERROR])
def test_it_answers_the_run_that_has_ended_since(squid: Squid, status: Status) -> None:
    run = start(squid)
    Run.objects.update(status=status, ended_at=timezone.now())
    assert start(squid).pk == run.pk
    assert start(squid, "another").pk != run.pk


def test_it_answers_the_run_whatever_became_of_the_squid(squid: Squid) -> None:
    run = start(squid)
    lifecycle.deactivate(squid, by="owner")
    assert start(squid).pk == run.pk
    lifecycle.delete(squid, by="owner")
    assert start(squid).pk == run.pk
    with pytest.raises(errors.KeyReused):
        start(factories.squid(squid.owner))


def test_what_is_refused_uses_no_key_up(squid: Squid) -> None:
    actions.empty(squid)
    with pytest.raises(errors.NoTasksPresent):
        start(squid)
    actions.add_tasks(squid, [{"url": "http://shop.example/"}])
    by_page = lifecycle.start(squid, by="owner")
    with pytest.raises(errors.RunInProgress):
        start(squid)
    lifecycle.abort(by_page, by="owner")
    run = start(squid)
    assert run.pk != by_page.pk and LaunchKey.objects.get().run == run


def test_a_killed_process_leaves_nothing_half(squid: Squid) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.launch_process", str(squid.pk), "once"],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "lobstr_site.settings",
            "DATABASE_URL": database_url(),
            "LOBSTR_DATA": str(settings.DATA_DIR),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert next_line(process) == "written\n"
    finally:
        process.kill()
        process.communicate()
    for model in (Run, RunTask, Lease, LaunchKey):
        assert not model.objects.exists()
    assert start(squid).is_queued


# --- forgotten after a day --------------------------------------------------------------------


def age(by: timedelta) -> None:
    LaunchKey.objects.update(created_at=timezone.now() - by)


def test_after_a_day_a_key_is_as_good_as_new(squid: Squid) -> None:
    run = start(squid)
    lifecycle.abort(run, by="owner")
    age(timedelta(hours=23))
    assert start(squid).pk == run.pk
    age(TWO_DAYS)
    assert start(squid).pk != run.pk
    age(TWO_DAYS)
    assert start(factories.squid(squid.owner)).squid != squid


def test_an_old_key_is_kept_where_its_new_launch_is_refused(squid: Squid) -> None:
    start(squid)
    age(TWO_DAYS)
    with pytest.raises(errors.RunInProgress):
        start(squid)
    assert LaunchKey.objects.exists()


def test_the_tick_forgets_old_keys_once_an_hour(
    squid: Squid, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    run = start(squid)
    remembered(run, launch_keys.CHUNK * 2 + 1)
    age(TWO_DAYS)
    remembered(run, 1, "new")
    jobs.tick()
    assert LaunchKey.objects.get().key == "new 0"
    age(TWO_DAYS)
    jobs.tick()
    assert LaunchKey.objects.exists()
    old = timezone.now().timestamp() - 3700
    os.utime(tmp_path / "launch_keys.forgotten", (old, old))
    jobs.tick()
    assert not LaunchKey.objects.exists()
    assert Run.objects.get() == run and Task.objects.count() == 1


def remembered(run: Run, count: int, name: str = "old") -> None:
    LaunchKey.objects.bulk_create(
        LaunchKey(owner=run.owner, key=f"{name} {number}", squid=run.squid, run=run)
        for number in range(count)
    )


def test_so_many_at_a_time(squid: Squid) -> None:
    remembered(start(squid), launch_keys.CHUNK + 1)
    age(TWO_DAYS)
    now = timezone.now()
    assert lifecycle.forget_launch_keys(now) == launch_keys.CHUNK
    assert lifecycle.forget_launch_keys(now) == 2
    assert lifecycle.forget_launch_keys(now) == 0
