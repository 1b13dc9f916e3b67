"""GET /runs/{id}/download, and the address that it tells: a file for whoever has the link."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.core import signing
from django.test import AsyncClient
from pytest_django.fixtures import DjangoAssertNumQueries

from runs import lifecycle, links
from runs.exports import Choice, Format, sheet
from runs.models import Run
from runs.states import Status
from squids import actions
from squids.models import Squid
from tests import factories
from tests.api.conftest import Script

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [{"a": 1, "b": "x"}, {"a": 1, "b": "x"}, {"a": 2, "c": "=3"}]


@pytest.fixture
def run(script: Script) -> Run:
    of = factories.squid(script.user, name="Book prices")
    return factories.results(factories.run(of, columns=["a", "b"]), ROWS)


def link(script: Script, run: Run, **query: Any) -> str:
    status, body = script.get(f"/runs/{run.uid}/download", **query)
    assert status == 200, body
    address: str = body["s3"]
    assert address.startswith(f"http://testserver/files/{run.uid}.")
    return address


def fetch(address: str, method: str = "get") -> tuple[Any, bytes]:
    """As a client without key and session has it."""

    async def ask() -> tuple[Any, bytes]:
        response: Any = await getattr(AsyncClient(), method)(address)
        if method == "head" or not response.streaming:
            return response, b"" if response.streaming else response.content
        return response, b"".join([block async for block in response.streaming_content])

    return asyncio.run(ask())


def test_a_csv_without_a_key(script: Script, run: Run) -> None:
    response, body = fetch(link(script, run))
    assert response.status_code == 200
    assert body == b"a,b,c\r\n1,x,\r\n2,,'=3\r\n"
    expected = 'attachment; filename="book-prices_20250304_1506.csv"'
    assert response["Content-Disposition"] == expected
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not response.cookies


def test_a_squid_tells_that_of_its_last_run(script: Script, run: Run) -> None:
    told = script.get(f"/squids/{run.squid.uid}")[1]["download_url"]
    listed = script.get("/squids")[1]["data"][0]["download_url"]
    assert fetch(told)[1] == fetch(listed)[1] == fetch(link(script, run))[1]


def test_its_name_is_by_the_owners_clock(script: Script, run: Run) -> None:
    script.user.time_zone = "Asia/Tokyo"
    script.user.save()
    assert "book-prices_20250305_0006.csv" in fetch(link(script, run))[0]["Content-Disposition"]


def test_its_head(script: Script, run: Run) -> None:
    response, body = fetch(link(script, run), "head")
    assert (response.status_code, body) == (200, b"")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert not response.has_header("Content-Length")


def test_formats_rows_and_columns(script: Script, run: Run) -> None:
    def lines(**query: str) -> list[Any]:
        body = fetch(link(script, run, format="jsonl", **query))[1]
        return [json.loads(line) for line in body.splitlines()]

    assert lines(rows="all", omit="b") == [{"a": 1}, {"a": 1}, {"a": 2, "c": "=3"}]
    assert lines(rows="unique", columns="b, a") == [{"b": "x", "a": 1}, {"a": 2}]
    assert lines(columns="") == [ROWS[0], ROWS[2]]
    assert json.loads(fetch(link(script, run, format="json"))[1]) == [ROWS[0], ROWS[2]]
    assert fetch(link(script, run, format="xlsx"))[1][:2] == b"PK"


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED, Status.ABORTED, Status.ERROR])
def test_an_unfinished_or_failed_run_has_it_too(script: Script, status: str) -> None:
    of = factories.squid(script.user)
    run = factories.results(factories.run(of, status=status), [{"a": 1}])
    assert fetch(link(script, run))[1] == b"a\r\n1\r\n"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"format": "exe"}, "format"),
        ({"format": ""}, "format"),
        ({"rows": "some"}, "rows"),
        ({"columns": "a,nosuch"}, "columns"),
        ({"omit": "a\x00"}, "omit"),
        ({"columns": "a", "omit": "a"}, "omit"),
    ],
    ids=["format", "no format", "rows", "columns", "omit", "nothing left"],
)
def test_a_wrong_word_is_refused_by_field(
    script: Script, run: Run, query: dict[str, str], field: str
) -> None:
    status, body = script.get(f"/runs/{run.uid}/download", **query)
    assert (status, body["param"]) == (400, field)


def test_a_name_with_a_comma_or_a_blank(script: Script) -> None:
    row = {"a, b": 1, " c ": 2, "d": 3}
    run = factories.results(factories.run(factories.squid(script.user), columns=list(row)), [row])
    chosen = link(script, run, columns="d", column=[" c ", "a, b"], format="jsonl")
    assert list(json.loads(fetch(chosen)[1])) == ["d", " c ", "a, b"]
    left = link(script, run, omit="d", omit_column=["a, b"], format="jsonl")
    assert json.loads(fetch(left)[1]) == {" c ": 2}


def test_an_address_has_an_end(script: Script) -> None:
    names = [secrets.token_urlsafe(75) for _ in range(100)]
    run = factories.run(factories.squid(script.user), columns=names)
    link(script, run, columns=",".join(names[:50]))
    for field in ("columns", "omit"):
        status, body = script.get(f"/runs/{run.uid}/download", **{field: ",".join(names)})
        assert (status, body["param"]) == (400, field)


def test_what_was_signed_is_not_looked_for_again(
    script: Script, run: Run, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = links.Link(
        run.uid, script.key.uid, Format.CSV, choice=Choice(("c", "late"), frozenset())
    )
    with django_assert_num_queries(2):  # the run, the key
        found.open()


def test_a_sheet_too_long_is_refused(script: Script, run: Run) -> None:
    address = link(script, run, format="xlsx")
    Run.objects.filter(pk=run.pk).update(unique_results=sheet.ROW_LIMIT + 1)
    status, body = script.get(f"/runs/{run.uid}/download", format="xlsx")
    assert (status, body["param"]) == (400, "format")
    assert fetch(address)[0].status_code == 400


def test_what_is_not_theirs_is_not_there(script: Script, other: Script, run: Run) -> None:
    assert other.get(f"/runs/{run.uid}/download")[0] == 404
    assert script.get(f"/runs/{'0' * 32}/download")[0] == 404


# --- links that are good no more -----------------------------------------------------------------


def refused(address: str) -> tuple[int, str]:
    response, body = fetch(address)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    return response.status_code, body.decode()


def changed(address: str) -> Iterator[str]:
    """Ways to ask for more than was signed."""
    path, signature = address.split("?sig=")
    other = signing.dumps(signing.loads(signature, salt=links.SALT), salt="another")
    yield path
    yield f"{path}?sig="
    yield f"{path}?sig={signature[:-1]}"
    yield f"{path}?sig={other}"
    yield f"{path}?sig=\x00ü:1:1"
    yield f"{path.replace('.csv', '.json')}?sig={signature}"
    yield f"{path.replace('.csv', '.exe')}?sig={signature}"
    yield f"http://testserver/files/{'0' * 32}.csv?sig={signature}"


def test_a_changed_link_is_not_valid(script: Script, run: Run) -> None:
    for address in changed(link(script, run)):
        status, text = refused(address)
        assert status == 403 and "link" in text, address


def test_a_link_as_it_was_signed_before_this_version(script: Script, run: Run) -> None:
    signature = signing.dumps([run.uid, "csv"], salt="runs.links", compress=True)
    assert refused(f"http://testserver/files/{run.uid}.csv?sig={signature}")[0] == 403


def test_after_an_hour_it_has_expired(script: Script, run: Run) -> None:
    now = time.time()
    with mock.patch("django.core.signing.time.time", return_value=now - 3_590):
        good = link(script, run)
    with mock.patch("django.core.signing.time.time", return_value=now - 3_601):
        address = link(script, run)
    assert fetch(good)[0].status_code == 200
    assert refused(address) == (410, "This link has expired. Ask the API for another.\n")


def test_it_ends_with_the_key_that_made_it(script: Script, run: Run) -> None:
    address, second = link(script, run), Script(script.user, "second")
    actions.revoke_key(script.key)
    assert refused(address)[0] == 403
    assert fetch(link(second, run))[0].status_code == 200


def test_it_is_gone_with_its_squid(script: Script, run: Run) -> None:
    address = link(script, run)
    lifecycle.delete(Squid.objects.get(pk=run.squid_id), by="owner")
    assert refused(address)[0] == 404


def test_it_is_gone_with_its_owner(script: Script, run: Run) -> None:
    address = link(script, run)
    script.user.is_active = False
    script.user.save()
    assert refused(address)[0] == 404


def test_it_is_no_way_to_change_anything(script: Script, run: Run) -> None:
    assert fetch(link(script, run), "post")[0].status_code == 405
