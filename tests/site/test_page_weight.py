"""A page weighs little with all it needs, so that it is usable on a slow line."""

from __future__ import annotations

import re
from pathlib import Path

from curl_cffi import requests

from tests.site.running import running

LIMIT = 150_000
TOOL_LIMIT = 500_000
"""The page to try the API is a tool that nobody has to open: it is exempt, and compressed too."""


def test_pages_with_their_assets(tmp_path: Path) -> None:
    with running(tmp_path / "data") as site:
        browser: requests.Session[requests.Response] = requests.Session()
        browser.get(site.link)
        base = site.link.partition("/signin/")[0]
        for path in ("/", "/api", "/store", "/store/web-scraper"):
            assert weight(browser, base, path) < LIMIT, path
        assert weight(browser, base, "/v1/docs") < TOOL_LIMIT


def weight(browser: requests.Session[requests.Response], base: str, path: str) -> int:
    """Of the page with all it needs, as sent; everything is sent compressed."""
    page = browser.get(base + path)
    assets = set(re.findall(r'(?:href|src)="(/static/[^"?]+)', page.text))
    assert len(assets) > 3
    answers = [page, *(browser.get(base + asset) for asset in assets)]
    assert all(answer.status_code == 200 for answer in answers)
    assert all("content-encoding" in answer.headers for answer in answers)
    return sum(int(str(answer.headers["content-length"])) for answer in answers)
