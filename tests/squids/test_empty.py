from __future__ import annotations

from django.test import Client
from django.urls import reverse

from squids.models import Squid, Task
from tests import factories


def test_asks_first(client: Client, squid: Squid) -> None:
    page = client.get(reverse("squids:empty", args=[squid.uid])).content.decode()
    assert "Remove 3 tasks" in page
    assert Task.objects.visible().filter(squid=squid).count() == 3


def test_removes_tasks_and_keeps_runs(client: Client, squid: Squid) -> None:
    run = factories.results(factories.run(squid), [{"n": 1}])
    response = client.post(reverse("squids:empty", args=[squid.uid]), follow=True)
    assert "3 tasks removed." in response.content.decode()
    assert not Task.objects.visible().filter(squid=squid).exists()
    assert client.get(reverse("runs:tasks", args=[run.uid])).status_code == 200
    assert run.run_tasks.count() == 3


def test_same_tasks_may_be_added_again(client: Client, squid: Squid) -> None:
    client.post(reverse("squids:empty", args=[squid.uid]))
    client.post(reverse("squids:add_tasks", args=[squid.uid]), {"tasks": "http://shop.example/1"})
    assert Task.objects.visible().filter(squid=squid).count() == 1
