"""XLSX written as it is read: a zip whose only large part, the sheet, goes out chunk by chunk.

The usual libraries build the file on disk first, so a million rows take minutes to their first
byte. A sheet of inline texts needs no table of shared ones, hence neither memory nor a file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import count
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from runs.exports import columns
from runs.exports.rows import Snapshot
from runs.exports.values import Cell, cell, harmless

ROW_LIMIT = 1_048_575
"""Rows of a sheet, its header not counted."""
COLUMN_LIMIT = 16_384
TEXT_LIMIT = 32_767
"""Characters (UTF-16 units) of a cell."""
CUT = " … (cut)"
EXACT = 10**15
"""Whole numbers past this lose digits in a spreadsheet, so they are written as text."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Results" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    "</styleSheet>",
}
_OPENING = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)
_CLOSING = "</sheetData></worksheet>"


class _Outbox:
    """What the zip writes to; it cannot seek, so sizes follow their data."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._blocks.append(bytes(data))
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def taken(self) -> bytes:
        data = b"".join(self._blocks)
        self._blocks.clear()
        return data


def as_xlsx(snapshot: Snapshot, *, no_line_breaks: bool) -> Iterator[bytes]:
    """A workbook of one sheet, its header frozen."""
    outbox = _Outbox()
    with ZipFile(outbox, "w", ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, _HEAD + text)
        yield outbox.taken()
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for block in _sheet(snapshot, no_line_breaks=no_line_breaks):
                sheet.write(block.encode())
                yield outbox.taken()
    yield outbox.taken()


def _sheet(snapshot: Snapshot, *, no_line_breaks: bool) -> Iterator[str]:
    names = columns.union(snapshot)[:COLUMN_LIMIT]
    letters = [_letters(number) for number in range(1, len(names) + 1)]
    yield _OPENING + _row(1, letters, [harmless(name) for name in names], ' s="1"')
    numbers = count(2)
    for rows in snapshot.rows():
        lines = ([cell(row.get(n), no_line_breaks=no_line_breaks) for n in names] for row in rows)
        yield "".join(_row(next(numbers), letters, values) for values in lines)
    yield _CLOSING


def _letters(number: int) -> str:
    """A column's name: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _row(number: int, letters: Sequence[str], values: Sequence[Cell], style: str = "") -> str:
    cells = "".join(
        _cell(f"{letter}{number}", value, style)
        for letter, value in zip(letters, values, strict=True)
        if value is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: Cell, style: str) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float) and _is_exact(value):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = _text(str(value))
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _is_exact(value: int | float) -> bool:
    return -EXACT < value < EXACT if isinstance(value, int) else math.isfinite(value)


def _text(text: str) -> str:
    """Text as XML of a sheet: what XML cannot hold replaced, what Excel would decode protected."""
    text = _fit(text)
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    if not text.isprintable():  # quicker to ask than to look for them
        text = _NOT_XML.sub("\ufffd", text)
    return escape(text).replace("\r", "_x000D_")


def _fit(text: str) -> str:
    if len(text) * 2 <= TEXT_LIMIT or len(text.encode("utf-16-le", "replace")) // 2 <= TEXT_LIMIT:
        return text
    room = (TEXT_LIMIT - len(CUT)) * 2
    return text.encode("utf-16-le", "replace")[:room].decode("utf-16-le", "ignore") + CUT
