"""The main job on a folder of saved product pages that none of us wrote (make test-corpus).

What must come out is read from the files themselves, by other means than ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import LedgerEntry, Line, Result
from runs.states import Reason, Status
from tests.folder_server import serving
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = [pytest.mark.corpus, pytest.mark.django_db(transaction=True)]

RECIPE: dict[str, Any] = {
    "fields": {
        "title": ".product_main h1",
        "price": {"select": ".product_main .price_color", "type": "number"},
        "rating": ".product_main .star-rating::attr(class)",
        "availability": ".product_main .availability",
        "upc": "//th[.='UPC']/../td",
    },
    "unique_by": ["upc"],
}


@pytest.fixture
def pages() -> list[Path]:
    folder = os.environ.get("LOBSTR_BOOKS")
    assert folder, "LOBSTR_BOOKS names the folder; make test-corpus BOOKS=folder sets it"
    found = sorted(Path(folder).glob("*.html"))
    assert found, f"no *.html in {folder}"
    return found


@pytest.fixture
def address(pages: list[Path], settings: Settings) -> Iterator[str]:
    with serving(pages[0].parent) as address:
        settings.ALLOW_PRIVATE = frozenset({address})
        yield address


def written(page: Path, pattern: str) -> str:
    found = re.search(pattern, page.read_text(encoding="utf-8"))
    assert found, f"{page} has no {pattern}"
    return found[1].strip()


def test_every_page_gives_its_row(pages: list[Path], address: str, make_squid: MakeSquid) -> None:
    urls = [f"http://{address}/{page.name}" for page in pages]
    squid = make_squid(*urls, crawler="web-scraper", concurrency=8, recipe=RECIPE)
    run = lifecycle.start(squid, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    assert run.results == run.unique_results == run.tasks_done == len(pages)
    assert sum(entry.amount for entry in LedgerEntry.objects.filter(run=run)) == run.credits
    rows = {row.row["upc"]: row.row for row in Result.objects.filter(run=run)}
    for page in pages:
        row = rows[written(page, r"<th>UPC</th>\s*<td>([^<]+)")]
        assert row["title"] and row["rating"].startswith("star-rating ")
        assert row["availability"].startswith("In stock")
        assert str(row["price"]) == str(float(written(page, r'class="price_color">\D*([\d.]+)')))
    prices = [Decimal(written(page, r'class="price_color">\D*([\d.]+)')) for page in pages]
    assert sum(Decimal(str(row["price"])) for row in rows.values()) == sum(prices)
    assert broken(run) == []


def test_pages_that_tell_machines_nothing_give_no_products(
    pages: list[Path], address: str, make_squid: MakeSquid
) -> None:
    """The shop describes its books for people alone; the console says so for each page."""
    assert not any("schema.org" in page.read_text(encoding="utf-8") for page in pages)
    urls = [f"http://{address}/{page.name}" for page in pages]
    run = lifecycle.start(make_squid(*urls, crawler="product-scraper", concurrency=8), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.reason) == (Status.DONE, Reason.TASKS_DONE)
    assert (run.results, run.credits, run.tasks_done) == (0, 0, len(pages))
    told = Line.objects.filter(run=run, level="warning", text__contains="No products")
    assert told.count() == len(pages)
    assert broken(run) == []
