"""What the queue calls: a ring is a few lines, safe to repeat and safe to lose."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django_q.models import Schedule

from runs import dispatch, lifecycle, outbox
from runs.engine.politeness import forget_hosts
from runs.worker import slice
from squids import actions

log = logging.getLogger(__name__)

HOUR, DAY = 3600.0, 86400.0
Step = Callable[[datetime], object]


def work() -> int:
    """Work a slice, if this machine has a place for one more; answers the holds worked on."""
    with _place("slices", settings.SLICES) as free:
        return slice.run() if free else 0


def send_notices() -> int:
    """Send the e-mails that are due, unless this machine does so already; answers how many."""
    with _place("mail", 1) as free:
        return outbox.send_due(timezone.now()) if free else 0


def tick() -> None:
    """The one dispatcher, any number at once: rescue what a dead worker held, wake what waits,
    launch what is due."""
    now = timezone.now()
    for step in STEPS:
        _try(step, now)


def _try(step: Step, now: datetime) -> None:
    """One that fails must not stop the others, nor look to the watchdog like a queue that hangs."""
    try:
        step(now)
    except Exception:
        log.exception("The tick's %s failed", step.__name__)


def _retry_resolved(now: datetime) -> None:
    lifecycle.retry_resolved()


def _requeue_uploads(now: datetime) -> None:
    for upload in actions.stuck_uploads(now):
        actions.requeue(upload, now)


def _forget_hosts(now: datetime) -> None:
    """Once a day, so that the folder does not grow for ever."""
    if _is_time_to_forget("hosts", DAY) and settings.HOSTS_DIR.exists():
        forget_hosts(settings.HOSTS_DIR)


def _forget_launch_keys(now: datetime) -> None:
    """Once an hour, so that their table does not grow for ever."""
    if _is_time_to_forget("launch_keys", HOUR):
        while lifecycle.forget_launch_keys(now):
            pass


def _forget_samples(now: datetime) -> None:
    """Once an hour: pages that recipes were tried on."""
    if _is_time_to_forget("samples", HOUR):
        actions.forget_samples(now)


def _is_time_to_forget(what: str, every: float) -> bool:
    """By a stamp in the data folder; two processes that find it old at once do no harm."""
    stamp = settings.DATA_DIR / f"{what}.forgotten"
    if stamp.exists() and abs(time.time() - stamp.stat().st_mtime) < every:
        return False
    stamp.touch()
    return True


STEPS: tuple[Step, ...] = (
    lifecycle.rescue_dead,
    _retry_resolved,
    lifecycle.nudge_maintained,
    lifecycle.nudge_unseated,
    lifecycle.wake_paused,
    dispatch.fire_due,
    lifecycle.wake,
    _requeue_uploads,
    outbox.ring,
    _forget_hosts,
    _forget_launch_keys,
    _forget_samples,
)


def schedule_tick() -> None:
    """Have the queue itself call the tick every minute, whoever else does so more often."""
    Schedule.objects.update_or_create(
        name="tick",
        defaults={"func": "runs.jobs.tick", "schedule_type": Schedule.MINUTES, "minutes": 1},
    )


@contextmanager
def _place(kind: str, count: int) -> Iterator[bool]:
    """One of the machine's places for long jobs of a kind. The kernel frees it when its process
    dies, so one worker is always left for ticks and uploads, and none is lost."""
    folder = settings.DATA_DIR / kind
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        file = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        try:
            yield True
        finally:
            os.close(file)
        return
    yield False
