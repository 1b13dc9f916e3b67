"""A table's columns: the crawler's in its order, then every other field any row has."""

from __future__ import annotations

from tests.runs.exports.conftest import MakeRun, csv_text, exported, sheet_cells


def header(text: str) -> str:
    return text.split("\r\n")[0]


def test_declared_columns_lead_in_the_crawlers_order(run_with: MakeRun) -> None:
    run = run_with([{"b": 1, "a": 2}], columns=["a", "b"])
    assert csv_text(run) == "a,b\r\n2,1\r\n"


def test_a_declared_column_no_row_has_is_still_there(run_with: MakeRun) -> None:
    assert header(csv_text(run_with([{"a": 1}], columns=["z", "a"]))) == "z,a"


def test_a_field_of_the_last_row_alone_is_not_lost(run_with: MakeRun) -> None:
    rows = [{"a": n} for n in range(2_500)] + [{"a": -1, "late": "x"}]
    text = csv_text(run_with(rows, columns=["a"]))
    assert header(text) == "a,late"
    assert text.endswith("\r\n-1,x\r\n")


def test_fields_nobody_declared_come_as_they_first_appear(run_with: MakeRun) -> None:
    rows = [{"y": 1, "x": 2}, {"w": 3, "x": 4, "y": 5}]
    assert header(csv_text(run_with(rows))) == "y,x,w"


def test_a_sheet_has_the_same_columns(run_with: MakeRun) -> None:
    run = run_with([{"a": 1}, {"b": 2}], columns=["b"])
    cells = sheet_cells(exported(run, "xlsx"))
    assert cells[0] == {"A": ("inlineStr", "b"), "B": ("inlineStr", "a")}
    assert cells[1:] == [{"B": ("n", "1")}, {"A": ("n", "2")}]
