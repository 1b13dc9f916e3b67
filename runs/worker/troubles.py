"""Troubles of a site: pages that fail for its sake, one after the other, pause the run.

What failed in such a row is tried again after the pause, behind everything that was never tried:
so an outage loses nothing, and a few pages that never work do not stop the others.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, QuerySet

from runs import console, lifecycle
from runs.engine.work import Page, Queued
from runs.models import Request, Run, RunTask
from runs.states import Reason, RequestState, TaskReason, TaskStatus

IN_A_ROW = 3
"""Pages in a row that must fail; fewer where the run has not as many to try."""
LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))
"""How long the first, second, … pause in a row lasts; the last one stays."""
PAUSES = 8
"""So many pauses in a row, about a day, without any answer; from then on pages fail."""
HOPELESS = 20
"""So many pages that then fail in a row close the run."""
GAVE_UP = "The site gave no answer for about a day, nor to the tasks that were tried after it."


class Streak:
    """Follows the pages of a batch, in their order, from where the run stands."""

    def __init__(self, run: Run) -> None:
        self.requests: list[int] = list(run.streak)
        self.pauses: int = run.troubles
        self.pause_at: Page | None = None
        self.last: Page | None = None
        self.closes: Reason | None = None
        self._tasks = run.tasks_total

    def stops_at(self, page: Page) -> bool:
        """Whether the run pauses in place of writing this page, or was closed before it."""
        if self.closes or page.queued is None:
            return bool(self.closes)
        if not page.trouble:
            if page.answered:
                self.requests, self.pauses = [], 0
            return False
        return self._in_trouble(page, page.queued)

    def _in_trouble(self, page: Page, queued: Queued) -> bool:
        if queued.revived and not self.pauses:
            return False  # the site has answered others since: it is this page's own trouble
        if self.pauses < PAUSES and len(self.requests) + 1 >= self._needed(page):
            self.pause_at = page
            return True
        self.requests += [queued.id] if queued.id else []
        self.last = page
        if self.pauses >= PAUSES and len(self.requests) >= HOPELESS:
            self.closes = Reason(page.trouble)
        return False

    def _needed(self, page: Page) -> int:
        others = self._tasks - 1 + len(page.task.queue) + page.task.more
        return min(IN_A_ROW, 1 + others)


def hit_the_last(streak: Streak) -> bool:
    """Whether the pages that a run ends with failed for the site's sake. Nothing follows that would
    show whose trouble it is, so each of them is tried once more after a pause."""
    if streak.last is None or streak.pauses >= PAUSES:
        return False
    return _revivable(streak.requests).filter(revived=False).exists()


def pause(run: Run, streak: Streak, now: datetime) -> None:
    """Suspend the run for what its streak came to. The caller holds the run's lock, and has
    written what was decided before."""
    page = streak.pause_at or streak.last
    assert page is not None and page.queued is not None
    count = _revive(run, streak.requests)
    _try_anew(run, page.queued.id)
    if count:
        console.write(run, f"{count} failed task{'' if count == 1 else 's'} will be tried again")
    step = LADDER[min(run.troubles, len(LADDER) - 1)]
    run.troubles, run.streak = streak.pauses + 1, []
    wait = max(step, timedelta(seconds=page.retry_after))
    lifecycle.suspend(run, Reason(page.trouble), wake_at=now + wait, detail=f"{page.error}.")


def _revive(run: Run, ids: list[int]) -> int:
    """Take failed requests back as if they had never been tried; answers how many tasks are no
    longer failed."""
    failed = _revivable(ids)
    pages = dict(failed.values_list("run_task").annotate(n=Count("pk")).order_by())
    pks = list(failed.values_list("pk", flat=True))
    for task, count in pages.items():
        RunTask.objects.filter(pk=task).update(pages=F("pages") - count)
    _todo_again(pks)
    tasks = RunTask.objects.filter(pk__in=list(pages))
    reopened = tasks.filter(status=TaskStatus.FAILED)
    count = reopened.update(status=TaskStatus.PENDING, ended_at=None)
    others = Request.objects.filter(run_task__in=list(pages), state=RequestState.FAILED)
    tasks.exclude(pk__in=others.values("run_task")).update(reason="", message="")
    run.pages -= len(pks)
    run.tasks_done -= count
    run.tasks_failed -= count
    return count


def _revivable(ids: list[int]) -> QuerySet[Request]:
    """A task that ended its worker stays as it is."""
    failed = Request.objects.filter(pk__in=ids, state=RequestState.FAILED)
    return failed.exclude(run_task__reason=TaskReason.KILLED_WORKER)


def _try_anew(run: Run, request: int | None) -> None:
    """All tries again for what was in flight, and for the request that the run pauses at."""
    tasks = RunTask.objects.filter(run=run, status=TaskStatus.RUNNING).values_list("pk", flat=True)
    todo = Request.objects.filter(run_task__in=list(tasks), state=RequestState.TODO, tries__gt=0)
    todo.update(tries=0, not_before=None)
    _todo_again([request] if request else [])


def _todo_again(pks: list[int]) -> None:
    Request.objects.filter(pk__in=pks).update(
        state=RequestState.TODO, tries=0, not_before=None, revived=True
    )
