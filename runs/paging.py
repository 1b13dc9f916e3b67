"""Pages by key or by number, never by OFFSET: the last of many costs what the first does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from runs.exports.rows import numbered
from runs.models import Firing, Line, Result, Run, RunTask
from runs.states import TASK_FAILED, Level, TaskStatus
from squids.models import Squid

RUNS = 25
ROWS = 50
TASKS = 50
LINES = 200
FIRINGS = 25


# --- runs of a squid --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Runs newest first; ``older`` is the uid to ask for the next page before, empty at the end."""

    runs: list[Run]
    older: str
    newest: bool


def runs_page(squid: Squid, before: str = "") -> RunsPage:
    """A page of a squid's runs, those launched before the run with this uid (all, without one)."""
    runs = Run.objects.filter(squid=squid).select_related("squid", "api_key").order_by("-id")
    if before:
        runs = runs.filter(id__lt=_id_of(squid, before))
    found = list(runs[: RUNS + 1])
    older = found[RUNS - 1].uid if len(found) > RUNS else ""
    return RunsPage(found[:RUNS], older, newest=not before)


def _id_of(squid: Squid, uid: str) -> int:
    """0, before which there is nothing, for a run that is not the squid's."""
    return Run.objects.filter(squid=squid, uid=uid).values_list("id", flat=True).first() or 0


# --- firings of a squid's schedule ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FiringsPage:
    """Firings, the latest due first; ``older`` is the due time to ask for the next page before."""

    firings: list[Firing]
    older: str
    newest: bool


def firings_page(squid: Squid, before: str = "") -> FiringsPage:
    """A page of a squid's firings, those due before this moment; the first one without or with a
    broken one."""
    firings = Firing.objects.filter(squid=squid).select_related("run").order_by("-due_at")
    moment = _moment(before)
    if moment:
        firings = firings.filter(due_at__lt=moment)
    found = list(firings[: FIRINGS + 1])
    older = found[FIRINGS - 1].due_at.isoformat() if len(found) > FIRINGS else ""
    return FiringsPage(found[:FIRINGS], older, newest=moment is None)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


# --- results of a run -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Rows ``first`` to ``last`` of ``total``; page numbers count from 1, 0 stands for none."""

    results: list[Result]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * ROWS + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * ROWS, self.total)

    @property
    def earlier(self) -> int:
        return self.number - 1

    @property
    def later(self) -> int:
        return self.number + 1 if self.number < self.pages else 0


def results_page(run: Run, number: int, *, unique: bool) -> ResultsPage:
    """A page of a run's rows. Row numbers are dense, so the page is a range of the index."""
    total = run.unique_results if unique else run.results
    pages = max(-(-total // ROWS), 1)
    number = min(max(number, 1), pages)
    rows = numbered(run, unique=unique, after=(number - 1) * ROWS, upto=min(number * ROWS, total))
    return ResultsPage(list(rows), number, pages, total)


# --- tasks of a run ---------------------------------------------------------------------------

TASK_GROUPS: tuple[tuple[str, ...], ...] = (
    TASK_FAILED,
    (TaskStatus.RUNNING,),
    (TaskStatus.PENDING, TaskStatus.COMPLETED, TaskStatus.ABORTED),
)
"""The order of the Tasks tab: failed first, then running, then the rest; by position in each."""


@dataclass(frozen=True, slots=True)
class TasksPage:
    """``earlier`` and ``later`` are keys (``group-position``), empty where there is nothing."""

    tasks: list[RunTask]
    earlier: str = ""
    later: str = ""


def tasks_page(run: Run, *, after: str = "", before: str = "") -> TasksPage:
    """A page of a run's tasks after or before a key; the first page without one or a broken one."""
    if key := _task_key(before):
        found = _tasks_from(run, key, forward=False)
        tasks = found[:TASKS][::-1]
        return TasksPage(tasks, _key_of(tasks[:1], len(found) > TASKS), _key_of(tasks[-1:], True))
    start = _task_key(after)
    found = _tasks_from(run, start or (0, 0), forward=True)
    tasks = found[:TASKS]
    earlier = _key_of(tasks[:1], start is not None)
    return TasksPage(tasks, earlier, _key_of(tasks[-1:], len(found) > TASKS))


def _task_key(text: str) -> tuple[int, int] | None:
    group, _, position = text.partition("-")
    if not (group.isdecimal() and position.isdecimal()) or int(group) >= len(TASK_GROUPS):
        return None
    return int(group), int(position)


def _key_of(tasks: list[RunTask], wanted: bool) -> str:
    if not tasks or not wanted:
        return ""
    group = next(n for n, statuses in enumerate(TASK_GROUPS) if tasks[0].status in statuses)
    return f"{group}-{tasks[0].position}"


def _tasks_from(run: Run, key: tuple[int, int], *, forward: bool) -> list[RunTask]:
    """One more than a page of tasks from a key on, group by group."""
    group, position = key
    groups = range(group, len(TASK_GROUPS)) if forward else range(group, -1, -1)
    found: list[RunTask] = []
    for number in groups:
        tasks = RunTask.objects.filter(run=run, status__in=TASK_GROUPS[number])
        if number == group:
            tasks = tasks.filter(**{"position__gt" if forward else "position__lt": position})
        tasks = tasks.select_related("task").order_by("position" if forward else "-position")
        found += tasks[: TASKS + 1 - len(found)]
        if len(found) > TASKS:
            break
    return found


# --- console lines of a run -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinesPage:
    """Lines in order; ``earlier`` and ``later`` are numbers to go on from, 0 where none."""

    lines: list[Line] = field(default_factory=list)
    earlier: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class LineFilter:
    """``level`` keeps lines of that level and above, ``text`` those that contain it."""

    level: str = ""
    text: str = ""
    task: int = 0

    def apply(self, run: Run) -> QuerySet[Line]:
        lines = Line.objects.filter(run=run)
        if self.level in (Level.WARNING, Level.ERROR):
            lines = lines.filter(~Q(level=Level.INFO))  # as the index of notable lines says it
        if self.level == Level.ERROR:
            lines = lines.filter(level=Level.ERROR)
        if self.text:
            lines = lines.filter(Q(text__icontains=self.text) | Q(url__icontains=self.text))
        return lines.filter(task_position=self.task) if self.task else lines


def lines_page(
    run: Run, only: LineFilter, *, after: int = 0, before: int | None = None
) -> LinesPage:
    """A page of lines numbered above ``after``, or the last ones below ``before``."""
    lines = only.apply(run)
    if before is None:
        found = list(lines.filter(number__gt=after).order_by("number")[: LINES + 1])
        page, more = found[:LINES], len(found) > LINES
        return _lines(page, earlier=after > 0, later=more)
    found = list(lines.filter(number__lt=before).order_by("-number")[: LINES + 1])
    page, more = found[:LINES][::-1], len(found) > LINES
    return _lines(page, earlier=more, later=before <= run.last_line)


def _lines(page: list[Line], *, earlier: bool, later: bool) -> LinesPage:
    if not page:
        return LinesPage()
    first, last = page[0].number, page[-1].number
    return LinesPage(page, first if earlier else 0, last if later else 0)
