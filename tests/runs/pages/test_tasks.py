"""The Tasks tab: failed first, then running, then by position; fifty a page by key."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs import paging
from runs.models import Run, RunTask
from runs.states import Status, TaskReason, TaskStatus
from squids.models import Squid, User
from tests import factories
from tests.runs.pages.conftest import Read, texts


def set_status(run: Run, status: str, *positions: int) -> None:
    RunTask.objects.filter(run=run, position__in=positions).update(status=status)


@pytest.fixture
def run(owner: User) -> Run:
    run = factories.run(factories.squid(owner, tasks=130), status=Status.RUNNING)
    set_status(run, TaskStatus.COMPLETED, *range(1, 101))
    set_status(run, TaskStatus.FAILED, 7, 90)
    set_status(run, TaskStatus.RUNNING, 101, 102)
    return run


ORDER = [7, 90, 101, 102, *(n for n in range(1, 131) if n not in (7, 90, 101, 102))]


def positions(page: paging.TasksPage) -> list[int]:
    return [task.position for task in page.tasks]


def test_every_task_once_forwards(run: Run) -> None:
    page, seen = paging.tasks_page(run), []
    seen += positions(page)
    while page.later:
        page = paging.tasks_page(run, after=page.later)
        seen += positions(page)
    assert seen == ORDER


def test_and_back_the_same_pages(run: Run) -> None:
    pages = [paging.tasks_page(run)]
    while pages[-1].later:
        pages.append(paging.tasks_page(run, after=pages[-1].later))
    back = paging.tasks_page(run, before=pages[-1].earlier)
    assert positions(back) == positions(pages[-2])
    first = paging.tasks_page(run, before=back.earlier)
    assert positions(first) == positions(pages[0])
    assert first.earlier == ""


@pytest.mark.parametrize("key", ["", "x", "9-1", "1-", "-1", "0-²"])
def test_a_broken_key_is_the_first_page(run: Run, key: str) -> None:
    assert positions(paging.tasks_page(run, after=key))[:2] == [7, 90]


def test_a_page_asks_at_most_once_a_group_and_never_by_offset(run: Run) -> None:
    with CaptureQueriesContext(connection) as queries:
        paging.tasks_page(run, after="2-60")
    assert len(queries) == 1
    assert "OFFSET" not in queries[0]["sql"]
    with CaptureQueriesContext(connection) as queries:
        paging.tasks_page(run)
    assert len(queries) == 3


def test_each_tells_its_status_counts_and_reason(read: Read, squid: Squid) -> None:
    run = factories.run(squid)
    RunTask.objects.filter(run=run, position=2).update(
        status=TaskStatus.FAILED,
        reason=TaskReason.REQUEST_FAILED,
        message="It answered 503.",
        pages=4,
        results=30,
        unique_results=20,
    )
    page = read(f"/runs/{run.uid}/tasks")
    cells = [" ".join(text.split()) for text in texts(page, "//tbody/tr[1]/*")]
    assert cells == [
        "2",
        "http://shop.example/2",
        "Failed",
        "4",
        "30",
        "20",
        "",
        "It answered 503. log",
    ]
    assert texts(page, "//tbody/tr[2]/*")[2] == "Completed"
