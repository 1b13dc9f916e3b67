"""What a batch of finished pages comes to, decided in page order before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    """One page as it will be written: each row with its number and, when unique, that number.

    ``unpaid`` rows are those that the credits did not reach, ``owed`` the functions' hits. They
    ``wait`` with the page where the run is to complete, and are dropped where it is not.
    """

    page: Page
    rows: list[tuple[EncodedRow, int, int | None]] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    unique: int = 0
    cut: int = 0
    """Rows left out because a limit was reached before them."""
    unpaid: int = 0
    owed: dict[str, int] = field(default_factory=dict)
    waits: bool = False
    ends: str = ""
    """Why its task ends here although requests may be left (a task reason)."""

    @property
    def bounds(self) -> tuple[int, int]:
        """The numbers of its first and last row; zeros without any."""
        return (self.rows[0][1], self.rows[-1][1]) if self.rows else (0, 0)


class Batch:
    """Takes pages one after the other and keeps the counters; ``stop`` ends or pauses the run."""

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
        rows = self._within_limits(page)
        verdict.cut = len(page.rows) - len(rows)
        if self.hold.to_complete:
            # Nothing unpaid is shown, and nobody can tell which rows a function's hits are in.
            self._charge_functions(verdict, [new for _, new in rows])
            self._take_rows(verdict, rows)
            verdict.waits = bool(verdict.unpaid or verdict.owed)
        else:
            self._take_rows(verdict, rows)
            self._charge_functions(verdict, [number is not None for *_, number in verdict.rows])
        if page.stop and not verdict.cut and not verdict.waits:
            verdict.ends = page.found_end or TaskReason.STOPPED
        self.verdicts.append(verdict)
        return True

    def _within_limits(self, page: Page) -> list[tuple[EncodedRow, bool]]:
        """The rows that no limit cuts, each with whether it is new."""
        count, unique = self._count(page), self.unique
        digests: set[str] = set()
        rows = []
        for row in page.rows:
            if self._full(count) or self._run_is_full(unique):
                break
            new = row.digest not in self._seen and row.digest not in digests
            digests.add(row.digest)
            rows.append((row, new))
            count, unique = count + 1, unique + new
        return rows

    def _take_rows(self, verdict: Verdict, rows: Sequence[tuple[EncodedRow, bool]]) -> None:
        for row, new in rows:
            if not self._affords(verdict, new):
                self.stop = Reason.NO_CREDITS_LEFT
                verdict.unpaid = len(rows) - len(verdict.rows)
                break
            self._number(verdict, row, new)
        count = self._count(verdict.page) + len(verdict.rows)
        self._by_task[verdict.page.task.id] = count
        if self._full(count):
            verdict.ends = TaskReason.MAX_RESULTS
        if verdict.rows and self._run_is_full(self.unique):
            self.stop = Reason.MAX_UNIQUE_RESULTS_REACHED
        self._charge_rows(verdict)

    def _count(self, page: Page) -> int:
        """How many rows its task has so far."""
        return self._by_task.get(page.task.id, page.task.results)

    def _affords(self, verdict: Verdict, new: bool) -> bool:
        """Whether a row can be written: duplicates are free, but wait behind what is not paid."""
        if verdict.owed:
            return False
        rate = self.hold.prices["row"]
        return not new or not rate or self.left >= (verdict.unique + 1) * rate

    def _number(self, verdict: Verdict, row: EncodedRow, new: bool) -> None:
        self.results += 1
        if new:
            self.unique += 1
            verdict.unique += 1
            self._seen.add(row.digest)
        verdict.rows.append((row, self.results, self.unique if new else None))

    def _full(self, count: int) -> bool:
        return self.hold.max_results is not None and count >= self.hold.max_results

    def _run_is_full(self, unique: int) -> bool:
        return self.hold.max_unique is not None and unique >= self.hold.max_unique

    @property
    def left(self) -> int:
        return self.funds - self.spent

    def _charge_rows(self, verdict: Verdict) -> None:
        if verdict.rows:
            rate = self.hold.prices["row"]
            self._add(verdict, Charge(LedgerEntry.BASE, len(verdict.rows), verdict.unique, rate))

    def _charge_functions(self, verdict: Verdict, new: Sequence[bool]) -> None:
        """Those that are switched on; ``new`` says of each row that is kept whether it is."""
        for name, usage in verdict.page.functions.items():
            if name in self.hold.prices["functions"]:
                self._charge_function(verdict, name, Usage(usage.attempts, _payable(usage, new)))

    def _charge_function(self, verdict: Verdict, name: str, usage: Usage) -> None:
        """A function is paid where it found something, as far as the credits reach."""
        rate = self.hold.prices["functions"][name]
        payable = min(usage.hits, self.left // rate) if rate else usage.hits
        if payable < usage.hits:
            self.stop = Reason.NO_CREDITS_LEFT
            verdict.owed[name] = usage.hits - payable
        self._add(verdict, Charge(name, usage.attempts, payable, rate))

    def _add(self, verdict: Verdict, charge: Charge) -> None:
        verdict.charges.append(charge)
        self.spent += charge.amount


def _payable(usage: Usage, new: Sequence[bool]) -> int:
    """Duplicates are free, so a function is paid for what it found in new rows; where it does not
    say in which it did, for no more than there are."""
    if usage.rows is None:
        return min(usage.hits, sum(new))
    return sum(new[place] for place in set(usage.rows) if 0 <= place < len(new))


def lines_of(verdict: Verdict, labels: Mapping[str, str]) -> list[Note]:
    """What the console says of a page; ``labels`` are those of its crawler's functions."""
    page, position = verdict.page, verdict.page.task.position
    notes = [Note(level, text, position, page.url) for level, text in page.notes]
    if page.failed:
        notes.append(Note("error", page.error, position, page.url))
    elif page.queued is not None:
        text = " · ".join([_read(verdict), *_tried(verdict, labels)])
        notes.append(Note("info", text, position, page.url))
    if verdict.unpaid or verdict.waits:
        notes.append(Note("warning", _unpaid(verdict), position, page.url))
    if verdict.ends == TaskReason.MAX_RESULTS:
        notes.append(Note("info", "The task's limit of results is reached", position))
    elif verdict.cut and not verdict.unpaid:
        cut = f"{verdict.cut:,} more result{'' if verdict.cut == 1 else 's'} of this page"
        text = f"{cut} {'is' if verdict.cut == 1 else 'are'} past the run's limit"
        notes.append(Note("info", text, position, page.url))
    elif page.found_end and not verdict.waits:
        notes.append(Note("info", TaskReason(page.found_end).label, position, page.url))
    return notes


def _read(verdict: Verdict) -> str:
    page, count = verdict.page, len(verdict.rows)
    new = f", {verdict.unique} new" if verdict.unique != count else ""
    results = f"{count} result{'' if count == 1 else 's'}{new}"
    if page.part:
        return f"Charged what waited for credits · {results}"
    return f"Page {page.task.pages + 1} · {results} · {page.seconds:.2f} s"


def _tried(verdict: Verdict, labels: Mapping[str, str]) -> Iterator[str]:
    """How its functions fared; what they found in duplicates is not new, and free."""
    for charge in verdict.charges:
        usage = verdict.page.functions.get(charge.function)
        if usage is None or not (usage.attempts or usage.hits):
            continue
        tried = f"{usage.attempts} tried, " if usage.attempts else ""
        paid = charge.hits + verdict.owed.get(charge.function, 0)
        new = f", {paid} new" if paid != usage.hits else ""
        yield f"{labels.get(charge.function, charge.function)}: {tried}{usage.hits} found{new}"


def _unpaid(verdict: Verdict) -> str:
    count, one = verdict.unpaid, verdict.unpaid == 1
    results = f"{count:,} result{'' if one else 's'}"
    if not verdict.waits:
        return f"{results} could not be paid and {'was' if one else 'were'} dropped"
    if not count:
        return "What its functions found waits for credits"
    return f"{results} of this page {'waits' if one else 'wait'} for credits"
