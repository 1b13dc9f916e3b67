"""Twenty runs of four users on a small allowance, while their workers are killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.models import F
from django.utils import timezone

from lobstr_site.demo import catalogue
from runs import lifecycle
from runs.credits import audit, periods
from runs.models import Balance, LedgerEntry, PendingPage, Result, Run, RunEvent, RunTask
from runs.sql import one_snapshot
from runs.states import UNFINISHED, Reason, Status
from squids import actions
from squids.models import Crawler, Interval, Plan, Squid, User
from tests.demo_server import DemoSite
from tests.runs import processes
from tests.runs.invariants import broken
from tests.runs.worker.allowances import CREDIT, refresh

pytestmark = pytest.mark.django_db(transaction=True)

PER_TASK = 40
CATEGORIES = ("toys", "music")
RUNS_EACH = 5
PER_DAY = 90
"""Credits; the runs of a user take 400."""
KILLS = 7
"""At most; five at least."""
PAGES_BETWEEN = 6
PATIENCE = 300.0


def owners() -> list[User]:
    """By the day, by the month, and by the month spread over its days."""
    day = Plan.objects.create(
        name="Day", credits=PER_DAY * CREDIT, interval=Interval.DAY, slots=100
    )
    month = Plan.objects.create(name="Month", credits=PER_DAY * CREDIT, slots=100)
    spread = Plan.objects.create(name="Spread", credits=_spread() * CREDIT, slots=100)
    made = [
        User.objects.create_user(f"user {number}", plan=plan, time_zone="Europe/Paris")
        for number, plan in enumerate((day, day, month, spread))
    ]
    lifecycle.allocate(made[-1], Interval.DAY)
    return made


def _spread() -> int:
    """A month's credits of which a day releases the same."""
    now = timezone.now()
    zone = User(time_zone="Europe/Paris").zone
    return PER_DAY * periods.days_left(now, periods.period(now, Interval.MONTH, zone)[1], zone)


def launch(owner: User, site: DemoSite) -> Run:
    squid = actions.create_squid(owner, Crawler.objects.get(slug="test-shop"))
    actions.update_squid(squid, {"concurrency": 2, "params": {"max_results": PER_TASK}})
    Squid.objects.filter(pk=squid.pk).update(to_complete=True)
    urls = [f"{site.url}/slow/30/category/{name}/" for name in CATEGORIES]
    actions.add_tasks(squid, [{"url": url} for url in urls])
    return lifecycle.start(squid, by="tests")


class Crew:
    """Two workers. One is killed once they have read some pages since the last time; a new one
    takes its place."""

    def __init__(self, allow: str) -> None:
        self.allow = allow
        self.kills = 0
        self._pages = 0
        self._workers = [processes.start(allow) for _ in range(2)]

    def kill_one(self) -> bool:
        pages = sum(Run.objects.values_list("pages", flat=True))
        # Whoever ends its worker alone a second time is failed: that is not what is shown here.
        endangered = RunTask.objects.filter(kills__gt=0, run__status__in=("pending", "running"))
        enough = self.kills >= KILLS or pages < self._pages + PAGES_BETWEEN
        if enough or endangered.exists():
            return False
        processes.kill(self._workers.pop(0))
        self._workers.append(processes.start(self.allow))
        self._pages, self.kills = pages, self.kills + 1
        lifecycle.rescue_dead(timezone.now())
        return True

    def end(self) -> None:
        for worker in self._workers:
            processes.kill(worker)


@pytest.fixture
def crew(site: DemoSite, transactional_db: None) -> Iterator[Crew]:
    crew = Crew(site.address)
    yield crew
    crew.end()


def look(*, closely: bool) -> None:
    """The books, and every run, are exact at this moment, whatever is going on."""
    with one_snapshot():
        assert not Balance.objects.filter(spent__gt=F("allowance")).exists()
        assert list(audit.faults()) == []
        for run in Run.objects.all() if closely else ():
            assert broken(run) == []


def refresh_the_dry(users: list[User]) -> None:
    """The next day of who has nothing but paused runs left."""
    for user in users:
        statuses = set(
            Run.objects.filter(owner=user, status__in=UNFINISHED).values_list("status", flat=True)
        )
        if statuses == {Status.PAUSED}:
            refresh(user)
    lifecycle.wake_paused(timezone.now())


def test_twenty_runs_on_a_small_allowance(site: DemoSite, crew: Crew) -> None:
    actions.sync_crawlers()
    users = owners()
    for user in users * RUNS_EACH:
        launch(user, site)
    end = time.monotonic() + PATIENCE
    while Run.objects.unfinished().exists():
        assert time.monotonic() < end, "it did not come to its end"
        refresh_the_dry(users)
        look(closely=crew.kill_one())
        time.sleep(0.1)
    look(closely=True)
    assert crew.kills >= KILLS - 2
    for run in Run.objects.order_by("pk"):
        _is_whole(run)
    assert not PendingPage.objects.exists()
    _everybody_waited(users)


def _is_whole(run: Run) -> None:
    """Done, each of the site's rows once, and paid once."""
    assert (run.status, run.reason) == (Status.DONE, Reason.MAX_RESULTS_REACHED)
    skus = Counter(row.row["sku"] for row in Result.objects.filter(run=run))
    wanted = [item.sku for name in CATEGORIES for item in catalogue.listing(name)[:PER_TASK]]
    assert skus == Counter(wanted)
    assert run.credits == len(wanted) * CREDIT
    charged = LedgerEntry.objects.filter(run=run).values_list("hits", "amount")
    assert [sum(column) for column in zip(*charged, strict=True)] == [80, 80 * CREDIT]


def _everybody_waited(users: list[User]) -> None:
    for user in users:
        waits = RunEvent.objects.filter(run__owner=user, target=Status.PAUSED)
        assert waits.count() >= 4
        assert set(waits.values_list("reason", flat=True)) == {Reason.NO_CREDITS_LEFT}
