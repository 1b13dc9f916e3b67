"""Downloads as a browser gets them."""

from __future__ import annotations

import asyncio
import html
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import AsyncClient

from runs.exports import sheet
from runs.models import Run
from runs.states import Status
from squids.models import User
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def get(user: User, path: str, **headers: str) -> tuple[Any, bytes]:
    async def fetch() -> tuple[Any, bytes]:
        client = AsyncClient(headers=headers)
        await client.aforce_login(user)
        response: Any = await client.get(path)
        if not response.streaming:
            return response, response.content
        return response, b"".join([block async for block in response.streaming_content])

    return asyncio.run(fetch())


@pytest.fixture
def run(owner: User) -> Run:
    of = factories.squid(owner, name="Book prices")
    return factories.results(factories.run(of), [{"a": 1}, {"a": 1}, {"a": "=2"}])


def test_a_csv_with_its_name(owner: User, run: Run) -> None:
    response, body = get(owner, f"/runs/{run.uid}/download.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    expected = 'attachment; filename="book-prices_20250304_1506.csv"'
    assert response["Content-Disposition"] == expected
    assert body == b"a\r\n1\r\n'=2\r\n"


def test_it_is_not_compressed_on_the_way(owner: User, run: Run) -> None:
    headers = {"Accept-Encoding": "gzip"}
    assert get(owner, f"/runs/{run.uid}/download.csv", **headers)[1] == b"a\r\n1\r\n'=2\r\n"


def test_all_rows_when_asked(owner: User, run: Run) -> None:
    body = get(owner, f"/runs/{run.uid}/download.jsonl?rows=all")[1]
    assert [json.loads(line)["a"] for line in body.splitlines()] == [1, 1, "=2"]


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED, Status.ABORTED])
def test_an_unfinished_or_aborted_run_has_it_too(owner: User, status: str) -> None:
    run = factories.results(factories.run(factories.squid(owner), status=status), [{"a": 1}])
    assert get(owner, f"/runs/{run.uid}/download.csv")[1] == b"a\r\n1\r\n"


def test_an_unknown_format_is_not_there(owner: User, run: Run) -> None:
    assert get(owner, f"/runs/{run.uid}/download.exe")[0].status_code == 404


def test_some_columns_are_ticked_on_the_page(owner: User, run: Run) -> None:
    """Those declared, and what rows hold besides; a name may be anything."""
    run.settings["columns"] = ["b", "a"]
    run.save()
    factories.results(run, [{"a": 3, '<c>, "d"': 4}])
    page = get(owner, f"/runs/{run.uid}")[1].decode()
    names = re.findall(r'type="checkbox" name="column" value="([^"]*)"', page)
    assert [html.unescape(name) for name in names] == ["b", "a", '<c>, "d"']
    query = urlencode({"column": ['<c>, "d"', "a"], "rows": "all"}, doseq=True)
    lines = get(owner, f"/runs/{run.uid}/download.csv?{query}")[1].splitlines()
    assert lines == [b'"<c>, ""d""",a', b",1", b",1", b",'=2", b"4,3"]


def test_a_column_that_is_none_is_refused_with_words(owner: User, run: Run) -> None:
    response, _ = get(owner, f"/runs/{run.uid}/download.csv?column=nosuch")
    assert (response.status_code, response["Location"]) == (302, f"/runs/{run.uid}")


def test_a_sheet_too_long_is_refused_with_words(owner: User, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(unique_results=sheet.ROW_LIMIT + 1)
    response, _ = get(owner, f"/runs/{run.uid}/download.xlsx")
    assert response.status_code == 302
    assert response["Location"] == f"/runs/{run.uid}"
