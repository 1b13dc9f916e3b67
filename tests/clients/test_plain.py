"""What scripts do without the SDK, as documentation shows it: plain requests, links followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.clients.conftest import Maker
from tests.clients.place import Place, sold

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def plain(here: Place) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Token {here.keys['ada']}"}
    with httpx.Client(headers=headers, base_url=here.base) as client:
        yield client


@pytest.fixture(scope="module")
def squid(make: Maker) -> Iterator[str]:
    with make.kept("/category/toys/", "/category/music/") as squid:
        make.run(squid)
        make.run(squid)
        yield squid


def followed(client: httpx.Client, address: str) -> list[dict[str, Any]]:
    """Every item of a list, by its ``next`` links as they are."""
    items: list[dict[str, Any]] = []
    link: str | None = address
    while link:
        answer = client.get(link)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["data"]
        link = page["next"]
        assert len(items) <= page["total_results"]
    assert len(items) == page["total_results"]
    return items


@pytest.mark.parametrize("size", ["", "&limit=7", "&page_size=99"], ids=["plain", "few", "many"])
def test_links_lead_to_everything(plain: httpx.Client, squid: str, size: str) -> None:
    (first, *_) = followed(plain, f"runs?squid={squid}")
    rows = followed(plain, f"results?run={first['id']}{size}")
    assert {row["sku"] for row in rows} == set(sold("toys")) | set(sold("music"))
    assert len({row["id"] for row in rows}) == 600


@pytest.mark.parametrize(
    "path",
    [
        "crawlers?limit=2",
        "squids?limit=1",
        "tasks?squid={squid}&limit=1",
        "runs?squid={squid}&limit=1",
        "runtasks?run={run}&limit=1",
        "accounts?limit=1",
        "account_types?limit=1",
    ],
    ids=lambda path: re.split(r"\W", path)[0],
)
def test_every_list_has_links(plain: httpx.Client, squid: str, path: str) -> None:
    run = plain.get("runs", params={"squid": squid}).json()["data"][0]["id"]
    items = followed(plain, path.format(squid=squid, run=run))
    names = [str(item.get("id")) for item in items]
    assert len(names) == len(set(names))


def test_other_names_of_lists(plain: httpx.Client, squid: str) -> None:
    run = plain.get("runs", params={"squid": squid}).json()["data"][0]["id"]
    one, other = (plain.get(p).json() for p in (f"runtasks?run={run}", f"runs/{run}/tasks"))
    assert one["data"] == other["data"]
    one, other = (plain.get(path).json() for path in ("account_types", "accounts/types"))
    assert one["data"] == other["data"]


def test_a_download_needs_no_key(plain: httpx.Client, squid: str) -> None:
    run = plain.get("runs", params={"squid": squid}).json()["data"][0]["id"]
    link = plain.get(f"runs/{run}/download").json()["s3"]
    answer = httpx.get(link)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == 601
    broken = re.sub(r"[\w-]{6}$", "AAAAAA", link)
    assert httpx.get(broken).status_code == 403


def test_columns_need_no_key(here: Place, crawlers: dict[str, str]) -> None:
    answer = httpx.get(f"{here.base}crawlers/{crawlers['test-shop']}/attributes")
    assert [column["name"] for column in answer.json()["data"]] == ["sku", "title", "price"]


@pytest.mark.parametrize("path", ["me/", "squids/", "no/such", "runs/", "delivery"])
def test_nothing_is_redirected(plain: httpx.Client, path: str) -> None:
    answer = plain.get(path)
    assert answer.status_code == 404 and answer.json()["error"] == answer.json()["detail"]


def test_a_launch_that_is_repeated(plain: httpx.Client, make: Maker) -> None:
    squid = make("/category/toys/")
    body, key = {"squid": squid}, {"Idempotency-Key": f"nightly {squid}"}
    first, again = (plain.post("runs", json=body, headers=key) for _ in range(2))
    assert first.is_success, first.text
    assert first.json()["id"] == again.json()["id"]
    assert len(plain.get("runs", params=body).json()["data"]) == 1
