"""What a page costs around page 50,000 of one task, against around page 500 of a young one.

Two workers, each on a database of its own: one task is brought down a chain to near page 50,000
(its pages written by the real committer, without the network), then both take turns with 500 pages
by the whole path: fetched, parsed, committed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.digger import LEAD, WINDOW
from tests.bench.place import ROOT, answer, tell

DEEP = int(os.environ.get("BENCH_DEEP", "50000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))


class Digger:
    """A worker process on one run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, command: str) -> float:
        assert self.process.stdin and self.process.stdout
        print(command, file=self.process.stdin, flush=True)
        said = self.process.stdout.readline()
        if not said:
            raise SystemExit("a digger ended")
        return float(said)


@contextmanager
def digger(shop: str, data: Path) -> Iterator[Digger]:
    data.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.digger", shop],
        env=os.environ | {"LOBSTR_DATA": str(data)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Digger(process)
    finally:
        process.kill()
        process.communicate()


def pair(old: Digger, young: Digger) -> tuple[float, float]:
    """Milliseconds of a page, deep and young, one after the other."""
    deep = old.ask("window")
    young.ask("new")
    early = young.ask("window")
    tell(f"{deep:.2f} ms against {early:.2f} ms")
    return deep, early


def main(shop: str) -> None:
    data = Path(os.environ["LOBSTR_DATA"])
    with ExitStack() as stack:
        old = stack.enter_context(digger(shop, data / "old"))
        young = stack.enter_context(digger(shop, data / "young"))
        way = DEEP - ROUNDS * (LEAD + WINDOW) // 2
        tell(f"down to page {way}: {old.ask(f'dig {way}'):.2f} ms a page")
        pairs = [pair(old, young) for _ in range(ROUNDS)]
    deep, early = (statistics.median(costs) for costs in zip(*pairs, strict=True))
    ratio = statistics.median(deep / early for deep, early in pairs)
    detail = (
        f"{deep:.2f} ms a page around page {DEEP}, {early:.2f} ms around page {LEAD + WINDOW // 2};"
        f" one task, one request in flight, median of {ROUNDS} pairs of {WINDOW} pages"
    )
    answer({"page_50000_vs_500": {"value": ratio, "detail": detail}})


if __name__ == "__main__":
    main(sys.argv[1])
