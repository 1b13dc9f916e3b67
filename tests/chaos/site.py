"""The site under its supervisor, which may be killed whole and started again."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import psutil
from curl_cffi import requests
from django.conf import settings

from tests.site.running import PATIENCE, Running, lives, running, title

CHILDREN = ("demo", "web", "queue")
HELPERS = 2
"""Processes of the queue beside its workers: pusher and monitor."""


class Site:
    """``allow`` is the address that its runs may scrape."""

    def __init__(self, data: Path, allow: str) -> None:
        self._data = data
        self._settings = {"LOBSTR_ALLOW_PRIVATE": allow}
        if url := os.environ.get("DATABASE_URL"):
            self._settings["DATABASE_URL"] = url
        self._stack = ExitStack()
        self._running: Running

    def start(self) -> None:
        self._running = self._stack.enter_context(running(self._data, fresh=True, **self._settings))

    def start_again(self) -> None:
        """After the supervisor was killed."""
        self.clear()
        self.start()

    def stop(self) -> list[str]:
        """As Ctrl-C does it; answers what is wrong with the end."""
        self._running.processes()
        self._running.process.terminate()
        code = self._running.process.wait(PATIENCE)
        left = [title(process) for process in self._running.left()]
        wrong = [f"the site ended with code {code}"] if code else []
        return wrong + ([f"processes left behind: {', '.join(left)}"] if left else [])

    def clear(self) -> None:
        """End whatever is left of it."""
        self._stack.close()

    @property
    def supervisor(self) -> psutil.Process:
        return psutil.Process(self._running.process.pid)

    def main(self, name: str) -> psutil.Process | None:
        return self._running.main(name)

    def sentinel(self) -> psutil.Process | None:
        return next(iter(_children(self.main("queue"))), None)

    def of_queue(self, role: str) -> list[psutil.Process]:
        """The queue's processes of a role: ``pusher``, ``monitor``, ``idle`` or ``processing``."""
        named = [(title(process), process) for process in _children(self.sentinel())]
        return [process for words, process in named if f" {role}" in words]

    def is_whole(self) -> bool:
        """Whether every child is there, the queue has its workers, and the web answers."""
        queue = len(self.of_queue("")) >= settings.Q_CLUSTER["workers"] + HELPERS
        return all(map(self.main, CHILDREN)) and queue and self._answers()

    def _answers(self) -> bool:
        port = self._running.settings["LOBSTR_PORT"]
        try:
            return bool(requests.get(f"http://127.0.0.1:{port}/login", timeout=2).ok)
        except requests.RequestsError:
            return False


def _children(process: psutil.Process | None) -> list[psutil.Process]:
    try:
        return [child for child in process.children() if lives(child)] if process else []
    except psutil.NoSuchProcess:
        return []
