"""The SDK: tasks one by one, by file, and what a run made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lobstrio import APIError, LobstrClient, NotFoundError

from tests.clients.conftest import Maker
from tests.clients.kinds import Part
from tests.site.running import until

pytestmark = pytest.mark.clients

NOBODY = "0" * 32


@pytest.mark.covers("tasks.add")
def test_add(api: Part, make: Maker) -> None:
    squid = make()
    urls = [{"url": f"http://shop.example/{number}"} for number in (1, 2, 2)]
    added = api.tasks.add(squid=squid, tasks=urls)
    assert [task.params for task in added.tasks] == urls[:2]
    assert added.duplicated_count == 1
    assert all(task.is_active and len(task.id) == 32 and task.created_at for task in added.tasks)
    again = api.tasks.add(squid=squid, tasks=urls)
    assert (again.tasks, again.duplicated_count) == ([], 3)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"url": "http://shop.example/", "colour": "red"}, "colour"),
        ({}, "url"),
        ({"url": None}, "url"),
        ({"url": "ftp://shop.example/"}, "url"),
        ({"url": ["http://shop.example/"]}, "url"),
    ],
    ids=["unknown", "missing", "null", "no web address", "a list"],
)
def test_a_task_that_is_refused(api: Part, make: Maker, task: dict[str, Any], said: str) -> None:
    squid = make()
    with pytest.raises(APIError) as refused:
        api.tasks.add(squid=squid, tasks=[{"url": "http://shop.example/"}, task])
    assert refused.value.status_code == 400 and said in refused.value.message
    assert api.tasks.list(squid=squid) == [], "all or nothing"


@pytest.mark.covers("tasks.list", "tasks.iter")
def test_lists(api: Part, make: Maker) -> None:
    squid = make()
    urls = [{"url": f"http://shop.example/{number}"} for number in range(130)]
    added = {task.id for task in api.tasks.add(squid=squid, tasks=urls).tasks}
    assert len(api.tasks.list(squid=squid)) == 50
    assert len(api.tasks.list(squid=squid, limit=100, page=2)) == 30
    assert api.tasks.list(squid=squid, limit=100, page=3) == []
    walked = api.tasks.iter(squid=squid)
    assert {task.id for task in walked} == added and len(walked) == 130
    assert {task.params["url"] for task in walked} == {task["url"] for task in urls}


@pytest.mark.covers("tasks.get")
def test_get(api: Part, make: Maker) -> None:
    squid = make("/category/toys/", "/status/404/category/toys/", params={"max_pages": 2})
    good, bad = (
        next(
            task for task in api.tasks.list(squid=squid) if ("/status/" in task.params["url"]) == b
        )
        for b in (False, True)
    )
    waiting = api.tasks.get(good.id)
    assert (waiting.id, waiting.params) == (good.id, good.params)
    assert waiting.status is None or waiting.status.status == "pending"
    make.run(squid)
    done, failed = api.tasks.get(good.id).status, api.tasks.get(bad.id).status
    assert (done.status, done.total_results, done.total_pages) == ("completed", 40, 2)
    assert (done.has_errors, failed.has_errors) == (False, True)
    assert (failed.status, failed.total_results) == ("failed", 0)


def upload(api: Part, squid: str, file: Path) -> Any:
    """The state of an upload that has ended."""
    started = api.tasks.upload(squid=squid, file=file)
    assert started["object"] == "task_upload"

    def ended() -> Any:
        status = api.tasks.upload_status(started["id"])
        return status if status.state not in ("PENDING", "PROGRESS") else None

    return until(ended, "the upload")


@pytest.mark.covers("tasks.upload", "tasks.upload_status")
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_upload(api: Part, make: Maker, tmp_path: Path, suffix: str) -> None:
    squid, file = make("/already/"), tmp_path / f"tasks.{suffix}"
    have = api.tasks.list(squid=squid)[0].params["url"]
    urls = ["http://shop.example/a", have, '"http://shop.example/?q=1,2"', "no address"]
    file.write_text("\n".join(["url", *urls]) + "\n")
    status = upload(api, squid, file)
    assert status.state == "SUCCESS"
    meta = status.meta
    assert (meta.valid, meta.inserted, meta.duplicates, meta.invalid) == (3, 2, 1, 1)
    assert len(api.tasks.list(squid=squid)) == 3


def test_a_large_upload(api: Part, make: Maker, tmp_path: Path) -> None:
    squid, file = make(), tmp_path / "many.csv"
    file.write_text("url\n" + "".join(f"http://shop.example/{n}\n" for n in range(3_000)))
    assert upload(api, squid, file).meta.inserted == 3_000
    assert len(api.tasks.iter(squid=squid, limit=100)) == 3_000


@pytest.mark.parametrize("text", ["", "colour\nred\n"], ids=["empty", "other header"])
def test_a_file_that_is_no_good(api: Part, make: Maker, tmp_path: Path, text: str) -> None:
    file = tmp_path / "tasks.csv"
    file.write_text(text)
    with pytest.raises(APIError) as refused:
        api.tasks.upload(squid=make(), file=file)
    assert refused.value.status_code == 400 and "file" in refused.value.message


@pytest.mark.covers("tasks.delete")
def test_delete(api: Part, make: Maker) -> None:
    squid = make("/a/", "/b/")
    gone, kept = api.tasks.list(squid=squid)
    assert api.tasks.delete(gone.id) | {"object": "task"} == {
        "id": gone.id,
        "object": "task",
        "deleted": True,
    }
    assert [task.id for task in api.tasks.list(squid=squid)] == [kept.id]
    for asks in (api.tasks.get, api.tasks.delete):
        with pytest.raises(NotFoundError) as refused:
            asks(gone.id)
        assert refused.value.body["type"] == "TaskDoesNotExist"


def test_another_users_task(api: Part, make: Maker, stranger: LobstrClient, tmp_path: Path) -> None:
    squid = make("/a/")
    task, file = api.tasks.list(squid=squid)[0].id, tmp_path / "tasks.csv"
    file.write_text("url\nhttp://shop.example/\n")
    for asks in (
        lambda: stranger.tasks.get(task),
        lambda: stranger.tasks.delete(task),
        lambda: stranger.tasks.list(squid=squid),
        lambda: stranger.tasks.add(squid=squid, tasks=[{"url": "http://shop.example/"}]),
        lambda: stranger.tasks.upload(squid=squid, file=file),
        lambda: api.tasks.upload_status(NOBODY),
    ):
        with pytest.raises(NotFoundError):
            asks()
    assert [found.id for found in api.tasks.list(squid=squid)] == [task]
