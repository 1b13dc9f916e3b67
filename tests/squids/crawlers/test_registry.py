"""Which crawlers there are; a broken plug-in is left out, the others work on."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from squids.crawlers import registry

GOOD = """
from squids.crawlers.interface import Crawler, Outcome, Request

class Good(Crawler):
    slug = "plugged-in"
    name = "Plugged in"
    def start(self, task, settings): return [Request(task["url"])]
    def parse(self, response, request, settings): return Outcome()

class Unhyphenated(Good):
    slug = "plugged"

class Raises(Good):
    def __init__(self): raise RuntimeError("no licence")

class Abstract(Crawler):
    slug = "not-whole"

class Other: slug = "not-a-crawler"
"""
POINTS = """[lobstr.crawlers]
good = shown_plugin:Good
broken = broken_plugin:Anything
missing = shown_plugin:Nowhere
unhyphenated = shown_plugin:Unhyphenated
raises = shown_plugin:Raises
abstract = shown_plugin:Abstract
other = shown_plugin:Other
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution with one good crawler and six that cannot be loaded."""
    (tmp_path / "shown_plugin.py").write_text(GOOD)
    (tmp_path / "broken_plugin.py").write_text("raise SyntaxError('half an install')")
    info = tmp_path / "shown-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shown\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.all.cache_clear()
    yield
    registry.all.cache_clear()
    sys.modules.pop("shown_plugin", None)


def test_the_web_scraper_is_built_in() -> None:
    crawler = registry.get("web-scraper")
    assert crawler.name == "Web scraper"
    assert len(crawler.id) == 32
    assert (crawler.max_concurrency, crawler.credits_per_row) == (64, 1000)


@pytest.mark.usefixtures("plugins")
def test_a_broken_plug_in_does_not_take_the_rest_down(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        slugs = set(registry.all())
    assert {"web-scraper", "plugged-in"} <= slugs
    assert not {"plugged", "not-whole", "not-a-crawler"} & slugs
    reported = " ".join(record.getMessage() for record in caplog.records)
    for name in ("broken", "missing", "unhyphenated", "raises", "abstract", "other"):
        assert f"The crawler {name} (" in reported


def test_an_unknown_slug_is_named() -> None:
    with pytest.raises(registry.UnknownCrawler, match="“no-such” is installed"):
        registry.get("no-such")


@pytest.mark.usefixtures("plugins")
def test_a_plug_in_is_known_by_its_package() -> None:
    assert registry.package("plugged-in") == registry.Package("shown", "1.0")
    assert registry.package("web-scraper") is None
    assert registry.package("no-such") is None
