"""A squid's tasks page by page, by position: the last page of 10,000 costs what the first does."""

from __future__ import annotations

from dataclasses import dataclass

from squids.models import Squid, Task

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class TasksPage:
    """Tasks in order; ``earlier`` and ``later`` are positions to go on from, 0 where none are."""

    tasks: list[Task]
    earlier: int = 0
    later: int = 0


def tasks_page(squid: Squid, *, after: str = "", before: str = "") -> TasksPage:
    """The tasks behind position ``after``, or the last ones ahead of ``before``."""
    tasks = Task.objects.visible().filter(squid=squid)
    if limit := _position(before):
        found = list(tasks.filter(position__lt=limit).order_by("-position")[: PER_PAGE + 1])
        return _page(found[:PER_PAGE][::-1], earlier=len(found) > PER_PAGE, later=True)
    start = _position(after)
    found = list(tasks.filter(position__gt=start).order_by("position")[: PER_PAGE + 1])
    return _page(found[:PER_PAGE], earlier=start > 0, later=len(found) > PER_PAGE)


def _page(tasks: list[Task], *, earlier: bool, later: bool) -> TasksPage:
    if not tasks:
        return TasksPage([])
    first, last = tasks[0].position, tasks[-1].position
    return TasksPage(tasks, first if earlier else 0, last if later else 0)


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0
