from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from runs.states import Status
from squids import actions
from squids.models import TASK_LIMIT, Squid, Task
from tests import factories


def paste(client: Client, squid: Squid, *lines: str, **more: str) -> Any:
    url = reverse("squids:add_tasks", args=[squid.uid])
    return client.post(url, {"tasks": "\r\n".join(lines), **more})


def page(client: Client, squid: Squid, *lines: str) -> str:
    response = paste(client, squid, *lines)
    if response.status_code == 302:
        response = client.get(response.headers["Location"])
    return str(response.content.decode())


def tasks(squid: Squid) -> list[dict[str, str]]:
    return [task.params for task in Task.objects.visible().filter(squid=squid).order_by("position")]


def test_adds_one_behind_the_others(client: Client, squid: Squid) -> None:
    text = page(client, squid, "http://shop.example/new")
    assert "1 task added." in text
    assert "http://shop.example/new" in text
    assert tasks(squid)[-1] == {"url": "http://shop.example/new"}


def test_adds_many_in_their_order(client: Client, squid: Squid) -> None:
    lines = [f" http://shop.example/n{n} " for n in range(50)]
    assert "50 tasks added." in page(client, squid, *lines, "", "  ")
    assert [task["url"] for task in tasks(squid)[3:]] == [line.strip() for line in lines]


def test_heading_copied_along_is_no_task(client: Client, squid: Squid) -> None:
    page(client, squid, "URL", "http://shop.example/a")
    assert tasks(squid)[3:] == [{"url": "http://shop.example/a"}]


def test_what_is_there_already_is_counted(client: Client, squid: Squid) -> None:
    twice = "http://shop.example/a"
    text = page(client, squid, "http://shop.example/1", twice, twice)
    assert "1 task added. 2 left out: already there." in text
    assert len(tasks(squid)) == 4


def test_invalid_lines_stay_with_what_is_wrong(client: Client, squid: Squid) -> None:
    response = paste(client, squid, "http://shop.example/a", "no address", "<b>ftp://x</b>")
    text = response.content.decode()
    assert response.status_code == 422
    assert "1 task added." in text
    assert "no address\n&lt;b&gt;ftp://x&lt;/b&gt;</textarea>" in text
    assert "Line 1: “no address” is no web address" in text
    assert "Line 2: " in text
    assert "<b>ftp" not in text
    assert len(tasks(squid)) == 4


def test_nothing_at_all_is_refused(client: Client, squid: Squid) -> None:
    assert "Write or paste at least one task." in page(client, squid, "", "  ")


def test_nul_is_refused(client: Client, squid: Squid) -> None:
    assert paste(client, squid, "http://shop.example/\0").status_code == 422
    assert actions.add_tasks(squid, [{"url": "http://shop.example/\0"}]).invalid
    assert len(tasks(squid)) == 3


def test_lone_surrogate_is_refused(places: Squid) -> None:
    added = actions.add_tasks(places, [{"city": "\ud800"}])
    assert [number for number, _ in added.invalid] == [1]


def test_10001st_task_is_refused_with_nothing_inserted(client: Client, squid: Squid) -> None:
    fill(squid, TASK_LIMIT - 1)
    text = page(client, squid, "http://shop.example/a", "http://shop.example/b")
    assert "at most 10,000 tasks; there is room for 1 more" in text
    assert "http://shop.example/a\r\nhttp://shop.example/b</textarea>" in text
    assert Task.objects.visible().filter(squid=squid).count() == TASK_LIMIT - 1
    page(client, squid, "http://shop.example/a")
    assert Task.objects.visible().filter(squid=squid).count() == TASK_LIMIT


def fill(squid: Squid, upto: int) -> None:
    first = Task.objects.filter(squid=squid).count()
    Task.objects.bulk_create(
        [
            Task(
                squid=squid, position=n + 1, params={"url": f"http://f.example/{n}"}, digest=f"{n}"
            )
            for n in range(first, upto)
        ],
        batch_size=500,
    )


def test_one_of_several_parameters(client: Client, places: Squid) -> None:
    url = reverse("squids:add_tasks", args=[places.uid])
    client.post(url, {"task-city": "Lisbon", "task-country": ""})
    assert tasks(places) == [{"city": "Lisbon"}]
    response = client.post(url, {"task-city": "", "task-country": "Portugal"})
    assert response.status_code == 422
    assert 'value="Portugal"' in response.content.decode()
    assert len(tasks(places)) == 1


def test_lines_of_several_parameters(client: Client, places: Squid) -> None:
    page(client, places, "Lisbon,Portugal", '"Nice, sea",France', "Oslo")
    assert tasks(places) == [
        {"city": "Lisbon", "country": "Portugal"},
        {"city": "Nice, sea", "country": "France"},
        {"city": "Oslo"},
    ]


def test_lines_under_a_header(client: Client, places: Squid) -> None:
    page(client, places, "country\tcity", "Portugal\tLisbon")
    assert tasks(places) == [{"city": "Lisbon", "country": "Portugal"}]


def test_line_with_too_many_cells_stays(client: Client, places: Squid) -> None:
    text = page(client, places, "Lisbon,Portugal", "a,b,c")
    assert "Line 1: It has 3 cells and there are 2 columns." in text
    assert "a,b,c</textarea>" in text


def test_unfinished_run_keeps_its_tasks(client: Client, squid: Squid) -> None:
    run = factories.run(squid, status=Status.RUNNING)
    text = page(client, squid, "http://shop.example/a")
    assert "applies to the next one" in text
    assert run.run_tasks.count() == 3


def test_sent_from_the_steps_it_goes_back_there(client: Client, squid: Squid) -> None:
    response = paste(client, squid, "http://shop.example/a", **{"from": "edit"})
    assert response.headers["Location"] == reverse("squids:edit", args=[squid.uid])
