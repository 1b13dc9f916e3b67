"""How many requests of a label a task may have: the first ones found are kept, once each."""

from __future__ import annotations

import pytest

from runs import lifecycle
from runs.models import RunTask
from runs.worker import limits, tasks
from squids.crawlers.interface import Request
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def task(site: DemoSite, make_squid: MakeSquid) -> RunTask:
    run = lifecycle.start(make_squid(f"{site.url}/shop/"), by="owner")
    return RunTask.objects.get(run=run)


def page(number: int, label: str = "page", most: int = 3) -> Request:
    return Request(f"https://x.example/{number}", label=label, most=most)


def keep(task: RunTask, *wanted: Request) -> tuple[list[int], list[str]]:
    """The numbers of those that were stored, and what was said."""
    kept, notes = limits.within(task.pk, wanted)
    tasks.insert_requests([tasks.request_row(task.run_id, task.pk, request) for request in kept])
    return [int(request.url.rpartition("/")[2]) for request in kept], notes


def test_up_to_the_limit_in_their_order(task: RunTask) -> None:
    assert keep(task, page(1), page(1), page(2)) == ([1, 1, 2], [])
    said = ["The task's limit of 3 “page” requests is reached"]
    assert keep(task, page(2), page(3), page(4), page(1)) == ([2, 3, 1], said)
    assert keep(task, page(5), page(3)) == ([3], [])


def test_each_label_for_itself_and_others_without_end(task: RunTask) -> None:
    keep(task, page(1), page(2), page(3))
    many = [page(number, "check", 0) for number in range(2000)]
    assert len(keep(task, *many, page(4))[0]) == 2000
    assert keep(task, page(9, '"label":"page', 1), page(8, "other", 1))[0] == [9, 8]
    assert keep(task, page(7, "other", 1))[0] == []
