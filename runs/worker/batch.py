"""What a batch of finished pages comes to, decided in page order before anything is written."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from runs.engine.work import EncodedRow, Page
from runs.models import LedgerEntry, Run
from runs.states import Reason, TaskReason
from runs.worker.hold import Hold, Note
from runs.worker.troubles import Streak
from squids.crawlers.interface import Usage


@dataclass(slots=True)
class Charge:
    function: str
    attempts: int
    hits: int
    rate: int

    @property
    def amount(self) -> int:
        return self.hits * self.rate


@dataclass(slots=True)
class Verdict:
    """One page as it will be written: each row with its number and, when unique, that number."""

    page: Page
    rows: list[tuple[EncodedRow, int, int | None]] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    unique: int = 0
    dropped: int = 0
    cut: int = 0
    """Rows left out because a limit was reached before them."""
    ends: str = ""
    """Why its task ends here although requests may be left (a task reason)."""

    @property
    def amount(self) -> int:
        return sum(charge.amount for charge in self.charges)


class Batch:
    """Takes pages one after the other and keeps the counters; ``stop`` ends the run."""

    def __init__(self, hold: Hold, run: Run, known: AbstractSet[str], funds: int) -> None:
        self.hold = hold
        self.results = run.results
        self.unique = run.unique_results
        self.funds = funds
        self.spent = 0
        self.stop: Reason | None = None
        self.streak = Streak(run)
        self.verdicts: list[Verdict] = []
        self._seen = set(known)
        self._by_task: dict[int, int] = {}

    def take(self, page: Page) -> bool:
        """Decide a page; False when the run stopped before it, so it is not written."""
        if self.stop or self.streak.stops_at(page):
            return False
        verdict = Verdict(page)
        self._take_rows(verdict)
        self._charge(verdict)
        if page.stop and not verdict.cut:
            verdict.ends = page.found_end or TaskReason.STOPPED
        self.verdicts.append(verdict)
        return True

    def _take_rows(self, verdict: Verdict) -> None:
        task, rate = verdict.page.task, self.hold.prices["row"]
        count = self._by_task.get(task.id, task.results)
        for row in verdict.page.rows:
            if self._full(count):
                break
            new = row.digest not in self._seen
            if new and rate and self.left - verdict.unique * rate < rate:
                self._run_dry(verdict)
                break
            self._number(verdict, row, new)
            count += 1
            if self._run_is_full():
                self.stop = Reason.MAX_UNIQUE_RESULTS_REACHED
                break
        if self._full(count):
            verdict.ends = TaskReason.MAX_RESULTS
        verdict.cut = len(verdict.page.rows) - len(verdict.rows) - verdict.dropped
        self._by_task[task.id] = count

    def _number(self, verdict: Verdict, row: EncodedRow, new: bool) -> None:
        self.results += 1
        if new:
            self.unique += 1
            verdict.unique += 1
            self._seen.add(row.digest)
        verdict.rows.append((row, self.results, self.unique if new else None))

    def _full(self, count: int) -> bool:
        return self.hold.max_results is not None and count >= self.hold.max_results

    def _run_is_full(self) -> bool:
        return self.hold.max_unique is not None and self.unique >= self.hold.max_unique

    def _run_dry(self, verdict: Verdict) -> None:
        verdict.dropped = len(verdict.page.rows) - len(verdict.rows)
        self.stop = Reason.NO_CREDITS_LEFT

    @property
    def left(self) -> int:
        return self.funds - self.spent

    def _charge(self, verdict: Verdict) -> None:
        rate = self.hold.prices["row"]
        if verdict.rows:
            base = Charge(LedgerEntry.BASE, len(verdict.rows), verdict.unique, rate)
            verdict.charges.append(base)
        self.spent += verdict.amount
        for name, usage in verdict.page.functions.items():
            self._charge_function(verdict, name, usage)

    def _charge_function(self, verdict: Verdict, name: str, usage: Usage) -> None:
        """A function is paid where it found something, as far as the credits reach. Of a page that
        a limit cut, it is paid for no more rows than were kept as new."""
        rate = self.hold.prices["functions"].get(name, 0)
        hits = min(usage.hits, verdict.unique) if verdict.cut else usage.hits
        payable = min(hits, self.left // rate) if rate else hits
        if payable < hits:
            self.stop = Reason.NO_CREDITS_LEFT
        charge = Charge(name, usage.attempts, payable, rate)
        verdict.charges.append(charge)
        self.spent += charge.amount


def lines_of(verdict: Verdict) -> list[Note]:
    """What the console says of a page."""
    page, position = verdict.page, verdict.page.task.position
    notes = [Note(level, text, position, page.url) for level, text in page.notes]
    if page.failed:
        notes.append(Note("error", page.error, position, page.url))
    elif page.queued is not None:
        notes.append(Note("info", _read(verdict), position, page.url))
    if verdict.dropped:
        text = f"{verdict.dropped:,} results could not be paid and were dropped"
        notes.append(Note("warning", text, position, page.url))
    if verdict.ends == TaskReason.MAX_RESULTS:
        notes.append(Note("info", "The task's limit of results is reached", position))
    elif verdict.cut:
        text = f"{verdict.cut:,} more results of this page are past the run's limit"
        notes.append(Note("info", text, position, page.url))
    elif page.found_end:
        notes.append(Note("info", TaskReason(page.found_end).label, position, page.url))
    return notes


def _read(verdict: Verdict) -> str:
    page, count = verdict.page, len(verdict.rows)
    new = f", {verdict.unique} new" if verdict.unique != count else ""
    results = f"{count} result{'' if count == 1 else 's'}{new}"
    return f"Page {page.task.pages + 1} · {results} · {page.seconds:.2f} s"
