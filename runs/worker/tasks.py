"""The tasks and requests of a held run, in and out of the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils import timezone

from runs import sql
from runs.engine.work import WINDOW, EncodedRow, Page, Queued, TaskWork
from runs.models import PendingPage, Request, RunTask
from runs.states import TASK_FAULTS, RequestState, TaskStatus
from runs.worker.hold import Hold
from squids.crawlers.interface import Request as CrawlerRequest
from squids.crawlers.interface import Usage


def claim(hold: Hold, count: int) -> list[TaskWork]:
    """Tasks for a run's instances: those in progress first, then waiting ones. A hold that is
    alone has its one task. Called under the fence."""
    tasks = RunTask.objects.filter(run=hold.run_id)
    if hold.alone:
        return _works(tasks.filter(pk=hold.alone, status=TaskStatus.RUNNING))
    going_on = _works(tasks.filter(status=TaskStatus.RUNNING).order_by("position")[:count])
    return going_on + claim_next(hold.run_id, count - len(going_on))


def claim_next(run_id: int, count: int) -> list[TaskWork]:
    """Mark the next waiting tasks as running, those last that were tried before and revived.
    Called under the fence, so nobody else claims."""
    if count <= 0:
        return []
    waiting = RunTask.objects.filter(run=run_id, status=TaskStatus.PENDING).order_by("position")
    tasks = list(waiting.filter(started_at=None).select_related("task")[:count])
    _mark_running(tasks, started_at=timezone.now())
    return [_work(task) for task in tasks] + _claim_revived(waiting, count - len(tasks))


def _claim_revived(waiting: QuerySet[RunTask], count: int) -> list[TaskWork]:
    if count <= 0:
        return []
    tasks = list(waiting.exclude(started_at=None).select_related("task")[:count])
    _mark_running(tasks)
    return _stored(tasks)


def _mark_running(tasks: Sequence[RunTask], **also: datetime) -> None:
    pks = [task.pk for task in tasks]
    if pks:
        RunTask.objects.filter(pk__in=pks).update(status=TaskStatus.RUNNING, **also)


def _works(tasks: QuerySet[RunTask]) -> list[TaskWork]:
    """Tasks already in progress, each with the first window of its requests."""
    return _stored(list(tasks.select_related("task")))


def _stored(tasks: Sequence[RunTask]) -> list[TaskWork]:
    works = [_work(task) for task in tasks]
    for work in works:
        work.fresh = not Request.objects.filter(run_task=work.id).exists()
        refill(work)
    return works


def _work(task: RunTask) -> TaskWork:
    return TaskWork(
        id=task.pk,
        position=task.position,
        params=task.task.params,
        pages=task.pages,
        results=task.results,
        failed=task.reason in TASK_FAULTS,
    )


def pending(hold: Hold) -> list[Page]:
    """The pages of which something waits for credits, as they are to be charged now."""
    found = PendingPage.objects.filter(run=hold.run_id).order_by("pk")
    return [_page(one) for one in found.select_related("request", "run_task__task")]


def _page(waiting: PendingPage) -> Page:
    data = json.loads(waiting.data)
    task = _work(waiting.run_task)
    task.fresh = False
    refill(task)
    return Page(
        task=task,
        queued=_queued(waiting.request),
        url=waiting.request.url,
        rows=[EncodedRow(*row) for row in data["rows"]],
        follow=[CrawlerRequest.from_dict(request) for request in data["follow"]],
        functions={name: Usage(0, hits) for name, hits in data["functions"].items()},
        expected=data["expected"],
        stop=data["stop"],
        found_end=data["found_end"],
        part=waiting.part,
    )


def keep_pending(run_id: int, request: int, page: Page, written: int, owed: dict[str, int]) -> None:
    """Keep what the credits did not reach of a page, instead of what was kept of it before: its
    rows but for the first so many, and what its functions found."""
    data = {
        "rows": [list(row) for row in page.rows[written:]],
        "follow": [request.to_dict() for request in page.follow],
        "functions": owed,
        "expected": page.expected,
        "stop": page.stop,
        "found_end": page.found_end,
    }
    values = {"part": page.part + 1, "data": orjson.dumps(data).decode()}
    ids = {"run_id": run_id, "run_task_id": page.task.id}
    PendingPage.objects.update_or_create(request_id=request, defaults=values | ids)


def refill(work: TaskWork) -> None:
    """Fill an empty window from the table, in the order of insertion, revived ones last."""
    todo = Request.objects.filter(run_task=work.id, state=RequestState.TODO).order_by("pk")
    found = list(todo.filter(revived=False)[: WINDOW + 1])
    if len(found) <= WINDOW:
        found += todo.filter(revived=True)[: WINDOW + 1 - len(found)]
    window = [_queued(request) for request in found]
    work.queue.extend(window[:WINDOW])
    work.more = len(window) > WINDOW


def _queued(request: Request) -> Queued:
    until = request.not_before.timestamp() if request.not_before else 0.0
    data = CrawlerRequest.from_dict(json.loads(request.data))
    return Queued(data, request.pk, request.tries, until, request.revived)


def defer(run_id: int, work: TaskWork, queued: Queued) -> None:
    """Keep when a request may be tried again; a fresh task's first requests are stored with it.
    Called under the fence."""
    pk = queued.id or _store_first(run_id, work, queued)
    Request.objects.filter(pk=pk).update(
        tries=queued.tries, not_before=datetime.fromtimestamp(queued.not_before, UTC)
    )


def _store_first(run_id: int, work: TaskWork, queued: Queued) -> int:
    first = [queued.request, *work.rest]
    by_fingerprint = {request.fingerprint: request for request in first}
    rows = [request_row(run_id, work.id, request) for request in by_fingerprint.values()]
    stored = sorted(insert_requests(rows))
    queued.id = stored[0][0]
    work.extend([Queued(by_fingerprint[fingerprint], pk) for pk, _, fingerprint in stored[1:]])
    work.fresh, work.rest = False, []
    return queued.id


def request_row(
    run_id: int,
    task: int,
    request: CrawlerRequest,
    state: str = RequestState.TODO,
    tries: int = 0,
) -> tuple[Any, ...]:
    data = orjson.dumps(request.to_dict()).decode()
    return (run_id, task, request.fingerprint, data, state, tries)


def insert_requests(rows: Sequence[Sequence[Any]]) -> list[tuple[int, int, str]]:
    """Insert requests, known ones ignored: (id, run task, fingerprint) of the new ones."""
    columns = ("run_id", "run_task_id", "fingerprint", "data", "state", "tries")
    tail = (
        "ON CONFLICT (run_task_id, fingerprint) DO NOTHING RETURNING id, run_task_id, fingerprint"
    )
    return [(pk, task, print_) for pk, task, print_ in sql.insert(Request, columns, rows, tail)]
