"""The answer streams; one that fails midway ends with a line that says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from runs import exports
from runs.exports.files import BROKEN


def collected(file: exports.File) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [block async for block in exports.stream(file)]

    return asyncio.run(collect())


def test_blocks_leave_as_they_are_made() -> None:
    made: list[int] = []

    def blocks() -> Iterator[bytes]:
        for number in range(3):
            made.append(number)
            yield b"%d" % number

    async def begin() -> list[tuple[bytes, int]]:
        stream = exports.stream(exports.File("x.csv", "text/csv", blocks))
        return [(await anext(stream), len(made)) for _ in range(3)]

    assert asyncio.run(begin()) == [(b"", 0), (b"0", 1), (b"1", 2)]


def test_a_failure_midway_ends_the_file_visibly(caplog: object) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"a,b\r\n"
        raise OSError("the disk is gone")

    whole = collected(exports.File("x.csv", "text/csv", blocks))
    assert whole[:2] == [b"", b"a,b\r\n"]
    assert BROKEN.encode() in whole[-1]
    assert len(whole) == 3
