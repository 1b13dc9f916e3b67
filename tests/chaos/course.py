"""The whole course: undisturbed runs, then the same ones with kills inside, then the comparison."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command

from runs import lifecycle
from runs.models import Run
from squids.models import Squid
from tests.chaos import kills, report
from tests.chaos.digest import digest
from tests.chaos.site import Site
from tests.chaos.snapshot import broken_at_once
from tests.chaos.subjects import make_squids
from tests.chaos.watch import LIMIT, Watch
from tests.demo_server import DemoSite, demo_server
from tests.runs.processes import wait_until
from tests.site.running import lives

PAUSE = (0.2, 5.0)
"""Seconds from one recovery to the next kill."""
WHOLE_RUN = 300.0


class Course:
    """``breaches`` says in words what did not hold."""

    def __init__(self, folder: Path, count: int, seed: int) -> None:
        self.folder, self.count, self.seed = folder, count, seed
        self.chance = random.Random(seed)
        self.breaches: list[str] = []
        self.records: list[report.Record] = []
        self.expected: dict[int, dict[str, str]] = {}
        self.runs: dict[int, Run] = {}
        self.began = time.monotonic()

    def run(self) -> list[str]:
        """Kill, check, compare; prints as it goes and answers the breaches."""
        call_command("migrate", interactive=False, verbosity=0)
        with demo_server() as shop:
            self._with_shop(shop)
        report.table(self.records, self.breaches, self.count, self.seed, self._elapsed)
        return self.breaches

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self.began

    def _with_shop(self, shop: DemoSite) -> None:
        self.squids = make_squids(shop)
        self.site = Site(self.folder / "data", shop.address)
        self.watch = Watch()
        try:
            self.site.start()
            self._undisturbed()
            self._disturbed()
            self._breach(*self._ticks(), *self.site.stop())
        except AssertionError as problem:
            self._breach(f"gave up: {problem}")
        finally:
            self.watch.stop()
            self.site.clear()

    # --- runs ---

    def _undisturbed(self) -> None:
        for squid in self.squids:
            self._launch(squid)
        self._wait_for_the_runs()
        for squid in self.squids:
            run = self._latest(squid)
            self.expected[squid.pk] = digest(run)
            self._close(run, "undisturbed")
            self._breach(*broken_at_once([run.pk]))

    def _launch(self, squid: Squid) -> None:
        self.runs[squid.pk] = lifecycle.start(squid, by="chaos")

    def _latest(self, squid: Squid) -> Run:
        return Run.objects.get(pk=self.runs[squid.pk].pk)

    def _wait_for_the_runs(self) -> None:
        wait_until(lambda: all(self._latest(squid).is_done for squid in self.squids), WHOLE_RUN)

    def _compare_and_launch(self, *, again: bool) -> None:
        """What is done is compared; then its squid is launched again."""
        for squid in self.squids:
            run = self._latest(squid)
            if not run.is_done:
                continue
            seen, expected = digest(run), self.expected[squid.pk]
            differs = [part for part in expected if seen[part] != expected[part]]
            if differs:
                self._breach(f"run {run.pk} differs from the undisturbed: {', '.join(differs)}")
            self._close(run, "differs" if differs else "equal")
            if again:
                self._launch(squid)

    def _close(self, run: Run, verdict: str) -> None:
        without = self.watch.longest.get(run.pk, 0.0)
        if without > LIMIT:
            self._breach(f"run {run.pk} was without a living worker for {without:.0f} s")
        self.records.append(report.Record(run, verdict, without))
        print(report.ended(self._elapsed, self.records[-1]), flush=True)

    def _ticks(self) -> list[str]:
        waited = self.watch.longest_tick
        print(f"\nThe longest that a tick waited in the queue: {waited:.1f} s")
        return [f"a tick waited for {waited:.0f} s"] if waited > LIMIT else []

    # --- kills ---

    def _disturbed(self) -> None:
        for squid in self.squids:
            self._launch(squid)
        turns = kills.turns(self.chance)
        for number in range(1, self.count + 1):
            time.sleep(self.chance.uniform(*PAUSE))
            self._compare_and_launch(again=True)
            self._kill(number, next(turns))
        self._wait_for_the_runs()
        self._breach(*self._check())
        self._compare_and_launch(again=False)

    def _kill(self, number: int, kind: str) -> None:
        victims = self._find_and_kill(kind)
        at, before = self._elapsed, self._pages()
        broken = self._check()
        if kind == "everything":
            self.site.start_again()
        late = self._recover(victims, before)
        broken += self._check()
        self._breach(*broken, *([f"after {kind}: {late}"] if late else []))
        took = self._elapsed - at
        print(report.killed(number, at, kind, victims, before, broken, late, took), flush=True)

    def _find_and_kill(self, kind: str) -> kills.Victims:
        """Whoever is of that kind first; none holds a run for moments between two slices."""
        found: list[kills.Victims] = []

        def done() -> bool:
            victims = kills.kill(kind, self.site, self.chance)
            found.extend([victims] if victims else [])
            return bool(found)

        wait_until(done)
        return found[0]

    def _check(self) -> list[str]:
        return broken_at_once(run.pk for run in self.runs.values())

    def _pages(self) -> dict[int, int]:
        return {squid.pk: self._latest(squid).pages for squid in self.squids}

    def _recover(self, victims: kills.Victims, before: dict[int, int]) -> str:
        """Wait until all is as it was: the killed gone, the site whole, every run a page further.
        Answers what is still missing when the time is over."""
        missing: dict[str, Callable[[], bool]] = {
            "a killed process lives": lambda: not any(map(lives, victims)),
            "the site is not whole": self.site.is_whole,
            "a run does not go on": lambda: self._all_went_on(before),
        }
        end = time.monotonic() + LIMIT
        while missing and time.monotonic() < end:
            missing = {text: mended for text, mended in missing.items() if not mended()}
            time.sleep(0.1)
        return ", ".join(missing)

    def _all_went_on(self, before: dict[int, int]) -> bool:
        runs = map(self._latest, self.squids)
        return all(run.is_done or run.pages > before[run.squid_id] for run in runs)

    def _breach(self, *texts: str) -> None:
        """Each is told once, as soon as it is seen."""
        for text in texts:
            if text not in self.breaches:
                self.breaches.append(text)
                print(f"     {self._elapsed:6.1f} s  BREACH: {text}", flush=True)
