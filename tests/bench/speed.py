"""Pages per second of a whole run against Scrapy twice and against the bare loop, in turn."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import shop
from tests.bench.place import answer, ask, tell

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
TASKS = int(os.environ.get("BENCH_TASKS", shop.TASKS))
AGAINST = {
    "pages_vs_scrapy_documented": "scrapy_documented",
    "pages_vs_scrapy_lean": "scrapy_lean",
    "pages_vs_bare_loop": "bare",
}
"""With whom each figure compares us."""


class Race:
    """Contenders take turns, so that what else this machine does falls on all of them."""

    def __init__(self, site: str, data: Path) -> None:
        self.site, self.data = site, data
        self.speeds: dict[str, list[float]] = {}
        self.digest = ""

    def round(self, names: Sequence[str]) -> None:
        for name in names:
            found = self._crawl(name)
            speed = found["pages"] / found["seconds"]
            self.speeds.setdefault(name, []).append(speed)
            tell(f"{name}: {speed:.0f} pages/s")

    def _crawl(self, name: str) -> dict[str, Any]:
        """Each in a folder of its own: a database or a file that nobody used before."""
        folder = self.data / "race"
        folder.mkdir()
        words = [self.site, str(TASKS), str(folder / "rows.csv")]
        module = f"tests.bench.contenders.{name}"
        found = ask(module, words, os.environ | {"LOBSTR_DATA": str(folder)})
        shutil.rmtree(folder)
        self._check(name, found)
        return found

    def _check(self, name: str, found: dict[str, Any]) -> None:
        """A speed counts only for the same pages and the same rows as everybody's."""
        self.digest = self.digest or found["digest"]
        expected = (shop.pages(TASKS), 20 * shop.pages(TASKS), self.digest)
        got = (found["pages"], found["rows"], found["digest"])
        if got != expected:
            raise SystemExit(f"{name} brought {got}, not {expected}")

    def ratio(self, other: str) -> float:
        """The median of the rounds' ratios."""
        both = zip(self.speeds["ours"], self.speeds[other], strict=True)
        return statistics.median(ours / theirs for ours, theirs in both)

    def detail(self, other: str) -> str:
        ours, theirs = (statistics.median(self.speeds[name]) for name in ("ours", other))
        return (
            f"{ours:.0f} pages/s of ours, {theirs:.0f} of {other.replace('_', ' ')}; "
            f"{shop.pages(TASKS)} pages, {shop.IN_FLIGHT} in flight, median of {ROUNDS} rounds"
        )


def main(site: str, names: Sequence[str]) -> None:
    race = Race(site, Path(os.environ["LOBSTR_DATA"]))
    contenders = ["ours", *(AGAINST[name] for name in names)]
    for _ in range(ROUNDS):
        race.round(contenders)
    answer(
        {
            name: {"value": race.ratio(AGAINST[name]), "detail": race.detail(AGAINST[name])}
            for name in names
        }
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
