"""Commands in any order, between slices of work and in the middle of them: what is not in the
table of moves never happens, nothing is lost, and what is mended comes to its end.

``STATE_MACHINE=examples x steps`` in the environment makes it longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from runs import credits, jobs, leases, lifecycle, states
from runs.credits import audit
from runs.engine import retry
from runs.models import (
    Lease,
    LedgerEntry,
    Line,
    PendingPage,
    Request,
    Result,
    Run,
    RunEvent,
    RunTask,
)
from runs.states import ADVICE, Reason, Status, TaskStatus
from runs.worker import claims, committer, tasks
from squids import actions, errors
from squids.models import Crawler, Plan, Squid, User
from tests.runs.calling_shop import PAGES, TASKS, Shop
from tests.runs.conftest import CREDIT, work
from tests.runs.engine.servers import running_site
from tests.runs.invariants import broken

EXAMPLES, STEPS = map(int, os.environ.get("STATE_MACHINE", "12x14").split("x"))
SLUG = "test-bug"
ROWS = (Run, RunTask, Request, Lease, Line, Result, RunEvent, LedgerEntry, PendingPage)
BREAKS = ("take_site_down", "break_crawler", "spend_all", "report")
MENDS = ("bring_site_up", "mend_crawler", "grant", "resolve", "activate")
ENDS = ("deactivate", "delete", "launch_anew")
AMID = ("", "", "pause", *BREAKS, *BREAKS, "abort", "deactivate")


class Commands(RuleBasedStateMachine):
    """One user with one squid at a time, whose runs it drives; ``shop`` and ``mended``, whose file
    says that the crawler has no bug, are set before."""

    shop: ClassVar[Shop]
    mended: ClassVar[Path]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        number = User.objects.count()
        plan = Plan.objects.create(name=f"Plan {number}", credits=10 * CREDIT, slots=10)
        self.owner = User.objects.create_user(f"owner{number}", plan=plan)
        self.is_amid = False
        self._heal()
        self._new_squid()

    def _heal(self) -> None:
        """Everything works, and of earlier examples nothing is left to do."""
        self.shop.is_up = True
        self.is_maintained = False
        self.mended.touch()
        lifecycle.resolve(Crawler.objects.get(slug=SLUG), by="operator")
        OrmQ.objects.all().delete()

    def _new_squid(self) -> None:
        crawler = Crawler.objects.get(slug=SLUG)
        self.squid = actions.create_squid(self.owner, crawler)
        params = {"mended": str(self.mended)}
        settings = {"concurrency": 2, "params": params, "obey_robots": False}
        actions.update_squid(self.squid, settings)
        actions.add_tasks(self.squid, [{"url": url} for url in self.shop.urls()])

    # --- what is true now ---

    @property
    def run(self) -> Run:
        """The squid's latest."""
        run: Run = Run.objects.filter(squid=self.squid).latest("pk")
        return run

    @property
    def status(self) -> str:
        runs = Run.objects.filter(squid=self.squid).order_by("-pk")
        return runs.values_list("status", flat=True).first() or ""

    @property
    def is_broke(self) -> bool:
        return credits.balance_of(self.owner).remaining <= 0

    def runs(self) -> Iterator[Run]:
        yield from Run.objects.filter(owner=self.owner)

    def rows(self) -> list[Any]:
        mine: list[Any] = [Run.objects.filter(owner=self.owner)]
        mine += [model.objects.filter(run__owner=self.owner) for model in ROWS[1:]]
        mine.append(Squid.objects.filter(owner=self.owner))
        return [list(rows.order_by("pk").values_list()) for rows in mine]

    def attempt(self, act: Callable[[], object], *, allowed: bool) -> None:
        """A command does what the model allows; refused, it changes nothing."""
        if self.is_amid:
            _refusal(act)  # the worker moves on meanwhile, so either is right
            return
        before = self.rows()
        refused = _refusal(act)
        assert (refused is None) == allowed, f"a run that is {self.status or 'new'}: {refused}"
        assert refused is None or (refused.message and self.rows() == before)

    # --- commands of people ---

    @initialize(to_complete=st.booleans())
    def first_launch(self, to_complete: bool) -> None:
        self.launch_anew(to_complete)

    def launch_anew(self, to_complete: bool = True) -> None:
        """Where all is well and nothing is going on, a launch is accepted."""
        self._heal()
        if self.status in states.UNFINISHED:
            self.abort()
        lifecycle.grant(self.owner, 8 * CREDIT, by="operator")
        self.activate()
        self.launch(to_complete)
        assert self.status == Status.PENDING

    def launch(self, to_complete: bool = True) -> None:
        actions.update_squid(self.squid, {"to_complete": to_complete})
        squid = Squid.objects.get(pk=self.squid.pk)
        free = self.status not in states.UNFINISHED
        allowed = free and squid.is_active and not self.is_maintained and not self.is_broke
        self.attempt(lambda: lifecycle.start(squid, by="owner"), allowed=allowed)

    @rule(verb=st.sampled_from(("launch", "pause", "resume", "resume", "abort")))
    def press(self, verb: str) -> None:
        getattr(self, verb)()

    def pause(self) -> None:
        run = self.run
        self.attempt(lambda: lifecycle.pause(run, by="owner"), allowed=run.is_live)

    def resume(self) -> None:
        run = self.run
        waits = self.is_maintained or (self.is_broke and run.settings["to_complete"])
        allowed = run.is_paused and not waits
        self.attempt(lambda: lifecycle.resume(run, by="owner"), allowed=allowed)

    def abort(self) -> None:
        run = self.run
        self.attempt(lambda: lifecycle.abort(run, by="owner"), allowed=run.is_unfinished)

    def activate(self) -> None:
        actions.activate(Squid.objects.get(pk=self.squid.pk))

    def deactivate(self) -> None:
        lifecycle.deactivate(self.squid, by="owner")
        assert self.status not in states.UNFINISHED

    def delete(self) -> None:
        lifecycle.delete(self.squid, by="owner")
        assert self.status not in states.UNFINISHED
        self._new_squid()
        self.launch_anew()

    # --- what happens to it ---

    @rule(what=st.sampled_from((*BREAKS, *MENDS, *MENDS, *BREAKS, *ENDS)))
    def happen(self, what: str) -> None:
        getattr(self, what)()

    def report(self) -> None:
        self.is_maintained = True
        lifecycle.maintain(Crawler.objects.get(slug=SLUG), "It is looked at.", by="operator")

    def resolve(self) -> None:
        self.is_maintained = False
        errored = [run.pk for run in self.runs() if self._goes_on(run)]
        lifecycle.resolve(Crawler.objects.get(slug=SLUG), by="operator")
        assert all(Run.objects.get(pk=pk).status == Status.PENDING for pk in errored)

    def _goes_on(self, run: Run) -> bool:
        squid = Squid.objects.get(pk=run.squid_id)
        wanted = run.status == Status.ERROR and not run.superseded
        return wanted and squid.is_active and not squid.deleted_at

    def break_crawler(self) -> None:
        self.mended.unlink(missing_ok=True)

    def mend_crawler(self) -> None:
        self.mended.touch()

    def take_site_down(self) -> None:
        self.shop.is_up = False

    def bring_site_up(self) -> None:
        self.shop.is_up = True

    def spend_all(self) -> None:
        """A new cycle of a plan without credits; what is left of bonuses goes on."""
        nothing, _ = Plan.objects.get_or_create(name="Nothing", credits=0, slots=10)
        lifecycle.set_plan(self.owner, nothing)

    def grant(self) -> None:
        lifecycle.grant(self.owner, 8 * CREDIT, by="operator")

    # --- what the machine does ---

    @rule(amid=st.sampled_from(AMID), page=st.integers(1, 12))
    def work(self, amid: str, page: int) -> None:
        """A slice to its end, with a command in the middle of it, at a page's request."""
        act = getattr(self, amid) if amid else None
        self.is_amid = True
        with self.shop.calling(act, page):
            work(idle=0)
        self.is_amid = False

    @rule()
    def tick_later(self) -> None:
        """As it is once what is waited for has come; runs that wait for an event go on waiting."""
        past = timezone.now() - timedelta(seconds=1)
        Run.objects.filter(owner=self.owner, wake_at__isnull=False).update(wake_at=past)
        Request.objects.filter(run__owner=self.owner).update(not_before=None)
        jobs.tick()

    @rule(at_work=st.integers(0, 2))
    def kill(self, at_work: int) -> None:
        """A worker dies with so many tasks in flight; the dispatcher finds its lease."""
        room = claims.Room(1, 64)
        for hold in claims.take(leases.this_process(), room, idle=True, new_only=False):
            with transaction.atomic():
                committer.fence(hold)
                tasks.claim(hold, at_work)
            Lease.objects.filter(pk=hold.lease_id).update(holder_started="before")
        jobs.tick()

    # --- what must hold ---

    @invariant()
    def moves_are_those_of_the_table(self) -> None:
        for run in self.runs():
            events = list(RunEvent.objects.filter(run=run).order_by("pk"))
            assert events[0].source == ""
            assert all(event.target in states.MOVES[event.source] for event in events)
            assert all(one.target == after.source for one, after in pairwise(events))
            assert events[-1].target == run.status
            # What a paused run waits for may change without a move.
            assert run.is_paused or events[-1].reason == run.reason

    @invariant()
    def status_reason_and_clocks_agree(self) -> None:
        for run in self.runs():
            assert (run.ended_at is not None) == (run.status in states.FINISHED)
            assert (run.active_since is not None) == (run.status == Status.RUNNING)
            assert bool(run.reason) == (run.status not in states.LIVE)
            assert not run.reason or run.status in ADVICE[Reason(run.reason)].statuses
            if run.reason in states.TROUBLES and run.is_paused:
                assert run.wake_at is not None

    @invariant()
    def a_squid_has_one_unfinished_run(self) -> None:
        squids = list(self.squid_ids())
        assert len(squids) == len(set(squids))

    def squid_ids(self) -> Iterator[int]:
        yield from Run.objects.filter(owner=self.owner).unfinished().values_list("squid", flat=True)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        Commands.steps += 1
        assert [text for run in self.runs() for text in broken(run)] == []

    def teardown(self) -> None:
        """All is well again: a run that is not paused by hand comes to its end, with every row."""
        self._heal()
        lifecycle.grant(self.owner, 1000 * CREDIT, by="operator")
        if self.run.reason == Reason.PAUSED_BY_HAND:
            self.resume()
        for _ in range(20):
            if self.status not in states.UNFINISHED:
                break
            self.tick_later()
            work(idle=0)
        self._has_ended()
        lifecycle.delete(self.squid, by="owner")

    def _has_ended(self) -> None:
        run = self.run
        assert self.status not in states.UNFINISHED, (run.status, run.reason)
        self.moves_are_those_of_the_table()
        self.nothing_is_lost_or_doubled()
        if run.reason == Reason.TASKS_DONE:
            failed = RunTask.objects.filter(run=run, status=TaskStatus.FAILED).count()
            assert failed == run.tasks_failed
            assert failed or run.results == run.unique_results == TASKS * PAGES
        assert list(audit.faults()) == []


def _refusal(act: Callable[[], object]) -> errors.Refused | None:
    try:
        act()
    except errors.Refused as refused:
        return refused
    return None


@pytest.mark.django_db(transaction=True)
def test_any_order_of_commands(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.001)
    actions.sync_crawlers()
    with running_site() as site:
        settings.HOSTS_DIR = tmp_path / "hosts"
        settings.ALLOW_PRIVATE = frozenset({site.place})
        Commands.shop, Commands.mended = Shop(site), tmp_path / "mended"
        run_state_machine_as_test(Commands, settings=LIMITS)


LIMITS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
