"""The command line: crawlers."""

from __future__ import annotations

import pytest

from tests.clients.terminal import Lobstr

pytestmark = pytest.mark.clients


@pytest.mark.covers("lobstr crawlers ls", "lobstr crawlers search")
def test_lists(lobstr: Lobstr, crawlers: dict[str, str]) -> None:
    said = lobstr("crawlers", "ls").out
    assert all(slug in said and uid in said for slug, uid in crawlers.items())
    told = lobstr("--json", "crawlers", "ls").json
    assert {crawler["slug"]: crawler["id"] for crawler in told} == crawlers
    found = lobstr("crawlers", "search", "SCRAPER").out
    assert "web-scraper" in found and "test-shop" not in found
    assert lobstr("--json", "crawlers", "search", "no such thing").json == []


@pytest.mark.covers("lobstr crawlers show")
def test_show(lobstr: Lobstr, crawlers: dict[str, str]) -> None:
    for word in ("web-scraper", "Web scraper", crawlers["web-scraper"]):
        said = lobstr("crawlers", "show", word)
        assert crawlers["web-scraper"] in said.out and "max_pages" in said.out
        assert "available" in said.out and "Needs Account" in said.out
    prefix = lobstr("--json", "crawlers", "show", crawlers["test-places"][:12]).json
    assert prefix["slug"] == "test-places"
    members = lobstr("crawlers", "show", "test-members").out
    assert "test-members" in members


@pytest.mark.covers("lobstr crawlers params")
def test_params(lobstr: Lobstr) -> None:
    said = lobstr("crawlers", "params", "test-places")
    for word in ("city", "country", "language", "en, fr", "token", "email", "9"):
        assert word in said.out
    assert "Task-level parameters" in said.err and "extra credits" in said.err
    told = lobstr("--json", "crawlers", "params", "web-scraper").json
    assert set(told["task_params"]) == {"url"} and "recipe" in told["squid_params"]


@pytest.mark.covers("lobstr crawlers attrs")
def test_attrs(lobstr: Lobstr) -> None:
    said = lobstr("crawlers", "attrs", "test-shop").out
    assert all(name in said for name in ("sku", "title", "price"))
    told = lobstr("--json", "crawlers", "attrs", "test-shop").json
    assert [column["name"] for column in told] == ["sku", "title", "price"]


@pytest.mark.parametrize("command", ["show", "params", "attrs"])
def test_a_crawler_that_is_not_there(lobstr: Lobstr, command: str) -> None:
    refused = lobstr.fails("crawlers", command, "no-such")
    assert "No crawler matching slug 'no-such'" in refused.err
    refused = lobstr.fails("crawlers", command, "0" * 32)
    assert "[404]" in refused.err
