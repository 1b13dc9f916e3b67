"""Keeps the site's processes alive until it is asked to stop, and then leaves none behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import psutil

from lobstr_site.up.orphans import adopt_orphans
from lobstr_site.up.processes import Child
from lobstr_site.up.watchdog import Watchdog

TURN = 0.1
SUMMARY_EVERY = 5.0
Say = Callable[[str], None]


class Supervisor:
    """``children`` in the order of their start; they end in the opposite one, each asked first and
    killed after ``grace`` seconds or at a second signal. ``notice`` is the file that tells workers
    to give their leases back now."""

    def __init__(
        self, children: Sequence[Child], watchdog: Watchdog, say: Say, grace: float, notice: Path
    ) -> None:
        self.children, self.watchdog, self.say, self.grace = children, watchdog, say, grace
        self.notice = notice
        self.signals = 0
        self.mending: int | None = None
        self.wake = threading.Event()
        self.summed_up = time.monotonic()

    def run(self, ready: Callable[[], bool], greet: Callable[[], None]) -> None:
        """Start everything, call ``greet`` once ``ready`` says so, return when all has ended."""
        adopt_orphans()
        self._listen()
        try:
            for child in self.children:
                child.start()
            self.watchdog.start()
            self._keep(ready, greet)
        finally:
            self._stop()

    def _listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1
        self.wake.set()

    def _keep(self, ready: Callable[[], bool], greet: Callable[[], None]) -> None:
        greeted = False
        while not self.signals:
            self._reap()
            self._restart()
            self._mend_queue()
            self._sum_up()
            if not greeted and ready():
                greeted = True
                greet()
            self.wake.wait(TURN)

    def _reap(self) -> None:
        """Collect the dead. With a main process goes its group, so that no orphan of the queue
        goes on consuming; strays are what those started in groups of their own."""
        gone = set(_dead())
        for child in self.children:
            if child.pid in gone:
                self._bury(child)
        if gone:
            self._end_strays()

    def _bury(self, child: Child) -> None:
        killed = child.pid == self.mending
        pause = child.ended()
        if not self.signals and not killed:
            self.say(f"{child.name} ended and starts again in {pause:g} s, see {child.log.path}")

    def _end_strays(self) -> None:
        kept = {child.pid for child in self.children}
        for process in psutil.Process().children():
            if process.pid not in kept:
                _kill(process)

    def _restart(self) -> None:
        for child in self.children:
            if child.pid is None and child.due <= time.monotonic():
                child.start()

    def _mend_queue(self) -> None:
        """Do what the watchdog asks for; it may not, since it lives in another thread."""
        for line in self.watchdog.news():
            self.say(line)
        if self.watchdog.wants_restart():
            self.mending = self.watchdog.queue.pid
            self.watchdog.queue.kill()

    def _sum_up(self, every: float = SUMMARY_EVERY) -> None:
        if time.monotonic() - self.summed_up < every:
            return
        self.summed_up = time.monotonic()
        for child in self.children:
            if text := child.log.summary():
                self.say(f"{child.name}: {text}")

    def _stop(self) -> None:
        self.watchdog.stop()
        self.notice.touch()
        asked = max(self.signals, 1)
        for group in _ending(self.children):
            for child in group:
                child.ask()
            deadline = time.monotonic() + self.grace
            while any(child.pid for child in group):
                self._reap()
                if time.monotonic() > deadline or self.signals > asked:
                    for child in group:
                        child.kill()
                self.wake.clear()
                self.wake.wait(TURN / 2)
        self._end_all()
        self.notice.unlink(missing_ok=True)

    def _end_all(self) -> None:
        """Nothing that descends from us stays, whatever group it made for itself."""
        while left := psutil.Process().children(recursive=True):
            for process in left:
                _kill(process)
            list(_dead())
            self.wake.wait(TURN / 10)


def _ending(children: Sequence[Child]) -> Iterable[list[Child]]:
    """All but the first at once, then the first: the site that is being scraped goes last."""
    return [list(children[1:]), list(children[:1])]


def _dead() -> Iterator[int]:
    """The pids of all children, adopted ones too, that ended since the last call."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
