"""The JSON API scraper on the tables of ISO codes that Debian ships, beside the tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from squids.crawlers import builder
from squids.crawlers.interface import Request, Response, Row
from squids.crawlers.json_api.crawler import JsonApiScraper

pytestmark = pytest.mark.pages

CRAWLER = JsonApiScraper()
URL = "https://codes.example/table.json"


@pytest.fixture
def tables(saved_pages: Path) -> list[Path]:
    found = sorted((saved_pages / "debian/usr/share/iso-codes/json").glob("iso_*.json"))
    assert len(found) == 8
    return found


def rows(page: Response, recipe: dict[str, Any]) -> list[Row]:
    request = Request(URL, meta={"page": 1, "at": 0})
    settings = CRAWLER.prepare(CRAWLER.check_settings({"recipe": recipe}))
    return CRAWLER.parse(page, request, settings).rows


def opened(path: Path) -> tuple[Response, str, list[dict[str, Any]]]:
    page = Response(URL, 200, {"content-type": "application/json"}, path.read_bytes())
    (name, entries), *_ = json.loads(page.body).items()
    return page, name, entries


def test_every_entry_of_every_table(tables: list[Path]) -> None:
    total = 0
    for path in tables:
        page, name, entries = opened(path)
        assert rows(page, {"rows": f'"{name}"'}) == entries
        total += len(entries)
    assert total > 13_000


def test_the_first_suggestion_is_the_table_whole(tables: list[Path]) -> None:
    for path in tables:
        page, name, entries = opened(path)
        block = builder.suggest(CRAWLER.slug, page)[0][0]
        assert (block.rows, block.count) == (f'"{name}"', len(entries))
        found = rows(page, {"rows": block.rows, "fields": block.fields})
        for row, entry in zip(found, entries, strict=True):
            assert {key: value for key, value in row.items() if value is not None}.items() <= (
                {key.replace("-", "_"): value for key, value in entry.items()}.items()
            )
