"""The link checker on a folder of saved pages that none of us wrote (make test-corpus).

Most of their links lead to what was not saved. Which do is seen in the folder itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from pytest_django import Settings

from runs import lifecycle
from runs.models import Result
from runs.states import Status
from tests.folder_server import serving
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = [pytest.mark.corpus, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def folder() -> Path:
    named = os.environ.get("LOBSTR_BOOKS")
    assert named, "LOBSTR_BOOKS names the folder; make test-corpus BOOKS=folder sets it"
    return Path(named)


@pytest.fixture
def address(folder: Path, settings: Settings) -> Iterator[str]:
    with serving(folder) as address:
        settings.ALLOW_PRIVATE = frozenset({address})
        yield address


def written(folder: Path, home: str) -> set[str]:
    """Links to the same site that stand in the pages, and those of the folder's own list."""
    found = {f"{home}{page.name}" for page in folder.iterdir()}
    for page in folder.glob("*.html"):
        text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"(<script\b[^>]*>).*?</script>", r"\1", text, flags=re.S)
        for link in re.findall(r"\b(?:href|src)\s*=\s*[\"']([^\"']*)[\"']", text):
            found.add(urldefrag(urljoin(f"{home}{page.name}", link.strip())).url)
    return {url for url in found if url.startswith(home)} - {home}


def test_every_link_of_every_page(folder: Path, address: str, make_squid: MakeSquid) -> None:
    home = f"http://{address}/"
    squid = make_squid(home, crawler="link-checker", max_pages=1_000, depth=1, external=False)
    run = lifecycle.start(squid, by="owner")
    work(budget=240)
    run = fresh(run)
    assert (run.status, broken(run)) == (Status.DONE, [])
    rows = {result.row["url"]: result.row for result in Result.objects.filter(run=run)}
    rows.pop(home, None)
    expected = written(folder, home)
    assert len(expected) > 300
    assert set(rows) == expected
    for url, row in rows.items():
        is_there = (folder / unquote(urlsplit(url).path).lstrip("/")).is_file()
        assert (row["result"], row["status"]) == (("ok", 200) if is_there else ("broken", 404)), url
