"""Which rows a file holds: unique or all, of any run, fixed when it was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs import exports
from runs.exports import sheet
from runs.exports.files import TooManyRows
from runs.models import Run
from runs.states import Status
from tests import factories
from tests.runs.exports.conftest import MakeRun, exported

ROWS = [{"a": 1}, {"a": 2}, {"a": 1}]


def rows_of(run: Run, *, rows: str = "") -> list[Any]:
    return [row["a"] for row in json.loads(exported(run, "json", rows=rows))]


def test_duplicates_are_left_out_unless_asked_for(run_with: MakeRun) -> None:
    run = run_with(ROWS)
    assert rows_of(run) == [1, 2]
    assert rows_of(run, rows="all") == [1, 2, 1]


def test_the_squid_may_want_all_rows(run_with: MakeRun) -> None:
    run = run_with(ROWS, squid={"export_unique_results": False})
    assert rows_of(run) == [1, 2, 1]
    assert rows_of(run, rows="unique") == [1, 2]


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED, Status.ABORTED, Status.ERROR])
def test_every_run_with_rows_has_its_file(run_with: MakeRun, status: str) -> None:
    assert rows_of(run_with(ROWS, status=status)) == [1, 2]


def test_rows_that_come_later_are_not_in_it(run_with: MakeRun) -> None:
    run = run_with([{"a": n} for n in range(1_500)], status=Status.RUNNING)
    blocks = exports.prepare(run, exports.Format.JSONL).blocks()
    first = next(blocks)
    factories.results(run, [{"a": "late"}])
    text = (first + b"".join(blocks)).decode()
    assert len(text.splitlines()) == 1_500
    assert "late" not in text


def test_a_chunk_is_a_range_of_an_index_at_any_depth(run_with: MakeRun) -> None:
    """The price of the last rows is that of the first: no OFFSET, no count, no sort."""
    run = run_with(ROWS)
    Run.objects.filter(pk=run.pk).update(results=1_000_000, unique_results=1_000_000)
    run.refresh_from_db()
    for unique in (True, False):
        snapshot = exports.rows.Snapshot.of(run, unique=unique)
        chunk = snapshot.chunk(990_000)
        plan = chunk.explain()
        assert "result_unique_number" in plan if unique else "runs_result" in plan
        assert "SCAN" not in plan and "TEMP B-TREE" not in plan and "Seq Scan" not in plan
        assert "OFFSET" not in str(chunk.query)


def test_rows_cost_one_query_a_thousand(run_with: MakeRun) -> None:
    run = run_with([{"a": n} for n in range(3_000)], columns=["a"])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        exported(run, "jsonl")
    assert len(queries) == 3


def test_a_sheet_refuses_more_rows_than_it_holds(run_with: MakeRun) -> None:
    run = run_with(ROWS)
    run.results = run.unique_results = sheet.ROW_LIMIT
    exports.prepare(run, exports.Format.XLSX)
    run.unique_results += 1
    with pytest.raises(TooManyRows, match="1,048,575 rows and this run has 1,048,576"):
        exports.prepare(run, exports.Format.XLSX)
    exports.prepare(run, exports.Format.CSV)
