"""Text formats: each a generator of blocks of bytes, one for each chunk of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runs.exports import columns
from runs.exports.rows import Snapshot
from runs.exports.values import Cell, cell, harmless


def as_csv(snapshot: Snapshot, *, no_line_breaks: bool) -> Iterator[bytes]:
    """RFC 4180 in UTF-8. Null is nothing at all, an empty text is ``""``."""
    names = columns.union(snapshot)
    yield _line(harmless(name) for name in names)
    for rows in snapshot.rows():
        yield b"".join(
            _line(cell(row.get(name), no_line_breaks=no_line_breaks) for name in names)
            for row in rows
        )


def _line(cells: Iterable[Cell]) -> bytes:
    line = ",".join(map(_field, cells)) + "\r\n"
    return line.encode("utf-8", "replace")  # a lone surrogate has no UTF-8


def _field(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return '"' + value.replace('"', '""') + '"' if _needs_quotes(value) else value


def _needs_quotes(text: str) -> bool:
    """Plain looks, several times as quick as one pattern, and most of what an export does."""
    return (
        not text
        or '"' in text
        or "," in text
        or ";" in text
        or "\n" in text
        or "\r" in text
        or text[0].isspace()
        or text[-1].isspace()
    )


def as_jsonl(snapshot: Snapshot) -> Iterator[bytes]:
    """The rows as they were stored, one to a line."""
    for texts in snapshot.texts():
        yield _encoded("".join(f"{text}\n" for text in texts))


def as_json(snapshot: Snapshot) -> Iterator[bytes]:
    """One array of the rows as they were stored."""
    opening = "["
    for texts in snapshot.texts():
        yield _encoded(opening + "\n" + ",\n".join(texts))
        opening = ","
    yield b"[]\n" if opening == "[" else b"\n]\n"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
