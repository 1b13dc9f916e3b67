from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from squids import actions
from squids.models import Squid
from squids.task_paging import PER_PAGE, tasks_page


def test_walks_every_task_once_forward_and_back(squid: Squid) -> None:
    actions.add_tasks(squid, [{"url": f"http://shop.example/m{n}"} for n in range(350)])
    actions.delete_task(squid.tasks.get(position=100))
    page, forward = tasks_page(squid), []
    while True:
        forward += [task.position for task in page.tasks]
        if not page.later:
            break
        page = tasks_page(squid, after=str(page.later))
    backward = [task.position for task in page.tasks]
    while page.earlier:
        page = tasks_page(squid, before=str(page.earlier))
        backward = [task.position for task in page.tasks] + backward
    assert forward == backward == [n for n in range(1, 354) if n != 100]


def test_one_page_has_no_other(squid: Squid) -> None:
    page = tasks_page(squid)
    assert len(page.tasks) == 3
    assert not page.earlier
    assert not page.later


def test_nonsense_is_the_first_page(squid: Squid) -> None:
    for text in ("x", "-1", "9" * 40, "٣"):
        assert [task.position for task in tasks_page(squid, after=text).tasks] == [1, 2, 3]


def test_values_are_shown_as_text(client: Client, places: Squid) -> None:
    actions.add_tasks(places, [{"city": "<img src=x onerror=alert(1)>", "country": "Chile"}])
    page = client.get(reverse("squids:tasks", args=[places.uid])).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "Chile" in page


def test_queries_do_not_grow_with_the_tasks(client: Client, squid: Squid) -> None:
    url, counts = reverse("squids:tasks", args=[squid.uid]), []
    client.get(url)
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        rows = [{"url": f"http://shop.example/q{n}"} for n in range(PER_PAGE * 2)]
        actions.add_tasks(squid, rows)
    assert counts[0] == counts[1]


def test_empty_tab_says_what_to_do(client: Client, places: Squid) -> None:
    page = client.get(reverse("squids:tasks", args=[places.uid])).content.decode()
    assert "No task yet" in page
