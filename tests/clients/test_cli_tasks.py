"""The command line: tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lobstrio import LobstrClient

from tests.clients.conftest import Maker
from tests.clients.terminal import Lobstr
from tests.site.running import until

pytestmark = pytest.mark.clients


@pytest.mark.covers("lobstr task add", "lobstr task ls")
def test_add(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    squid = make()
    urls = ["http://shop.example/a", "http://shop.example/b", "http://shop.example/a"]
    said = lobstr("task", "add", squid, *urls)
    assert "Added 2 tasks (1 duplicates skipped)" in said.err
    tasks = client.tasks.list(squid=squid)
    shown = lobstr("task", "ls", squid).out
    assert all(task.id in shown and task.params["url"] in shown for task in tasks)
    page = lobstr("--json", "task", "ls", squid, "--limit", "1", "--page", "2").json
    assert [task["id"] for task in page] == [tasks[1].id]
    refused = lobstr.fails("task", "add", squid, "Lisbon", "--key", "city")
    assert "[400]" in refused.err and "city" in refused.err


@pytest.mark.covers("lobstr task show", "lobstr task rm")
def test_one(lobstr: Lobstr, make: Maker, client: LobstrClient) -> None:
    squid = make("/category/toys/", params={"max_pages": 1})
    make.run(squid)
    task = client.tasks.list(squid=squid)[0].id
    said = lobstr("task", "show", task).out
    assert task in said and "completed" in said and "20" in said
    told = lobstr("--json", "task", "show", task).json
    assert (told["status"]["status"], told["status"]["total_results"]) == ("completed", 20)
    assert lobstr("--json", "task", "rm", task).json["deleted"] is True
    refused = lobstr.fails("task", "show", task)
    assert "[404]" in refused.err
    assert "requires a full 32-character hash" in lobstr.fails("task", "rm", task[:8]).err


@pytest.mark.covers("lobstr task upload", "lobstr task upload-status")
def test_upload(lobstr: Lobstr, make: Maker, client: LobstrClient, tmp_path: Path) -> None:
    squid, file = make(), tmp_path / "tasks.csv"
    file.write_text("url\nhttp://shop.example/a\nhttp://shop.example/b\nno address\n")
    assert "Upload started: " in lobstr("task", "upload", squid, str(file)).err
    upload = lobstr("--json", "task", "upload", squid, str(file)).json["id"]

    def ended() -> Any:
        told = lobstr("--json", "task", "upload-status", upload).json
        return told if told["state"] == "SUCCESS" else None

    told = until(ended, "the upload")["meta"]
    assert told == {"valid": 2, "inserted": 0, "duplicates": 2, "invalid": 1}
    assert "SUCCESS" in lobstr("task", "upload-status", upload).out
    assert len(client.tasks.list(squid=squid)) == 2
