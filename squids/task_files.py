"""Task files and pasted lines, turned into rows: charset, delimiter, header. Knows no database.

A task file is CSV in UTF-8, UTF-16, Latin-1 or Windows-1252, with comma, semicolon or tab, whose
first line names the crawler's task parameters. Raises UploadRefused, in words for people.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from squids.crawlers.interface import Param
from squids.errors import BadEncoding, FileTooLarge, UploadRefused

SIZE_LIMIT = 20 * 1024 * 1024
CELL_LIMIT = 1_000_000
DELIMITERS = ",;\t"
NO_DELIMITER = "\x1f"
"""Splits nothing: in a file of one column a comma belongs to the value."""
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or a zip"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
)
SAMPLE = 4096

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no row: too many cells, or a quote that never ends."""

    message: str


class TaskFile:
    """A file's rows: ``rows`` gives (line number, row or Broken), blank lines left out."""

    def __init__(self, content: bytes, params: Sequence[Param]) -> None:
        self._text = decode(content)
        header = _first_line(self._text)
        self._delimiter = _delimiter(header, params)
        self._columns = _columns(_cells(header, self._delimiter), params)

    def rows(self) -> Iterator[tuple[int, Row | Broken]]:
        return _rows(self._text, self._delimiter, self._columns)


def check_size(size: int) -> None:
    """Of a file in bytes, before it is read. Raises FileTooLarge."""
    if size > SIZE_LIMIT:
        raise FileTooLarge(SIZE_LIMIT)


# --- charset ----------------------------------------------------------------------------------


def decode(content: bytes) -> str:
    """The file's text. Raises UploadRefused for what is too large, empty or no text."""
    check_size(len(content))
    for start, kind in OTHER_KINDS:
        if content.startswith(start):
            raise BadEncoding(f"This is {kind}. Save it as CSV and upload that.")
    text = _decode(content, _encoding(content))
    if not text.strip():
        raise UploadRefused("The file is empty.")
    if _is_binary(text[:SAMPLE]):
        raise BadEncoding("This is no text file. Save the tasks as CSV, in UTF-8.")
    return text


def _encoding(content: bytes) -> str:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return encoding
    sample = content[:SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 and not even:
        return "utf-16-le"
    if even > len(sample) // 5 and not odd:
        return "utf-16-be"
    return ""


def _decode(content: bytes, encoding: str) -> str:
    """By its mark where it has one; otherwise UTF-8 if it is that throughout, or Windows-1252."""
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            line = error.object[: error.start].decode(encoding, "ignore").count("\n") + 1
            name = encoding.upper().removesuffix("-SIG").removesuffix("-LE").removesuffix("-BE")
            raise BadEncoding(
                f"The file says that it is {name} and is not, at line {line}. Save it as UTF-8."
            ) from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _is_binary(sample: str) -> bool:
    odd = sum(character < " " and character not in "\t\r\n" for character in sample)
    return odd * 20 > len(sample)


# --- header -----------------------------------------------------------------------------------


def _first_line(text: str) -> str:
    for line in io.StringIO(text, newline=None):
        if line.strip():
            return line.rstrip("\n")
    return ""


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [line]


def _delimiter(header: str, params: Sequence[Param]) -> str:
    """The one that finds the most parameters in the header, or cells where it finds none."""

    def score(delimiter: str) -> tuple[int, int]:
        cells = _cells(header, delimiter)
        return sum(_param(cell, params) is not None for cell in cells), len(cells)

    best = max(DELIMITERS, key=score)
    return best if score(best)[1] > 1 else NO_DELIMITER


def _param(cell: str, params: Sequence[Param]) -> str | None:
    """The parameter that a column is named for, by its name or its label."""
    wanted = cell.casefold()
    for param in params:
        if wanted in (param.name.casefold(), param.label.casefold()):
            return param.name
    return None


def _columns(cells: list[str], params: Sequence[Param]) -> list[str | None]:
    """The parameter of each column, None for one that is not used."""
    columns = [_param(cell, params) for cell in cells]
    missing = [param.name for param in params if param.required and param.name not in columns]
    if missing or not any(columns):
        raise UploadRefused(_missing(missing or [param.name for param in params], params, cells))
    double = next((name for name in columns if name and columns.count(name) > 1), None)
    if double:
        raise UploadRefused(f"The column “{double}” is there twice.")
    return columns


def _missing(missing: list[str], params: Sequence[Param], cells: list[str]) -> str:
    which = " and ".join(f"“{name}”" for name in missing)
    many = "columns are" if len(missing) > 1 else "column is"
    names = ", ".join(param.name for param in params)
    found = ", ".join(cells)
    found = found if len(found) <= 80 else f"{found[:80]}…"
    rule = f"The first line must name the columns: {names}."
    return f"The {many} missing: {which}. {rule} It is: {found}"


# --- rows -------------------------------------------------------------------------------------


def _rows(
    text: str, delimiter: str, columns: list[str | None], *, header: bool = True
) -> Iterator[tuple[int, Row | Broken]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    skipped, line = not header, 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, Broken(f"This line is no CSV: {error}.")
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            if skipped:
                yield line, _row(cells, columns)
            skipped = True
        line = reader.line_num + 1


def _row(cells: list[str], columns: list[str | None]) -> Row | Broken:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        return Broken(f"It has {len(cells)} cells and there are {len(columns)} columns.")
    pairs = zip(columns, cells, strict=False)
    return {name: cell.strip() for name, cell in pairs if name and cell.strip()}


def pasted(text: str, params: Sequence[Param]) -> list[tuple[int, Row | Broken]]:
    """(line number, row or Broken) of pasted lines: a value a line, or, for a crawler of several
    parameters, CSV in their order or under a header that names them."""
    text = text.removeprefix("\ufeff")
    if len(params) == 1:
        return _values(text, params)
    header = _first_line(text)
    delimiter = _delimiter(header, params)
    cells = _cells(header, delimiter)
    if any(_param(cell, params) for cell in cells):
        return list(_rows(text, delimiter, _columns(cells, params)))
    order: list[str | None] = [param.name for param in params]
    return list(_rows(text, delimiter, order, header=False))


def lines_of(text: str) -> list[str]:
    """Its lines as an editor and CSV count them; str.splitlines ends one at a form feed too."""
    return re.split(r"\r\n|\r|\n", text)


def _values(text: str, params: Sequence[Param]) -> list[tuple[int, Row | Broken]]:
    lines = [(number, line.strip()) for number, line in enumerate(lines_of(text), start=1)]
    rows: list[tuple[int, Row | Broken]] = [
        (number, {params[0].name: line}) for number, line in lines if line
    ]
    if rows and _param(next(line for _, line in lines if line), params):
        return rows[1:]  # a column copied with its heading
    return rows


csv.field_size_limit(CELL_LIMIT)
