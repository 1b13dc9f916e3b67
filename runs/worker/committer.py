"""Writes finished pages: each whole or not at all, many to a transaction, under the lease's fence.

Locks are taken in one order, lease, run, accounts, balance, here and in the lifecycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain

from django.db import connection, transaction
from django.utils import timezone

from runs import console, credits, lifecycle, live, seats, sql
from runs.engine.work import Committed, FenceBroken, Page, Queued
from runs.models import Balance, LedgerEntry, Line, PendingPage, Request, Result, Run, RunTask
from runs.states import TASK_FAULTS, Reason, RequestState, TaskReason, TaskStatus
from runs.worker import functions, limits, tasks, troubles
from runs.worker.batch import Batch, Verdict, lines_of
from runs.worker.hold import Hold, Note, Tally
from runs.worker.tasks import claim_next, insert_requests, request_row
from squids.crawlers.interface import Request as CrawlerRequest

DEFERRED = ("settings", "message", "traceback")
COLUMNS = ", ".join(str(f.column) for f in Run._meta.concrete_fields if f.name not in DEFERRED)
COUNTERS = (
    "pages", "results", "unique_results", "credits", "tasks_done", "tasks_failed", "last_line",
    "troubles", "streak", "updated_at",
)  # fmt: skip
# A task that has rows already keeps its first one: also where that is not known, since its rows
# are older than the column.
ALSO_OF_TASKS = (
    "last_page_at = %s, suspect = %s, kills = 0,"
    " first_row = CASE WHEN runs_runtask.results = 0 THEN NULLIF(v.first, 0)"
    " ELSE runs_runtask.first_row END,"
    " last_row = COALESCE(NULLIF(v.last, 0), runs_runtask.last_row)"
)


class CreditsMoved(Exception):
    """Another run spent the credits we counted on, or a cycle or day of them begins; the batch is
    worked out again."""


def commit(hold: Hold, pages: Sequence[Page], notes: Sequence[Note]) -> list[Committed]:
    """Write pages and lines; answers, for each page, what became of its task.

    Raises FenceBroken, with nothing written, when the run is no longer ours.
    """
    while True:
        try:
            with transaction.atomic():
                return _Transaction(hold, pages, notes).write()
        except CreditsMoved:
            credits.present(hold.owner_id)  # a new cycle begins before accounts are locked


def settle(hold: Hold) -> None:
    """Charge and write what waits for credits of the run's pages. Raises FenceBroken where the
    credits run out again, or the run ends."""
    while pages := tasks.pending(hold):
        commit(hold, pages, [])


def fence(hold: Hold) -> Run:
    """Lock lease and run, in this order. Raises FenceBroken.

    In SQL, as all that every batch does: the ORM needs ten times as long to ask as the database
    to answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM runs_lease WHERE id = %s AND token = %s AND expires_at >= %s"
            + sql.for_update(),
            [hold.lease_id, hold.token, sql.moment(timezone.now())],
        )
        if not cursor.fetchone():
            raise FenceBroken
    query = f"SELECT {COLUMNS} FROM runs_run WHERE id = %s{sql.for_update()}"
    [run] = Run.objects.raw(query, [hold.run_id])
    return run


class _Transaction:
    """One transaction's worth of pages. Made anew for every attempt."""

    def __init__(self, hold: Hold, pages: Sequence[Page], notes: Sequence[Note]) -> None:
        self.hold = hold
        self.pages = pages
        self.notes = notes
        self.limited: list[Note] = []

    def write(self) -> list[Committed]:
        self.run = fence(self.hold)
        self.balance = self._funds() if self.pages else None
        self.now = timezone.now()  # not before the cycle it is charged to
        self.at = sql.moment(self.now)
        self.batch = self._decide()
        ids = self._write_requests()
        self._write_rows(ids)
        self._write_pending(ids)
        followed = self._write_follow_ups()
        ended = self._write_tasks(followed)
        self._write_lines(ended)
        self._count_reads()
        self._write_run(ended)
        answers = self._answer(followed, ended)
        self._charge(ids)
        return answers

    def _funds(self) -> Balance:
        balance = credits.current(self.run.owner_id)
        if balance is None:
            raise CreditsMoved
        return balance

    def _decide(self) -> Batch:
        digests = [row.digest for page in self.pages for row in page.rows]
        left = self.balance.remaining if self.balance else 0
        batch = Batch(self.hold, self.run, known(self.run.pk, digests), left)
        for page in self.pages:
            if not batch.take(page):
                break
        return batch

    # --- requests ---

    def _write_requests(self) -> dict[int, int]:
        """Mark each page's request ended; answers its id by the page's place in the batch."""
        ids: dict[int, int] = {}
        fresh: dict[tuple[int, str], int] = {}
        ended: dict[RequestState, list[int]] = {}
        for place, verdict in enumerate(self.batch.verdicts):
            queued = verdict.page.queued
            if queued is None:
                continue
            if queued.id is None:
                fresh[verdict.page.task.id, queued.request.fingerprint] = place
            else:
                ids[place] = queued.id
                ended.setdefault(_state(verdict.page), []).append(queued.id)
        for state, pks in ended.items():
            Request.objects.filter(pk__in=pks).update(state=state)
        return ids | self._insert_first(fresh)

    def _insert_first(self, fresh: dict[tuple[int, str], int]) -> dict[int, int]:
        """A fresh task's first request is stored with its page, already ended."""
        rows = []
        for (task, _), place in fresh.items():
            page = self.batch.verdicts[place].page
            assert page.queued is not None
            rows.append(
                request_row(self.run.pk, task, page.queued.request, _state(page), page.queued.tries)
            )
        returned = insert_requests(rows)
        return {fresh[task, fingerprint]: pk for pk, task, fingerprint in returned}

    def _write_pending(self, ids: dict[int, int]) -> None:
        """What of a page cannot be paid yet is kept; what was kept before and is paid now, not."""
        for place, verdict in enumerate(self.batch.verdicts):
            page = verdict.page
            if verdict.waits:
                tasks.keep_pending(self.run.pk, ids[place], page, len(verdict.rows), verdict.owed)
            elif page.part:
                PendingPage.objects.filter(request=ids[place]).delete()

    def _write_follow_ups(self) -> dict[int, list[Queued]]:
        """Insert what the pages lead to, known ones ignored; answers the new ones by task."""
        wanted: dict[tuple[int, str], CrawlerRequest] = {}
        for verdict in self.batch.verdicts:
            for request in () if verdict.ends or verdict.waits else self._within_limits(verdict):
                wanted.setdefault((verdict.page.task.id, request.fingerprint), request)
        rows = [request_row(self.run.pk, task, request) for (task, _), request in wanted.items()]
        followed: dict[int, list[Queued]] = {}
        for pk, task, fingerprint in sorted(insert_requests(rows)):
            followed.setdefault(task, []).append(Queued(wanted[task, fingerprint], pk))
        return followed

    def _within_limits(self, verdict: Verdict) -> list[CrawlerRequest]:
        page = verdict.page
        kept, texts = limits.within(page.task.id, page.follow)
        self.limited += [Note("info", text, page.task.position, page.url) for text in texts]
        return kept

    # --- rows, ledger, lines ---

    def _write_rows(self, ids: dict[int, int]) -> None:
        run, at = self.run.pk, self.at
        sql.insert(
            Result,
            ("run_id", "run_task_id", "request_id", "number", "unique_number", "digest", "data",
             "created_at"),
            [
                (run, verdict.page.task.id, ids[place], number, unique, row.digest, row.data, at)
                for place, verdict in enumerate(self.batch.verdicts)
                for row, number, unique in verdict.rows
            ],
        )  # fmt: skip

    def _charge(self, ids: dict[int, int]) -> None:
        """The ledger, and as the last statement the balance, which other runs share."""
        if self.balance is None:
            return
        sql.insert(
            LedgerEntry,
            ("balance_id", "run_id", "request_id", "function", "part", "attempts", "hits", "rate",
             "amount", "at"),
            [
                (self.balance.pk, self.run.pk, ids[place], charge.function, verdict.page.part,
                 charge.attempts, charge.hits, charge.rate, charge.amount, self.at)
                for place, verdict in enumerate(self.batch.verdicts)
                for charge in verdict.charges
            ],
        )  # fmt: skip
        charges = (charge for verdict in self.batch.verdicts for charge in verdict.charges)
        credits.sum_up(self.run, ((c.function, c.hits, c.amount) for c in charges), self.now)
        ran_dry = self.batch.stop == Reason.NO_CREDITS_LEFT
        if not (self.batch.spent or ran_dry):
            return
        if not credits.charge(self.balance, self.batch.spent, ran_dry=ran_dry):
            raise CreditsMoved

    def _write_lines(self, ended: dict[int, TaskStatus]) -> None:
        labels = {f.name: f.label for f in self.hold.plan.crawler.functions}
        pages = chain.from_iterable(lines_of(verdict, labels) for verdict in self.batch.verdicts)
        lines = [*self.notes, *pages, *self.limited, *self._function_lines(labels, ended)]
        first = self.run.last_line + 1
        sql.insert(
            Line,
            ("run_id", "number", "at", "level", "task_position", "url", "text"),
            [
                (self.run.pk, number, self.at, line.level, line.position,
                 console.storable(line.url), console.fit(line.text))
                for number, line in enumerate(lines, start=first)
            ],
        )  # fmt: skip
        self.run.last_line += len(lines)

    def _function_lines(self, labels: dict[str, str], ended: dict[int, TaskStatus]) -> list[Note]:
        """The tallies follow once the batch is durable."""
        waits = self.batch.stop == Reason.NO_CREDITS_LEFT and self.hold.to_complete
        ends = bool(self.batch.stop) or len(ended) == self.run.tasks_left
        charges = [
            (charge.function, Tally(charge.attempts, charge.hits, charge.amount))
            for verdict in self.batch.verdicts
            for charge in verdict.charges
        ]
        told = functions.tell(self.hold.tallies, charges, labels, ends=ends and not waits)
        transaction.on_commit(partial(self.hold.tallies.update, told.tallies))
        return told.notes

    # --- tasks and run ---

    def _write_tasks(self, followed: dict[int, list[Queued]]) -> dict[int, TaskStatus]:
        """Carry each page's task on; answers those that ended, with how."""
        rows = [
            (v.page.task.id, int(v.page.is_read), len(v.rows), v.unique, *v.bounds)
            for v in self.batch.verdicts
        ]
        columns = ("pages", "results", "unique_results")
        sql.add(RunTask, columns, rows, ALSO_OF_TASKS, (self.at, False), ("first", "last"))
        for verdict in self.batch.verdicts:
            self._note_on_task(verdict)
        ended = self._ended(followed)
        for status in set(ended.values()):
            pks = [pk for pk, one in ended.items() if one == status]
            RunTask.objects.filter(pk__in=pks).update(status=status, ended_at=self.now)
        return ended

    def _note_on_task(self, verdict: Verdict) -> None:
        """The first failure is the task's reason, before an end of the paging that was seen; the
        site's own count of rows is kept too."""
        page = verdict.page
        noted: dict[str, str | int] = {}
        if page.failed and not page.task.failed:
            noted |= {"reason": page.reason, "message": console.storable(page.error)}
        elif page.found_end and not page.task.failed and not verdict.waits:
            noted["reason"] = page.found_end
        if page.expected is not None and not verdict.waits:
            noted["expected_results"] = page.expected
        if noted:
            RunTask.objects.filter(pk=page.task.id).update(**noted)

    def _ended(self, followed: dict[int, list[Queued]]) -> dict[int, TaskStatus]:
        ended: dict[int, TaskStatus] = {}
        for verdict in self.batch.verdicts:
            task = verdict.page.task
            if verdict.waits or verdict.unpaid or (verdict.cut and not verdict.ends):
                continue  # rows of it are left out: the run ends here or waits, and the task too
            if verdict.ends:
                self._drop_requests(verdict)
            elif task.queue or task.more or task.id in followed:
                continue
            failed = task.failed or verdict.page.failed
            ended[task.id] = TaskStatus.FAILED if failed else TaskStatus.COMPLETED
        completed = [v.page.task.id for v in self.batch.verdicts if v.page.task.id in ended]
        if completed:
            unexplained = RunTask.objects.filter(pk__in=completed, reason="")
            unexplained.update(reason=TaskReason.COMPLETED)
        return ended

    def _drop_requests(self, verdict: Verdict) -> None:
        task = verdict.page.task.id
        left = Request.objects.filter(run_task=task, state=RequestState.TODO)
        left.update(state=RequestState.DROPPED)
        sound = RunTask.objects.filter(pk=task).exclude(reason__in=TASK_FAULTS)
        sound.update(reason=verdict.ends)

    def _count_reads(self) -> None:
        """Each page counts for the account that read it, also one behind the run's end or pause
        that is not written, but none that the site failed to give. Before the run's end, which
        frees them."""
        read: dict[int, list[str]] = {}
        for page in self.pages:
            if page.account is not None and page.queued is not None and not page.trouble:
                read.setdefault(page.account, []).append(page.queued.request.label)
        seats.count(read, self.now)

    def _write_run(self, ended: dict[int, TaskStatus]) -> None:
        run, batch = self.run, self.batch
        run.pages += sum(v.page.is_read for v in batch.verdicts)
        run.results, run.unique_results = batch.results, batch.unique
        run.credits += batch.spent
        run.tasks_done += len(ended)
        run.tasks_failed += sum(status == TaskStatus.FAILED for status in ended.values())
        run.troubles, run.streak = batch.streak.pauses, batch.streak.requests
        run.updated_at = self.now
        run.save(update_fields=COUNTERS)
        if batch.stop == Reason.NO_CREDITS_LEFT and self.hold.to_complete:
            assert self.balance
            lifecycle.suspend(run, batch.stop, wake_at=self.balance.refresh_at)
        elif batch.stop:
            lifecycle.finish(run, batch.stop)
        elif batch.streak.pause_at or (not run.tasks_left and troubles.hit_the_last(batch.streak)):
            troubles.pause(run, batch.streak, self.now)
        elif not run.tasks_left:
            lifecycle.complete(run)
        elif batch.streak.closes:
            lifecycle.close(run, batch.streak.closes, detail=troubles.GAVE_UP)
        else:
            live.announce(run)

    # --- what the instances are told ---

    def _answer(
        self, followed: dict[int, list[Queued]], ended: dict[int, TaskStatus]
    ) -> list[Committed]:
        """Claims the next task for every instance whose task ended."""
        wanted = 0 if self.hold.alone or not self.run.is_live else len(ended)
        following = iter(claim_next(self.hold.run_id, wanted))
        answers = []
        for verdict in self.batch.verdicts:
            task = verdict.page.task
            if task.id in ended:
                answers.append(Committed(ended=True, next=next(following, None)))
            else:
                answers.append(Committed(ended=bool(self.hold.alone) or not self.run.is_live))
            transaction.on_commit(partial(_carry_on, verdict, followed.get(task.id, [])))
        left = len(self.pages) - len(answers)
        return answers + [Committed(ended=True)] * left


def _carry_on(verdict: Verdict, followed: list[Queued]) -> None:
    """The task in memory follows once its page is durable."""
    task = verdict.page.task
    task.fresh, task.rest = False, []
    task.pages += verdict.page.is_read
    task.results += len(verdict.rows)
    task.failed = task.failed or verdict.page.failed
    task.extend(followed)


def _state(page: Page) -> RequestState:
    return RequestState.FAILED if page.failed else RequestState.DONE


def known(run_id: int, digests: Sequence[str]) -> set[str]:
    """Which of these the run has as unique rows already, in time that its rows do not lengthen.

    Digest by digest, since of a list of them SQLite makes a walk over all of the run's rows; and
    in SQL, since the ORM takes longer to prepare a thousand values than the database to find them.
    """
    found: set[str] = set()
    with connection.cursor() as cursor:
        for chunk in sql.chunks(digests, sql.PARAMETERS - 1):
            cursor.execute(
                f"WITH v (digest) AS (VALUES {', '.join(['(%s)'] * len(chunk))})"
                " SELECT v.digest FROM v WHERE EXISTS (SELECT 1 FROM runs_result r WHERE"
                " r.run_id = %s AND r.digest = v.digest AND r.unique_number IS NOT NULL)",
                [*chunk, run_id],
            )
            found.update(digest for (digest,) in cursor.fetchall())
    return found
