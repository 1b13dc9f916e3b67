"""A sheet as a spreadsheet program reads it, and what making it leaves behind: nothing."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.test import AsyncClient, AsyncRequestFactory
from python_calamine import CalamineWorkbook

from runs import exports
from runs.exports.scratch import scratch
from runs.models import Run
from squids.models import User
from tests.runs.exports.conftest import MakeRun, exported

HOME = Path(settings.DATA_DIR) / "exports"


def table(run: Run) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exported(run, "xlsx")))
    return book.get_sheet_by_name("Results").to_python()


def blocks_of(run: Run) -> Iterator[bytes]:
    return exports.prepare(run, exports.Format.XLSX).blocks()


def left_behind() -> list[Path]:
    return list(HOME.glob("*"))


TEXTS = [
    "http://shop.example/?a=1&b=2",
    "mailto:a@shop.example",
    "internal:Sheet2!A1",
    "007",
    "1e5",
    "true",
    "2025-03-04",
    "{=SUM(A1)}",
    "<r>bold</r>",
    "<r><t>&amp;</t></r>",
    "<r></r>",
    "<b>&</b> ]]> \"'",
    " two\n lines\t",
    "日本語 · עברית · 🦑",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_the_text_it_is(run_with: MakeRun, text: str) -> None:
    assert table(run_with([{"a": text, "b": 1}])) == [["a", "b"], [text, 1.0]]


@pytest.mark.parametrize("number", [0.1 + 0.2, 2.3522219000000177, -1e-300, 1e300, 0.0, 1 / 3])
def test_a_number_keeps_every_digit(run_with: MakeRun, number: float) -> None:
    assert table(run_with([{"a": number}])) == [["a"], [number]]


def test_half_a_character_does_not_break_the_file(run_with: MakeRun) -> None:
    assert table(run_with([{"a": "half \ud83e of one"}])) == [["a"], ["half � of one"]]


def test_rows_stay_in_their_order_across_chunks(run_with: MakeRun) -> None:
    run = run_with([{"n": n, "odd": None if n % 2 else "x"} for n in range(2_500)])
    assert table(run)[1:] == [[float(n), "" if n % 2 else "x"] for n in range(2_500)]


def test_there_is_no_formula_and_no_link(run_with: MakeRun) -> None:
    run = run_with([{text: text for text in [*TEXTS, "=1+1", "{=1+1}", "@x", "\t=1"]}])
    with zipfile.ZipFile(io.BytesIO(exported(run, "xlsx"))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet and b"<f " not in sheet and b"hyperlink" not in sheet
        assert not [name for name in parts.namelist() if "worksheets/_rels" in name]


# --- the folder it is made in -------------------------------------------------------------------


def test_a_whole_file_leaves_nothing(run_with: MakeRun) -> None:
    blocks = blocks_of(run_with([{"a": 1}]))
    next(blocks)
    assert len(left_behind()) == 1
    assert b"".join(blocks)
    assert left_behind() == []


@pytest.mark.parametrize("when", ["rows", "file"])
def test_one_left_midway_leaves_nothing(run_with: MakeRun, when: str) -> None:
    blocks: Any = blocks_of(run_with([{"a": n} for n in range(1_500)]))
    while not next(blocks) and when == "file":
        pass
    blocks.close()
    assert left_behind() == []


def test_one_that_breaks_off_leaves_nothing(run_with: MakeRun) -> None:
    run = run_with([{"a": n} for n in range(1_500)])
    blocks = blocks_of(run)
    next(blocks)
    run.rows.filter(number=1_200).update(data="no row")
    with pytest.raises(ValueError, match="Expecting value"):
        list(blocks)
    assert left_behind() == []


def test_what_a_killed_process_left_goes_with_the_next() -> None:
    with scratch() as ours:
        stale = HOME / "stale"
        stale.mkdir()
        (stale / "results.xlsx").write_bytes(b"x")
        with scratch():
            assert ours.exists(), "one in use stays"
            assert not stale.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seen", ["headers", "rows"])
def test_a_client_that_leaves_stops_it(owner: User, run_with: MakeRun, seen: str) -> None:
    run = run_with([{"a": n} for n in range(30_000)], columns=["a"])

    async def leave() -> int:
        client = AsyncClient()
        await client.aforce_login(owner)
        scope: dict[str, Any] = {
            **AsyncRequestFactory().request(path="").scope,
            "path": f"/runs/{run.uid}/download.xlsx",
            "headers": [(b"host", b"localhost"), (b"cookie", _cookies(client))],
        }
        site = cast(Any, ApplicationCommunicator)(get_asgi_application(), scope)
        await site.send_input({"type": "http.request", "body": b""})
        assert (await site.receive_output(5))["status"] == 200
        for _ in range(2 if seen == "rows" else 0):
            assert (await site.receive_output(5))["body"] == b""
        await site.send_input({"type": "http.disconnect"})
        await site.wait(30)
        written: int = site.output_queue.qsize()
        return written

    assert asyncio.run(leave()) < 30, "it was written to the end"
    assert left_behind() == []


def _cookies(client: AsyncClient) -> bytes:
    return "; ".join(f"{key}={one.value}" for key, one in client.cookies.items()).encode()
