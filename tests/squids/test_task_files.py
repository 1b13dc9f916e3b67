from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squids.crawlers.interface import Param
from squids.errors import UploadRefused
from squids.task_files import SIZE_LIMIT, Broken, TaskFile, lines_of, pasted

URL = (Param("url", "url", required=True, label="Address"),)
PLACE = (Param("city", required=True), Param("country"))


def rows(content: bytes, params: tuple[Param, ...] = PLACE) -> list[object]:
    return [row for _, row in TaskFile(content, params).rows()]


def refusal(content: bytes, params: tuple[Param, ...] = PLACE) -> str:
    with pytest.raises(UploadRefused) as refused:
        TaskFile(content, params)
    return refused.value.message


TOWNS = "city,country\nKøbenhavn,Danmark\nÎle,France\n"
READ = [{"city": "København", "country": "Danmark"}, {"city": "Île", "country": "France"}]


@pytest.mark.parametrize(
    "content",
    [
        TOWNS.encode(),
        TOWNS.encode("utf-8-sig"),
        TOWNS.encode("utf-16"),
        codecs.BOM_UTF16_BE + TOWNS.encode("utf-16-be"),
        TOWNS.encode("utf-16-le"),
        TOWNS.encode("utf-16-be"),
        TOWNS.encode("latin-1"),
        TOWNS.encode("cp1252"),
        TOWNS.replace("\n", "\r\n").encode(),
        TOWNS.replace("\n", "\r").encode(),
        TOWNS.replace(",", ";").encode(),
        TOWNS.replace(",", "\t").encode("utf-16"),
        TOWNS.replace("city", " CITY ").encode(),
        TOWNS.replace("\n", "\n\n ,\n").encode(),
    ],
)
def test_reads_it_in_each_encoding_and_shape(content: bytes) -> None:
    assert rows(content) == READ


def test_windows_characters_are_those_of_windows() -> None:
    assert rows("city\nCaf€ “A”\n".encode("cp1252")) == [{"city": "Caf€ “A”"}]


def test_bytes_that_windows_does_not_know_are_latin() -> None:
    assert rows(b"city\nn\x81\xe9\n") == [{"city": "n\x81é"}]


def test_columns_in_any_order_and_others_left_out() -> None:
    content = b'note,country,city\n"a, b",Chile,Arica\n,,Iquique\n'
    assert rows(content) == [{"city": "Arica", "country": "Chile"}, {"city": "Iquique"}]


def test_one_column_keeps_commas_and_is_known_by_its_label() -> None:
    content = b'Address\nhttp://a.example/?x=1,2;3\n"http://b.example/"\n'
    assert rows(content, URL) == [
        {"url": "http://a.example/?x=1,2;3"},
        {"url": "http://b.example/"},
    ]


def test_lines_are_numbered_as_an_editor_does() -> None:
    content = b'\ncity,country\n\nArica,"two\nlines"\nOslo,\n'
    assert [line for line, _ in TaskFile(content, PLACE).rows()] == [4, 6]


def test_too_many_cells_break_the_line_only() -> None:
    found = rows(b"city,country\na,b,c\nArica,Chile,\n")
    assert isinstance(found[0], Broken)
    assert found[1] == {"city": "Arica", "country": "Chile"}


def test_missing_column_names_what_is_expected() -> None:
    message = refusal(b"town,country\nOslo,Norway\n")
    assert "missing: “city”" in message
    assert "must name the columns: city, country" in message
    assert "It is: town, country" in message


def test_file_without_a_header_says_so() -> None:
    assert "must name the columns: url" in refusal(b"http://a.example/\n", URL)


def test_long_header_is_cut() -> None:
    assert len(refusal(b"x" * 100_000, URL)) < 300


def test_column_twice_is_refused() -> None:
    assert "“city” is there twice" in refusal(b"city,CITY\na,b\n")


@pytest.mark.parametrize("content", [b"", b"\n \n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_empty_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is empty."


def test_too_large_is_refused() -> None:
    assert "larger than 20 MB" in refusal(b"city\n" + b"a" * SIZE_LIMIT)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (codecs.BOM_UTF8 + b"city\nOslo\nn\xff\n", "it is UTF-8 and is not, at line 3"),
        (codecs.BOM_UTF16_LE + b"city", "The column is missing"),
        (codecs.BOM_UTF16_LE + "city\nÅ".encode("utf-16-le") + b"x", "it is UTF-16 and is not"),
        (b"PK\x03\x04 a workbook", "an Excel workbook"),
        (bytes(range(256)) * 8, "no text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(400), "no text file"),
    ],
)
def test_what_is_no_such_text_is_refused(content: bytes, message: str) -> None:
    assert message in refusal(content)


def test_quote_that_never_ends_is_one_value() -> None:
    assert rows(b'city,country\n"Oslo,Norway\nArica,Chile\n') == [
        {"city": "Oslo,Norway\nArica,Chile"}
    ]


def test_cell_past_the_limit_breaks_the_file_from_there() -> None:
    found = rows(b"city\nOslo\n" + b"x" * 1_100_000 + b"\nArica\n")
    assert found[0] == {"city": "Oslo"}
    assert isinstance(found[1], Broken)
    assert len(found) == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = rows(b"city\n" + content)
    except UploadRefused:
        return
    assert all(isinstance(row, dict | Broken) for row in found)


@given(st.text(max_size=300))
def test_any_text_may_be_pasted(text: str) -> None:
    for params in (URL, PLACE):
        try:
            found = pasted(text, params)
        except UploadRefused:
            continue
        assert all(1 <= line <= len(lines_of(text)) for line, _ in found)
