"""A row's values as the Results tab shows them: missing, null, empty, false and 0 all differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

Kind = Literal["missing", "null", "boolean", "number", "empty", "text", "json", "link", "image"]

PREVIEW = 160
"""Characters a cell shows before it asks to be opened."""

_IMAGE_PATH = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)$", re.IGNORECASE)
_IMAGE_NAME = re.compile(
    r"(?:^|_)(?:avatar|image|img|logo|photo|picture|thumbnail)(?:_url)?$", re.I
)


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is the whole value as text, ``preview`` what fits a table."""

    column: str
    kind: Kind
    text: str = ""

    @property
    def preview(self) -> str:
        return self.text if len(self.text) <= PREVIEW else self.text[:PREVIEW].rstrip() + "…"

    @property
    def is_long(self) -> bool:
        return len(self.text) > PREVIEW or "\n" in self.text

    @property
    def is_number(self) -> bool:
        return self.kind == "number"


def cells(row: dict[str, Any], columns: Sequence[str]) -> list[Cell]:
    return [
        _cell(column, row[column]) if column in row else Cell(column, "missing")
        for column in columns
    ]


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` is narrow, middle or wide, by what this page has in it."""

    name: str
    width: str
    is_number: bool


def headers(columns: Sequence[str], table: Sequence[Sequence[Cell]]) -> list[Column]:
    return [_header(name, [line[place] for line in table]) for place, name in enumerate(columns)]


def _header(name: str, column: Sequence[Cell]) -> Column:
    kinds = {cell.kind for cell in column} - {"missing", "null"}
    longest = max((len(cell.preview) for cell in column if cell.kind != "image"), default=0)
    width = "narrow" if max(longest, len(name)) <= 12 else "middle" if longest <= 40 else "wide"
    return Column(name, width, is_number=kinds == {"number"})


def columns_of(declared: Iterable[str], rows: Iterable[dict[str, Any]]) -> list[str]:
    """The crawler's columns in its order, then the other fields of these rows as they appear."""
    columns = dict.fromkeys(declared)
    for row in rows:
        columns.update(dict.fromkeys(row))
    return list(columns)


def _cell(column: str, value: Any) -> Cell:
    if value is None:
        return Cell(column, "null", "null")
    if isinstance(value, bool):
        return Cell(column, "boolean", "true" if value else "false")
    if isinstance(value, int | float):
        return Cell(column, "number", str(value))
    if isinstance(value, str):
        return Cell(column, _text_kind(column, value), value)
    return Cell(column, "json", json.dumps(value, ensure_ascii=False, indent=1))


def _text_kind(column: str, text: str) -> Kind:
    if not text:
        return "empty"
    if not _is_address(text):
        return "text"
    is_image = _IMAGE_NAME.search(column) or _IMAGE_PATH.search(urlsplit(text).path)
    return "image" if is_image else "link"


def _is_address(text: str) -> bool:
    """Whether it is one http or https address and nothing else; only such become links."""
    if not re.match(r"https?://[^\s<>\"]+\Z", text, re.IGNORECASE):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False
