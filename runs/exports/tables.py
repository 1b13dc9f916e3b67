"""Text formats: each a generator of blocks of bytes, one for each chunk of rows."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from time import monotonic

import orjson

from runs.exports import columns
from runs.exports.columns import Choice
from runs.exports.rows import Row, Snapshot
from runs.exports.values import Cell, cell, harmless

SIGN_OF_LIFE = 1.0
"""Seconds between two bytes while there is nothing else to send; clients wait for five."""


def as_csv(snapshot: Snapshot, choice: Choice, *, no_line_breaks: bool) -> Iterator[bytes]:
    """RFC 4180 in UTF-8. Null is nothing at all, an empty text is ``""``."""
    names = yield from _header(snapshot, choice)
    for rows in snapshot.rows():
        yield b"".join(
            _line(cell(row.get(name), no_line_breaks=no_line_breaks) for name in names)
            for row in rows
        )


def _header(snapshot: Snapshot, choice: Choice) -> Generator[bytes, None, list[str]]:
    """The header; returns its names. It is whole when all rows were looked through, so meanwhile
    what is known of it goes out byte by byte: a client takes a silent server for a dead one."""
    names: list[str] = []
    sent, at = 0, -SIGN_OF_LIFE
    for more in columns.met(snapshot, choice):
        names += more
        byte = b""
        if monotonic() - at >= SIGN_OF_LIFE:  # only now: rows may have thousands of names
            known = _line(map(harmless, names))[: -len(LINE_END)]
            byte, at = known[sent : sent + 1], monotonic()
        sent += len(byte)
        yield byte
    yield _line(map(harmless, names))[sent:]
    return names


LINE_END = b"\r\n"


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


def as_jsonl(snapshot: Snapshot, choice: Choice) -> Iterator[bytes]:
    """The rows as they were stored, one to a line."""
    for texts in _texts(snapshot, choice):
        yield _encoded("".join(f"{text}\n" for text in texts))


def as_json(snapshot: Snapshot, choice: Choice) -> Iterator[bytes]:
    """One array of the rows as they were stored."""
    opening = "["
    for texts in _texts(snapshot, choice):
        yield _encoded(opening + "\n" + ",\n".join(texts))
        opening = ","
    yield b"[]\n" if opening == "[" else b"\n]\n"


def _texts(snapshot: Snapshot, choice: Choice) -> Iterator[list[str]]:
    """The rows in JSON; they are read only where something of them is left out."""
    if choice.is_all:
        yield from snapshot.texts()
        return
    for rows in snapshot.rows():
        yield [_json(choice.of_row(row)) for row in rows]


def _json(row: Row) -> str:
    try:
        return orjson.dumps(row).decode()
    except TypeError:  # huge numbers, lone surrogates
        return json.dumps(row)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
