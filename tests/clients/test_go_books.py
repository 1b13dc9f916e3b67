"""``lobstr go`` on a folder of saved product pages that none of us wrote (make test-corpus)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.clients.place import Place, place, surroundings
from tests.clients.terminal import Lobstr
from tests.folder_server import serving
from tests.runs.test_saved_pages import RECIPE, pages, written

pytestmark = pytest.mark.corpus

__all__ = ["pages"]


@pytest.fixture
def address(pages: list[Path]) -> Iterator[str]:
    with serving(pages[0].parent) as address:
        yield address


@pytest.fixture
def reading(address: str, tmp_path: Path) -> Iterator[Place]:
    """A site of its own, which may read the folder's server."""
    with place(tmp_path / "data", allowed=address) as found:
        yield found


def test_every_page_is_in_the_file(
    reading: Place, pages: list[Path], address: str, tmp_path: Path, asked: set[str]
) -> None:
    own = {"LOBSTR_API_BASE": reading.base, "LOBSTR_TOKEN": reading.keys["ada"]}
    lobstr = Lobstr(surroundings(tmp_path, **own), tmp_path, asked)
    (tmp_path / "urls.txt").write_text("".join(f"http://{address}/{p.name}\n" for p in pages))
    words = ["--file", "urls.txt", "-p", f"recipe={json.dumps(RECIPE)}", "-c", "8", "-o", "out.csv"]
    said = lobstr("go", "web-scraper", *words)
    assert f"Downloaded {len(pages)} results to out.csv" in said.err
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = {row["upc"]: row for row in csv.DictReader(text)}
    prices = [Decimal(written(page, r'class="price_color">\D*([\d.]+)')) for page in pages]
    assert sum(Decimal(row["price"]) for row in rows.values()) == sum(prices)
    assert set(rows) == {written(page, r"<th>UPC</th>\s*<td>([^<]+)") for page in pages}
