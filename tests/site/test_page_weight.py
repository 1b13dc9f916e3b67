"""A page weighs little with all it needs, so that it is usable on a slow line."""

from __future__ import annotations

import re
from pathlib import Path

from curl_cffi import requests

from tests.site.running import running

LIMIT = 150_000


def test_the_list_with_its_assets(tmp_path: Path) -> None:
    with running(tmp_path / "data") as site:
        browser: requests.Session[requests.Response] = requests.Session()
        page = browser.get(site.link)
        base = site.link.partition("/signin/")[0]
        assets = set(re.findall(r'(?:href|src)="(/static/[^"?]+)', page.text))
        assert len(assets) > 3
        answers = [page, *(browser.get(base + path) for path in assets)]
        assert all(answer.status_code == 200 for answer in answers)
        assert all("content-encoding" in answer.headers for answer in answers)
        weights = [int(str(answer.headers["content-length"])) for answer in answers]
        assert sum(weights) < LIMIT
