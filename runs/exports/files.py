"""The files there are: their formats, what they hold and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db.models import TextChoices

from runs.exports import sheet, tables
from runs.exports.columns import EVERYTHING, Choice
from runs.exports.names import file_name
from runs.exports.rows import CHUNK, Snapshot
from runs.models import Line, Run
from squids.errors import FieldRefused


class Format(TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    JSON = "json", "JSON"
    JSONL = "jsonl", "JSONL"


CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
    Format.JSONL: "application/jsonl; charset=utf-8",
}

BROKEN = "This file is not whole: the export broke off here. Download it again."


@dataclass(frozen=True, slots=True)
class File:
    """``blocks`` starts the reading; ``broken_off`` ends a file that could not be finished."""

    name: str
    content_type: str
    blocks: Callable[[], Iterator[bytes]]
    broken_off: bytes = f"\r\n{BROKEN}\r\n".encode()


class TooManyRows(FieldRefused):
    def __init__(self, count: int) -> None:
        super().__init__(
            "format",
            f"An XLSX sheet holds {sheet.ROW_LIMIT:,} rows and this run has {count:,}. "
            "Download it as CSV or JSON.",
        )


def fits(run: Run, wanted: Format, *, unique: bool) -> bool:
    """Whether the format can hold the run's rows."""
    return wanted != Format.XLSX or Snapshot.of(run, unique=unique).count <= sheet.ROW_LIMIT


def prepare(
    run: Run,
    wanted: Format,
    *,
    rows: str = "",
    choice: Choice = EVERYTHING,
) -> File:
    """The file of a run's rows as they are now: ``rows`` is ``unique`` or ``all``, else the squid
    says; ``choice`` is what ``choose`` answered. No row is read yet. Raises TooManyRows for a sheet
    that cannot hold them."""
    unique = rows != "all" if rows in ("unique", "all") else run.squid.export_unique_results
    snapshot = Snapshot.of(run, unique=unique)
    if not fits(run, wanted, unique=unique):
        raise TooManyRows(snapshot.count)
    blocks = _writer(wanted, snapshot, choice, no_line_breaks=run.squid.no_line_breaks)
    return File(file_name(run, wanted.value), CONTENT_TYPES[wanted], blocks)


def _writer(
    wanted: Format, snapshot: Snapshot, choice: Choice, *, no_line_breaks: bool
) -> Callable[[], Iterator[bytes]]:
    if wanted == Format.CSV:
        return partial(tables.as_csv, snapshot, choice, no_line_breaks=no_line_breaks)
    if wanted == Format.XLSX:
        return partial(sheet.as_xlsx, snapshot, choice, no_line_breaks=no_line_breaks)
    return partial(tables.as_json if wanted == Format.JSON else tables.as_jsonl, snapshot, choice)


def log(run: Run) -> File:
    """The run's console as text, up to its last line now."""
    name = f"log_{file_name(run, 'txt')}"
    return File(name, "text/plain; charset=utf-8", partial(_log, run.pk, run.last_line))


def _log(run_id: int, last: int) -> Iterator[bytes]:
    for start in range(0, last, CHUNK):
        upto = min(start + CHUNK, last)
        lines = Line.objects.filter(run=run_id, number__gt=start, number__lte=upto)
        yield "".join(map(_log_line, lines.order_by("number"))).encode("utf-8", "replace")


def _log_line(line: Line) -> str:
    task = f"[task {line.task_position}] " if line.task_position else ""
    url = f" · {line.url}" if line.url and line.url not in line.text else ""
    return f"{line.at:%Y-%m-%dT%H:%M:%S.%fZ} {line.level:<7} {task}{line.text}{url}\n"
