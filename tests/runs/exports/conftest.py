from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from lxml import etree

from runs import exports
from runs.models import Run
from squids.models import User
from tests import factories

MakeRun = Callable[..., Run]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def owner(db: None) -> User:
    return factories.user("owner")


@pytest.fixture
def run_with(owner: User) -> MakeRun:
    """A finished run with these rows; ``squid`` fields and run fields may be given."""

    def make(
        rows: Sequence[dict[str, Any]],
        columns: Sequence[str] = (),
        squid: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Run:
        of = factories.squid(owner, **(squid or {}))
        return factories.results(factories.run(of, columns=columns, **fields), rows)

    return make


def exported(
    run: Run, wanted: str, *, rows: str = "", columns: Sequence[str] = (), omit: Sequence[str] = ()
) -> bytes:
    choice = exports.choose(run, columns, omit)
    file = exports.prepare(run, exports.Format(wanted), rows=rows, choice=choice)
    return b"".join(file.blocks())


def csv_text(run: Run, *, rows: str = "", **choice: Sequence[str]) -> str:
    return exported(run, "csv", rows=rows, **choice).decode()


def sheet_cells(book: bytes) -> list[dict[str, tuple[str, str | None]]]:
    """Each row of the sheet as column letter → (cell type, its text)."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert parts.testzip() is None
        tree = etree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    return [
        {
            cell.get("r").rstrip("0123456789"): (cell.get("t", "n"), "".join(cell.itertext()))
            for cell in row
        }
        for row in tree.iter(f"{SHEET}row")
    ]
