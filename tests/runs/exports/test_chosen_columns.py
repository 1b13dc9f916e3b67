"""Columns that a person chose: these only, in this order, or all but some."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from runs import exports
from runs.exports import tables
from runs.exports.columns import UNDECLARED, Choice
from runs.exports.rows import Snapshot
from runs.exports.values import Cell
from squids.errors import FieldRefused
from tests.runs.exports.conftest import MakeRun, csv_text, exported, sheet_cells

ROWS = [{"a": 1, "b": "x", "c": None}, {"b": "y", "late": 0}]


def test_these_only_in_this_order(run_with: MakeRun) -> None:
    run = run_with(ROWS, columns=["a", "b", "c"])
    assert csv_text(run, columns=["late", "a"]) == "late,a\r\n,1\r\n0,\r\n"
    assert sheet_cells(exported(run, "xlsx", columns=["b"])) == [
        {"A": ("inlineStr", "b")},
        {"A": ("inlineStr", "x")},
        {"A": ("inlineStr", "y")},
    ]


def test_all_but_some(run_with: MakeRun) -> None:
    run = run_with(ROWS, columns=["a", "b", "c"])
    assert csv_text(run, omit=["a", "c"]) == "b,late\r\nx,\r\ny,0\r\n"
    assert csv_text(run, columns=["b", "a"], omit=["a"]) == "b\r\nx\r\ny\r\n"


def test_twice_named_is_once_there(run_with: MakeRun) -> None:
    assert csv_text(run_with(ROWS), columns=["b", "b"]) == "b\r\nx\r\ny\r\n"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"columns": ["late", "b"]}, [{"b": "x"}, {"late": 0, "b": "y"}]),
        ({"omit": ["b"]}, [{"a": 1, "c": None}, {"late": 0}]),
    ],
    ids=["columns", "omit"],
)
def test_json_has_no_field_that_a_row_lacks(
    run_with: MakeRun, choice: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    run = run_with(ROWS)
    found = json.loads(exported(run, "json", **choice))
    lines = [json.loads(line) for line in exported(run, "jsonl", **choice).splitlines()]
    assert found == lines == expected
    assert [list(row) for row in found] == [list(row) for row in expected]


def test_json_of_some_keeps_every_value(run_with: MakeRun) -> None:
    row = {"huge": 10**40, "half": "\ud83d", "text": "ü", "a": 1}
    assert json.loads(exported(run_with([row]), "json", omit=["a"])) == [
        {"huge": 10**40, "half": "\ud83d", "text": "ü"}
    ]


@pytest.mark.parametrize("field", ["columns", "omit"])
@pytest.mark.parametrize("name", ["nosuch", "A", "a\x00", "\ud83d", "100%", "x"])
def test_a_name_that_is_none(run_with: MakeRun, field: str, name: str) -> None:
    run = run_with([{"a": 1, "b": 2}], columns=["a", "b"])
    choice: dict[str, Any] = {"columns": [], "omit": []} | {field: [name]}
    with pytest.raises(FieldRefused) as refused:
        exports.choose(run, **choice)
    assert refused.value.field == field and "a, b" in refused.value.message


def test_names_that_were_not_declared_are_looked_for_together(
    run_with: MakeRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    late = {f"late {n}": n for n in range(UNDECLARED)}
    run = run_with([*({"a": n} for n in range(60)), late], columns=["a"])
    names = list(late)
    with django_assert_num_queries(2):  # the first rows, then all
        assert exports.choose(run, ["a", *names, *names], names[1:]).columns == ("a", *names)
    with django_assert_num_queries(0):
        exports.choose(run, ["a"] * 500, [])


def test_too_many_that_were_not_declared(
    run_with: MakeRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = run_with([{"a": 1}], columns=["a", *(f"declared {n}" for n in range(300))])
    assert len(exports.choose(run, [f"declared {n}" for n in range(300)], []).columns) == 300
    names = [f"name {n}" for n in range(UNDECLARED + 1)]
    with django_assert_num_queries(0), pytest.raises(FieldRefused) as refused:
        exports.choose(run, ["a"], names)
    assert refused.value.field == "omit" and str(UNDECLARED) in refused.value.message


def test_nothing_left(run_with: MakeRun) -> None:
    with pytest.raises(FieldRefused) as refused:
        csv_text(run_with(ROWS), columns=["a"], omit=["a"])
    assert refused.value.field == "omit"


def test_named_columns_need_no_look_at_all_rows(
    run_with: MakeRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = run_with([{"a": n} for n in range(2_500)], columns=["a"])
    with django_assert_num_queries(3):
        csv_text(run, columns=["a"])
    with django_assert_num_queries(6):
        csv_text(run)


def test_a_header_that_takes_long_shows_signs_of_life(
    run_with: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte by byte, the first at once; put together it is the same."""
    run = run_with([{"ü": n, "=b": n} for n in range(5_500)], columns=["ü"])
    snapshot = Snapshot.of(run, unique=True)
    blocks = list(tables.as_csv(snapshot, Choice(), no_line_breaks=False))
    assert len(blocks[0]) == 1 and not any(blocks[1:6])
    monkeypatch.setattr(tables, "SIGN_OF_LIFE", 0.0)
    lively = list(tables.as_csv(snapshot, Choice(), no_line_breaks=False))
    assert [len(block) for block in lively[:5]] == [1, 1, 1, 1, 1]
    assert b"".join(lively) == b"".join(blocks)
    assert b"".join(lively).decode().startswith("ü,'=b\r\n0,0\r\n")


def test_the_header_is_put_together_when_a_byte_is_due_and_at_its_end(
    run_with: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[bytes] = []
    line = tables._line

    def noted(cells: Iterable[Cell]) -> bytes:
        lines.append(line(cells))
        return lines[-1]

    monkeypatch.setattr(tables, "_line", noted)
    monkeypatch.setattr(tables, "SIGN_OF_LIFE", 3600.0)
    snapshot = Snapshot.of(run_with([{"a": n} for n in range(5_500)]), unique=True)
    list(tables.as_csv(snapshot, Choice(), no_line_breaks=False))
    assert lines.count(b"a\r\n") == 1 and len(lines) == 5_500 + 2
