"""Values as cells of a file: what stays a number, what becomes text, and what is made harmless."""

from __future__ import annotations

import json
import re
from typing import Any

FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20\t\r]")
"""What a spreadsheet may take for the start of a formula, full-width forms included."""
PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?\Z")
LINE_BREAKS = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*")

Cell = str | int | float | bool | None


def cell(value: Any, *, no_line_breaks: bool) -> Cell:
    """A row's value: numbers, booleans and null as they are, text made harmless, the rest JSON."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if no_line_breaks:
        text = LINE_BREAKS.sub(" ", text)
    return harmless(text)


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run as a formula."""
    if FORMULA.match(text) and not PLAIN_NUMBER.match(text):
        return f"'{text}"
    return text
