"""The command line: runs and results."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lobstrio import LobstrClient

from tests.clients.conftest import Maker
from tests.clients.place import SLOWLY, rows_of, sold
from tests.clients.terminal import Lobstr

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def squid(make: Maker) -> Iterator[str]:
    """A squid that ran once over two pages of one category; nobody changes it."""
    paths = ("/category/toys/", "/status/404/nothing/")
    with make.kept(*paths, params={"max_pages": 2}) as squid:
        make.run(squid)
        yield squid


@pytest.fixture(scope="module")
def run(client: LobstrClient, squid: str) -> str:
    return client.runs.list(squid=squid)[0].id


@pytest.mark.covers("lobstr run start")
def test_start(lobstr: Lobstr, make: Maker, tmp_path: Path) -> None:
    squid = make("/category/toys/")
    words = ("run", "start", squid, "--download", "out.csv", "--poll", "0.1")
    said = lobstr(*words)
    assert "Started run" in said.err and "Downloaded results to out.csv" in said.err
    assert "done" in said.out
    assert rows_of(tmp_path / "out.csv") == sold("toys")
    slow = make(SLOWLY)
    told = lobstr("--json", "run", "start", slow).json
    assert told["status"] in ("pending", "running")
    refused = lobstr.fails("run", "start", slow)
    assert "This squid has an unfinished run." in refused.err


@pytest.mark.covers("lobstr run watch", "lobstr run abort")
def test_watch_and_abort(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    run = client.runs.start(squid=make(SLOWLY)).id
    late = lobstr.fails("run", "watch", run, "--timeout", "0.2", "--poll", "0.1")
    assert "still running server-side" in late.err
    seen = lobstr.watched("run", "watch", run, stop=lambda text: "0/1 tasks" in text)
    assert "Stopped watching." in seen and not client.runs.stats(run).is_done
    assert f"Aborted run {run}" in lobstr("run", "abort", run).err
    said = lobstr("run", "watch", run, "--poll", "0.1")
    assert "aborted" in said.out
    told = lobstr("--json", "run", "watch", run).out
    assert json.loads(told[told.index("{") :])["status"] == "aborted"
    refused = lobstr.fails("run", "abort", run)
    assert "[404]" in refused.err


@pytest.mark.covers("lobstr run ls", "lobstr run show", "lobstr run stats", "lobstr run tasks")
def test_looking(lobstr: Lobstr, squid: str, run: str) -> None:
    said = lobstr("run", "ls", squid).out
    assert run in said and "done" in said and "40" in said
    assert [found["id"] for found in lobstr("--json", "run", "ls", squid).json] == [run]
    assert lobstr("--json", "run", "ls", squid, "--page", "2").json == []
    shown = lobstr("run", "show", run).out
    assert all(word in shown for word in (run, "done", "40", "user", "True"))
    assert lobstr("--json", "run", "show", run).json["credit_used"] == 40
    stats = lobstr("run", "stats", run).out
    assert "100%" in stats and "2/2" in stats
    assert lobstr("--json", "run", "stats", run).json["total_tasks_left"] == 0
    tasks = lobstr("run", "tasks", run).out
    assert "/category/toys/" in tasks and "/status/404/" in tasks
    assert len(lobstr("--json", "run", "tasks", run, "--limit", "1").json) == 1


@pytest.mark.parametrize("command", ["show", "stats", "tasks", "abort", "watch", "download"])
def test_a_run_that_is_not_there(lobstr: Lobstr, command: str) -> None:
    refused = lobstr.fails("run", command, "0" * 32)
    assert refused.err.startswith(("Error:", "\nError:", "⠋"))
    lobstr.fails("run", command, "abc")


@pytest.mark.covers("lobstr run download")
def test_download(lobstr: Lobstr, run: str, tmp_path: Path) -> None:
    lobstr("run", "download", run, "rows.csv")
    assert rows_of(tmp_path / "rows.csv") == sold("toys", 2)
    link = lobstr("--json", "run", "download", run).json["s3"]
    assert link.startswith("http://127.0.0.1:")


@pytest.mark.covers("lobstr results get")
def test_results(lobstr: Lobstr, squid: str, tmp_path: Path) -> None:
    rows = lobstr("results", "get", squid).json
    assert {row["sku"] for row in rows} == set(sold("toys", 2))
    page = lobstr("results", "get", squid, "--page", "2", "--page-size", "30").json
    assert len(page) == 10
    lobstr("results", "get", squid, "-o", "rows.json")
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 40
    lobstr("results", "get", squid, "--format", "csv", "-o", "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as text:
        table = list(csv.DictReader(text))
    assert {row["sku"]: row["title"] for row in table} == {
        sku: item["title"] for sku, item in sold("toys", 2).items()
    }
    assert "LB-" in lobstr("results", "get", squid, "--format", "csv").out


def test_no_results(lobstr: Lobstr, make: Maker) -> None:
    squid = make()
    assert lobstr("results", "get", squid).json == []
    assert "No results found" in lobstr("results", "get", squid, "--format", "csv").err
