"""The product scraper, from launch to done, on a shop in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Line, Result, RunTask
from runs.states import Reason, Status, TaskStatus
from tests.folder_server import serving
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(tmp_path: Path, settings: Settings) -> Iterator[str]:
    """Three listing pages of four lamps each, the last linking to itself, and bad pages."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for number in range(12):
        lamp = {"@type": "Product", "name": f"Lamp {number}", "sku": f"L{number}"}
        lamp["offers"] = {"price": f"{number}.50", "priceCurrency": "EUR"}  # type: ignore[assignment]
        text = f'<script type="application/ld+json">{json.dumps(lamp)}</script><h1>Lamp</h1>'
        (folder / f"lamp{number}.html").write_text(text)
    for number in (1, 2, 3):
        links = "".join(
            f"<a class=p href=lamp{n}.html>x</a>" for n in range(4 * number - 4, 4 * number)
        )
        onward = f"<a class=next href=list{min(number + 1, 3)}.html>more</a>"
        (folder / f"list{number}.html").write_text(links + onward)
    (folder / "none.html").write_text("<h1>About us</h1>")
    (folder / "deep.html").write_text("<div>" * 9_000)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    settings.HOSTS_DIR = tmp_path / "hosts"
    with serving(folder) as address:
        settings.ALLOW_PRIVATE = frozenset({address})
        yield f"http://{address}"


def test_a_listing_is_followed_to_every_product(shop: str, make_squid: MakeSquid) -> None:
    squid = make_squid(f"{shop}/list1.html", crawler="product-scraper", links="a.p", next="a.next")
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.LAST_PAGE_REACHED)
    rows = {row.row["sku"]: row.row for row in Result.objects.filter(run=run)}
    assert sorted(rows) == sorted(f"L{number}" for number in range(12))
    assert rows["L7"]["price"] == 7.5
    assert rows["L7"]["url"] == f"{shop}/lamp7.html"
    assert run.credits == 12 * 1000
    assert broken(run) == []


def test_bad_pages_fail_their_task_and_the_run_goes_on(shop: str, make_squid: MakeSquid) -> None:
    names = ("lamp0.html", "none.html", "deep.html", "picture.png")
    squid = make_squid(*(f"{shop}/{name}" for name in names), crawler="product-scraper")
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.results) == (Status.DONE, 1)
    tasks = list(RunTask.objects.filter(run=run).order_by("position"))
    done, failed = TaskStatus.COMPLETED, TaskStatus.FAILED
    assert [task.status for task in tasks] == [done, done, failed, failed]
    assert "nested more than" in tasks[2].message
    assert "an image" in tasks[3].message
    assert Line.objects.filter(run=run, text__contains="No products").count() == 1
    assert broken(run) == []
