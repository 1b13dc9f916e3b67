"""0, false, empty, null and missing stay apart; weird text arrives whole."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.exports.values import harmless
from tests.runs.exports.conftest import MakeRun, csv_text, exported, sheet_cells


def test_csv_tells_zero_false_empty_and_null_apart(run_with: MakeRun) -> None:
    run = run_with([{"a": 0, "b": False, "c": "", "d": None}, {"a": True}], columns=["a", "b"])
    assert csv_text(run) == 'a,b,c,d\r\n0,false,"",\r\ntrue,,,\r\n'


def test_a_sheet_tells_them_apart_by_type(run_with: MakeRun) -> None:
    run = run_with([{"a": 0, "b": False, "c": "", "d": None, "e": "0", "f": "false"}])
    assert sheet_cells(exported(run, "xlsx"))[1] == {
        "A": ("n", "0"),
        "B": ("b", "0"),
        "C": ("inlineStr", ""),
        "E": ("inlineStr", "0"),
        "F": ("inlineStr", "false"),
    }


def test_json_and_lines_give_the_rows_as_they_are(run_with: MakeRun) -> None:
    rows = [{"a": 0, "b": False, "c": "", "d": None}, {"e": {"f": [1, "ü\n"]}}]
    run = run_with(rows)
    assert json.loads(exported(run, "json")) == rows
    assert [json.loads(line) for line in exported(run, "jsonl").splitlines()] == rows


@pytest.mark.parametrize("wanted", ["json", "jsonl", "csv", "xlsx"])
def test_a_run_without_rows_is_a_whole_file(run_with: MakeRun, wanted: str) -> None:
    data = exported(run_with([], columns=["a", "b"]), wanted)
    if wanted == "json":
        assert json.loads(data) == []
    elif wanted == "xlsx":
        assert len(sheet_cells(data)) == 1
    else:
        assert data == (b"a,b\r\n" if wanted == "csv" else b"")


def test_nested_values_are_json_text(run_with: MakeRun) -> None:
    run = run_with([{"tags": ["a", "é"], "more": {"k": None}}])
    row = list(csv.reader(io.StringIO(csv_text(run))))[1]
    assert [json.loads(text) for text in row] == [["a", "é"], {"k": None}]


WEIRD = [
    'quote " comma , semicolon ; tab \t end',
    "two\nlines\r\nand a third",
    " spaces around ",
    "日本語 · עברית · 🦑",
    "x" * 40_000,
    "'",
    "<b>&amp;</b> ]]>",
    "_x000D_",
]


@pytest.mark.parametrize("text", WEIRD)
def test_csv_gives_weird_text_back(run_with: MakeRun, text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(run_with([{"a": text, "b": 1}])), newline="")))
    assert rows == [["a", "b"], [text, "1"]]


def test_a_sheet_holds_text_that_xml_cannot(run_with: MakeRun) -> None:
    run = run_with([{"a": "nul \x00 bell \x07 <&> _x0041_ \uffff"}])
    text = sheet_cells(exported(run, "xlsx"))[1]["A"][1]
    assert text == "nul _x0000_ bell _x0007_ <&> _x005F_x0041_ _xFFFF_"


def test_a_sheets_cell_too_long_for_it_is_cut_and_says_so(run_with: MakeRun) -> None:
    run = run_with([{"a": "🦑" * 20_000}])
    text = sheet_cells(exported(run, "xlsx"))[1]["A"][1]
    assert text is not None
    assert text.endswith(" … (cut)")
    assert len(text.encode("utf-16-le")) // 2 in (32_766, 32_767)


def test_a_whole_number_a_sheet_would_round_is_text_there(run_with: MakeRun) -> None:
    run = run_with([{"a": 12345678901234567890, "b": 999}])
    cells = sheet_cells(exported(run, "xlsx"))[1]
    assert cells == {"A": ("inlineStr", "12345678901234567890"), "B": ("n", "999")}


def test_numbers_json_does_not_know_are_kept(run_with: MakeRun) -> None:
    run = run_with([{"a": float("nan"), "b": float("inf")}])
    assert csv_text(run) == "a,b\r\nnan,inf\r\n"
    assert sheet_cells(exported(run, "xlsx"))[1]["A"] == ("inlineStr", "nan")


def test_line_breaks_go_where_the_squid_says_so(run_with: MakeRun) -> None:
    run = run_with([{"a": "one \r\n two\u2028three"}], squid={"no_line_breaks": True})
    assert csv_text(run) == "a\r\none two three\r\n"


# --- formulas ---------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "\u200b=1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(run_with: MakeRun, text: str) -> None:
    run = run_with([{"a": text, text: "b"}])
    table = list(csv.reader(io.StringIO(csv_text(run), newline="")))
    assert table == [["a", f"'{text}"], [f"'{text}", "b"]]
    sheet = sheet_cells(exported(run, "xlsx"))
    assert sheet[0]["B"][1] == sheet[1]["A"][1]
    assert str(sheet[1]["A"][1]).startswith("'")


def test_numbers_stay_numbers(run_with: MakeRun) -> None:
    run = run_with([{"a": -5, "b": -0.5, "c": "-5", "d": "+33.5", "e": "a=b"}])
    assert csv_text(run).split("\r\n")[1] == "-5,-0.5,-5,+33.5,a=b"


@given(st.text())
def test_harmless_text_never_starts_a_formula(text: str) -> None:
    safe = harmless(text)
    assert safe in (text, f"'{text}")
    assert safe.lstrip()[:1] not in ("=", "@") or safe.startswith("'")
