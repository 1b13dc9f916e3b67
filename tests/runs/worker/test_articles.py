"""The article scraper, from launch to done, on a paper in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Line, Result, RunTask
from runs.states import Status, TaskStatus
from tests.folder_server import serving
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paper(tmp_path: Path, settings: Settings) -> Iterator[str]:
    """Eight articles, and pages that are none."""
    folder = tmp_path / "paper"
    folder.mkdir()
    for number in range(8):
        day = f'<meta property="article:published_time" content="2025-06-0{number + 1}">'
        text = f"<p>Story {number} goes on for a while, as stories of this paper do.</p>" * 9
        html = f"<html lang=en><title>Story {number}</title>{day}<nav>Menu</nav><main>{text}</main>"
        (folder / f"{number}.html").write_text(html)
    (folder / "empty.html").write_text("<html><body><div id=app></div></body></html>")
    (folder / "huge.html").write_text("<p>" * 150_000)
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7")
    settings.HOSTS_DIR = tmp_path / "hosts"
    with serving(folder) as address:
        settings.ALLOW_PRIVATE = frozenset({address})
        yield f"http://{address}"


def test_every_article_and_a_clear_word_for_what_is_none(paper: str, make_squid: MakeSquid) -> None:
    names = [*(f"{number}.html" for number in range(8)), "empty.html", "huge.html", "paper.pdf"]
    squid = make_squid(*(f"{paper}/{name}" for name in names), crawler="article-scraper")
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.results, run.credits) == (Status.DONE, 8, 8_000)
    rows = {row.row["title"]: row.row for row in Result.objects.filter(run=run)}
    assert {row["date"] for row in rows.values()} == {f"2025-06-0{day}" for day in range(1, 9)}
    assert all(title in row["text"] and "Menu" not in row["text"] for title, row in rows.items())
    tasks = list(RunTask.objects.filter(run=run).order_by("position"))
    assert [task.status for task in tasks[8:]] == [
        TaskStatus.COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.FAILED,
    ]
    assert "150,000 tags" in tasks[9].message
    assert "a PDF document" in tasks[10].message
    assert Line.objects.filter(run=run, text__contains="No article").count() == 1
    assert broken(run) == []
