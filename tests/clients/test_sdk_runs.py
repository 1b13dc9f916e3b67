"""The SDK: runs that end well, badly, early, with nothing, and those that are not there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lobstrio import APIError, AsyncLobstrClient, LobstrClient, NotFoundError, Run, RunTimeout

from tests.clients.conftest import Maker
from tests.clients.kinds import Part
from tests.clients.place import SLOWLY, Place, rows_of, sold
from tests.site.running import until

pytestmark = pytest.mark.clients

NOBODY = "0" * 32


@pytest.fixture(scope="module")
def done(make: Maker) -> Iterator[str]:
    """A run of one category, all pages; nobody changes it."""
    with make.kept("/category/toys/") as squid:
        yield make.run(squid)


@pytest.mark.covers("runs.start", "runs.wait")
def test_start_and_wait(api: Part, make: Maker) -> None:
    squid = make("/slow/100/category/toys/", "/category/music/", params={"max_pages": 3})
    run = api.runs.start(squid=squid)
    assert run.status in ("pending", "running") and not run.export_done
    assert (run.origin, run.ended_at, run.raw["squid"]) == ("user", None, squid)
    seen: list[Any] = []
    ended = api.runs.wait(run.id, poll_interval=0.05, timeout=60, callback=seen.append)
    assert (ended.id, ended.status, ended.export_done) == (run.id, "done", True)
    assert ended.done_reason in ("tasks_done", "last_page_reached") and ended.done_reason_desc
    assert ended.total_results == ended.total_unique_results == ended.credit_used == 120
    assert ended.started_at and ended.ended_at and ended.started_at < ended.ended_at
    assert seen[-1].is_done and not seen[0].is_done
    assert (seen[-1].total_tasks, seen[-1].total_tasks_done, seen[-1].total_tasks_left) == (2, 2, 0)
    percents = [float(stats.percent_done.removesuffix("%")) for stats in seen]
    assert percents == sorted(percents) and percents[-1] == 100


@pytest.mark.covers("runs.call")
def test_call(api: Part, make: Maker) -> None:
    run = api.runs.call(squid=make("/category/toys/"), poll_interval=0.05)
    assert (run.status, run.total_results) == ("done", 300)


@pytest.mark.covers("runs.get", "runs.stats")
def test_one_run(api: Part, done: str) -> None:
    run, stats = api.runs.get(done), api.runs.stats(done)
    assert (run.id, run.status, run.total_results, run.credit_used) == (done, "done", 300, 300)
    assert (stats.percent_done, stats.is_done, stats.total_results) == ("100%", True, 300)
    assert (stats.total_tasks, stats.total_tasks_done, stats.total_tasks_left) == (1, 1, 0)
    assert isinstance(stats.eta, str)


@pytest.mark.covers("runs.list", "runs.iter")
def test_lists(api: Part, make: Maker) -> None:
    squid = make("/category/toys/", params={"max_pages": 1})
    runs = [make.run(squid) for _ in range(3)]
    assert [run.id for run in api.runs.list(squid=squid)] == runs[::-1]
    assert [run.id for run in api.runs.list(squid=squid, limit=2, page=2)] == runs[:1]
    assert api.runs.list(squid=squid, limit=2, page=3) == []
    assert [run.id for run in api.runs.iter(squid=squid, limit=1)] == runs[::-1]
    told = api.squids.get(squid)
    assert (told.total_runs, told.last_run_status) == (3, "DONE")


@pytest.mark.covers("runs.tasks")
def test_its_tasks(api: Part, make: Maker) -> None:
    run = make.ran("/category/toys/", "/status/404/category/toys/", params={"max_pages": 2})
    tasks = api.runs.tasks(run)
    assert {len(task.id) for task in tasks} == {32}
    assert sorted("/status/" in task.params["url"] for task in tasks) == [False, True]
    assert len(api.runs.tasks(run, limit=1, page=2)) == 1
    assert api.runs.tasks(run, limit=1, page=3) == []


@pytest.mark.covers("runs.download_url", "runs.download")
def test_download(api: Part, done: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    assert api.runs.download_url(done).startswith("http://127.0.0.1:")
    api.runs.download(done, str(file))
    assert rows_of(file) == sold("toys")


@pytest.mark.covers("runs.abort")
def test_abort(api: Part, make: Maker, tmp_path: Path) -> None:
    run = api.runs.start(squid=make(SLOWLY)).id
    until(lambda: api.runs.stats(run).total_results >= 20, "the first page")
    told = api.runs.abort(run)
    assert (told["id"], told["done_reason"], told["is_done"]) == (run, "aborted", True)
    ended = api.runs.wait(run, poll_interval=0.05, timeout=60)
    assert (ended.status, ended.done_reason) == ("aborted", "aborted")
    assert 20 <= ended.total_results < 300, "what was collected is kept"
    api.runs.download(run, str(tmp_path / "rows.csv"))
    rows = rows_of(tmp_path / "rows.csv")
    assert len(rows) == ended.total_unique_results and rows.items() <= sold("toys").items()
    with pytest.raises(NotFoundError):
        api.runs.abort(run)


def test_two_launches_at_once(api: Part, make: Maker) -> None:
    squid = make(SLOWLY)
    api.runs.start(squid=squid)
    with pytest.raises(APIError) as refused:
        api.runs.start(squid=squid)
    assert refused.value.status_code == 400
    assert refused.value.body["type"] == "RunInProgress"
    assert refused.value.message == (
        "This squid has an unfinished run. Wait for its end or abort it."
    )


def test_ten_launches_at_once(here: Place, make: Maker) -> None:
    squid = make(SLOWLY)

    async def launches() -> list[Any]:
        async with AsyncLobstrClient(here.keys["ada"], here.base) as client:
            starts = (client.runs.start(squid=squid) for _ in range(10))
            return await asyncio.gather(*starts, return_exceptions=True)

    told = asyncio.run(launches())
    refused = [error for error in told if isinstance(error, APIError)]
    assert {error.body["type"] for error in refused} == {"RunInProgress"}
    (run,) = (answer for answer in told if isinstance(answer, Run))
    assert len(refused) == 9 and [r.id for r in make.client.runs.list(squid=squid)] == [run.id]


def test_waiting_has_an_end(api: Part, make: Maker) -> None:
    run = api.runs.start(squid=make(SLOWLY)).id
    with pytest.raises(RunTimeout) as ended:
        api.runs.wait(run, poll_interval=0.05, timeout=0.2)
    assert ended.value.run_id == run
    assert api.runs.get(run).status in ("pending", "running"), "it goes on"


def test_a_download_before_the_end(api: Part, make: Maker, tmp_path: Path) -> None:
    run = api.runs.start(squid=make(SLOWLY)).id
    until(lambda: api.runs.stats(run).total_results >= 20, "the first page")
    api.runs.download(run, str(tmp_path / "rows.csv"))
    rows = rows_of(tmp_path / "rows.csv")
    assert 20 <= len(rows) < 300 and rows.items() <= sold("toys").items()
    assert not api.runs.stats(run).is_done


def test_a_run_whose_tasks_all_fail(api: Part, make: Maker, tmp_path: Path) -> None:
    run = api.runs.get(make.ran("/status/404/a/", "/status/410/b/"))
    assert (run.status, run.total_results, run.credit_used) == ("done", 0, 0)
    assert run.done_reason == "tasks_done"
    assert api.results.page(run=run.id)["data"] == []
    api.runs.download(run.id, str(tmp_path / "rows.csv"))
    assert rows_of(tmp_path / "rows.csv") == {}


def test_a_run_without_rows(api: Part, make: Maker, tmp_path: Path) -> None:
    run = make.ran("/news/", params={"max_pages": 1})
    assert api.runs.get(run).total_results == 0
    page = api.results.page(run=run)
    assert (page["total_results"], page["data"], page["next"]) == (0, [], None)
    api.runs.download(run, str(tmp_path / "rows.csv"))
    assert (tmp_path / "rows.csv").read_text("utf-8-sig").strip() in ("", "sku,title,price")


def test_a_run_that_a_bug_of_its_crawler_ends(api: Part, make: Maker, tmp_path: Path) -> None:
    squid = api.squids.create(make.crawlers["test-bug"]).id
    api.squids.update(squid, params={"mended": str(tmp_path / "mended")})
    paths = ("/category/toys/", "/category/music/?bug")
    tasks = [{"url": f"{make.here.shop}{path}"} for path in paths]
    api.tasks.add(squid=squid, tasks=tasks)
    run = api.runs.call(squid=squid, poll_interval=0.05, timeout=60)
    assert (run.status, run.done_reason) == ("error", "crawler_error")
    assert run.raw["is_done"] is True and run.raw["message"]
    api.runs.download(run.id, str(tmp_path / "rows.csv"))
    assert len(rows_of(tmp_path / "rows.csv")) == run.total_unique_results, "it is kept"


def test_a_squid_that_was_never_set_up(api: Part, make: Maker) -> None:
    squid = api.squids.create(make.crawlers["web-scraper"]).id
    api.tasks.add(squid=squid, tasks=[{"url": f"{make.here.shop}/category/toys/"}])
    run = api.runs.call(squid=squid, poll_interval=0.05, timeout=60)
    assert (run.status, run.total_results) == ("done", 1), "a row about the page"
    (row,) = api.results.list(run=run.id)
    assert "Toys" in row["title"] and row["url"].endswith("/category/toys/")


def test_nothing_to_launch(api: Part, make: Maker) -> None:
    with pytest.raises(APIError) as refused:
        api.runs.start(squid=make())
    assert refused.value.body["type"] == "NoTasksPresent"


def test_an_inactive_squid(api: Part, make: Maker) -> None:
    with pytest.raises(APIError) as refused:
        api.runs.start(squid=make("/category/toys/", is_active=False))
    assert refused.value.status_code == 400 and "deactivated" in refused.value.message


@pytest.mark.parametrize("method", ["get", "stats", "tasks", "abort", "download_url", "wait"])
def test_a_run_that_is_not_there(api: Part, stranger: LobstrClient, done: str, method: str) -> None:
    for asks in (getattr(api.runs, method), getattr(stranger.runs, method)):
        with pytest.raises(NotFoundError) as refused:
            asks(NOBODY if isinstance(asks, Part) else done)
        assert refused.value.body["type"] == "RunDoesNotExist"


def test_the_runs_of_a_squid_that_is_not_there(api: Part) -> None:
    for asks in (api.runs.list, api.runs.iter, api.runs.start):
        with pytest.raises(NotFoundError):
            asks(squid=NOBODY)
