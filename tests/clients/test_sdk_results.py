"""The SDK: rows page by page, also past the end, and many pages in quick succession."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lobstrio import APIError, LobstrClient, NotFoundError

from tests.clients.conftest import Maker
from tests.clients.kinds import Part
from tests.clients.place import sold

pytestmark = pytest.mark.clients

NOBODY = "0" * 32


@pytest.fixture(scope="module")
def squid(make: Maker) -> Iterator[str]:
    """A squid with a run of two categories and an older one of the same; nobody changes it."""
    with make.kept("/category/toys/", "/category/music/", params={"max_pages": 8}) as squid:
        make.run(squid)
        make.run(squid)
        yield squid


@pytest.fixture(scope="module")
def run(client: LobstrClient, squid: str) -> str:
    return client.runs.list(squid=squid)[0].id


@pytest.mark.covers("results.page")
def test_a_page(api: Part, squid: str, run: str) -> None:
    page = api.results.page(run=run, page=2, page_size=50)
    assert (page["total_results"], page["total_pages"], page["page"]) == (320, 7, 2)
    assert (page["limit"], page["result_from"], page["result_to"]) == (50, 51, 100)
    assert page["next"].startswith("http://127.0.0.1:") and page["previous"]
    row = page["data"][0]
    assert (row["object"], row["squid"], row["run"]) == ("result", squid, run)
    assert len(row["id"]) == 32 and row["scraping_time"]
    wares = sold("toys") | sold("music")
    assert row["title"] == wares[row["sku"]]["title"]
    assert row["price"] == float(wares[row["sku"]]["price"]), "a number stays one"


@pytest.mark.covers("results.list")
def test_rows(api: Part, run: str) -> None:
    assert len(api.results.list(run=run)) == 100
    assert len(api.results.list(run=run, page=4)) == 20
    assert api.results.list(run=run, page=5) == []
    assert api.results.list(run=run, page=10**9) == []


@pytest.mark.covers("results.iter")
def test_many_pages_quickly(api: Part, squid: str, run: str) -> None:
    rows = api.results.iter(run=run, page_size=20)
    assert len({row["id"] for row in rows}) == 320
    assert {row["sku"] for row in rows} == set(sold("toys", 8)) | set(sold("music", 8))
    assert len(api.results.iter(squid=squid)) == 640
    assert len(api.results.iter(run=run, page_size=20, max_pages=2)) == 40


def test_of_one_task(api: Part, squid: str, run: str) -> None:
    toys = next(t.id for t in api.tasks.list(squid=squid) if "/toys/" in t.params["url"])
    rows = api.results.iter(run=run, task=toys)
    assert {row["sku"] for row in rows} == set(sold("toys", 8)) and len(rows) == 160
    assert len(api.results.iter(task=toys)) == 320, "in both runs"


def test_of_nothing(api: Part) -> None:
    with pytest.raises(APIError) as refused:
        api.results.page()
    assert refused.value.status_code == 400


@pytest.mark.parametrize("what", ["squid", "run", "task"])
def test_of_what_is_not_there(
    api: Part, stranger: LobstrClient, squid: str, run: str, what: str
) -> None:
    with pytest.raises(NotFoundError):
        api.results.page(**{what: NOBODY})
    theirs = {"squid": squid, "run": run, "task": api.tasks.list(squid=squid)[0].id}
    with pytest.raises(NotFoundError):
        stranger.results.page(**{what: theirs[what]})
