from __future__ import annotations

from django.test import Client
from django.urls import reverse

from squids.models import Squid, Task
from tests import factories


def press(client: Client, verb: str, task: Task) -> None:
    url = reverse(f"squids:{verb}_task", args=[task.squid.uid, task.uid])
    response = client.post(url)
    assert response.headers["Location"] == reverse("squids:tasks", args=[task.squid.uid])
    task.refresh_from_db()


def test_deleted_task_is_hidden_and_its_runs_keep_it(client: Client, squid: Squid) -> None:
    run, task = factories.run(squid), squid.tasks.get(position=2)
    press(client, "delete", task)
    assert list(Task.objects.visible().values_list("position", flat=True)) == [1, 3]
    assert run.run_tasks.filter(task=task).exists()


def test_deleted_twice_is_not_found(client: Client, squid: Squid) -> None:
    task = squid.tasks.get(position=2)
    press(client, "delete", task)
    url = reverse("squids:delete_task", args=[squid.uid, task.uid])
    assert client.post(url).status_code == 404


def test_task_of_another_squid_is_not_found(client: Client, squid: Squid) -> None:
    other = factories.squid(squid.owner)
    url = reverse("squids:delete_task", args=[other.uid, squid.tasks.get(position=1).uid])
    assert client.post(url).status_code == 404


def test_skipped_and_included_again(client: Client, squid: Squid) -> None:
    task = squid.tasks.get(position=2)
    press(client, "exclude", task)
    assert Task.objects.active().filter(squid=squid).count() == 2
    assert "2 of them on" in client.get(reverse("squids:tasks", args=[squid.uid])).content.decode()
    press(client, "include", task)
    assert Task.objects.active().filter(squid=squid).count() == 3
