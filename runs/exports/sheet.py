"""XLSX by XlsxWriter: the rows go to a folder on disk, and the finished file is read back.

Each value is written by the method of its own type, so no text is ever looked at to see whether
it might be a number, a formula or a link.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from xlsxwriter import Workbook

from runs.exports import columns
from runs.exports.columns import Choice
from runs.exports.rows import Snapshot
from runs.exports.scratch import scratch
from runs.exports.values import Cell, cell, harmless

ROW_LIMIT = 1_048_575
"""Rows of a sheet, its header not counted."""
COLUMN_LIMIT = 16_384
TEXT_LIMIT = 32_767
"""Characters (UTF-16 units) of a cell."""
CUT = " … (cut)"
EXACT = 10**15
"""Whole numbers past this lose digits in a spreadsheet, so they are written as text."""
BLOCK = 256 * 1024


class Decimal(float):
    """Written with all its digits: the library would give sixteen, and some need a seventeenth."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def as_xlsx(snapshot: Snapshot, choice: Choice, *, no_line_breaks: bool) -> Iterator[bytes]:
    """A workbook of one sheet, its header frozen. Until the first block of the file there are
    empty ones, at each of which it can be left; its folder is gone afterwards in every case."""
    with scratch() as folder:
        path = folder / "results.xlsx"
        with _sheet(path) as sheet:
            yield from _fill(sheet, snapshot, choice, no_line_breaks=no_line_breaks)
        with path.open("rb") as file:
            yield from iter(partial(file.read, BLOCK), b"")


class Sheet:
    """Cells by the method of their own type. Rows are written in order and none is kept."""

    def __init__(self, book: Workbook) -> None:
        self.plain = book.add_format()
        self.table = book.add_worksheet("Results")
        self.table.freeze_panes(1, 0)

    def write(self, row: int, column: int, value: Cell) -> None:
        """Both places count from 0. Null leaves the cell out."""
        if value is None:
            return
        if isinstance(value, bool):
            self.table.write_boolean(row, column, value)
        elif isinstance(value, int | float) and _is_exact(value):
            number = Decimal(value) if isinstance(value, float) else value
            self.table.write_number(row, column, number)
        else:
            self._write_text(row, column, _fit(str(value)))

    def _write_text(self, row: int, column: int, text: str) -> None:
        if text.startswith("<r>") and text.endswith("</r>"):
            # The library would take it for markup of its own; parts of a rich text it escapes.
            self.table.write_rich_string(row, column, text[:1], self.plain, text[1:])
        else:
            self.table.write_string(row, column, text)


@contextmanager
def _sheet(path: Path) -> Iterator[Sheet]:
    """The sheet of a workbook that is put together at the end, unless it was left before."""
    book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    book.use_zip64()
    sheet = Sheet(book)
    try:
        yield sheet
        book.close()
    finally:
        sheet.table.row_data_fh.close()


def _fill(
    sheet: Sheet, snapshot: Snapshot, choice: Choice, *, no_line_breaks: bool
) -> Iterator[bytes]:
    names = columns.union(snapshot, choice)[:COLUMN_LIMIT]
    for column, name in enumerate(names):
        sheet.write(0, column, harmless(name))
    numbers = count(1)
    for rows in snapshot.rows():
        for row, number in zip(rows, numbers, strict=False):
            for column, name in enumerate(names):
                sheet.write(number, column, cell(row.get(name), no_line_breaks=no_line_breaks))
        yield b""


def _is_exact(value: int | float) -> bool:
    return -EXACT < value < EXACT if isinstance(value, int) else math.isfinite(value)


def _fit(text: str) -> str:
    """The text as UTF-8 can hold it, cut where it is too long for a cell."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if len(text) * 2 <= TEXT_LIMIT or len(text.encode("utf-16-le")) // 2 <= TEXT_LIMIT:
        return text
    room = (TEXT_LIMIT - len(CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT
