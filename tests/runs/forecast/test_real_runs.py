"""Forecasts of real runs by the real worker: what comes next lies in the range that was told."""

from __future__ import annotations

import pytest

from runs import forecast, lifecycle
from runs.forecast import Forecast
from runs.models import Run
from runs.states import Reason
from squids import actions
from squids.models import Crawler, Plan, Squid, Task, User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work

pytestmark = pytest.mark.django_db(transaction=True)


def launched(squid: Squid, retry_of: Run | None = None) -> Run:
    run = lifecycle.start(squid, by="owner", retry_of=retry_of)
    work()
    return fresh(run)


def told(run: Run) -> Forecast:
    found = forecast.kept(run)
    assert found is not None
    return found


def hit(run: Run) -> bool:
    """Whether the run came to what was told at its launch, in every respect."""
    found = told(run)
    assert found.rows and found.credits and found.seconds
    return (
        found.rows[0] <= run.unique_results <= found.rows[1]
        and found.credits[0] <= run.credits <= found.credits[1]
        and found.seconds[0] <= run.duration.total_seconds() <= found.seconds[1]
    )


def categories(site: DemoSite, *names: str) -> list[str]:
    return [f"{site.url}/slow/20/category/{name}/" for name in names]


def test_the_fourth_run_lies_in_the_range(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(*categories(site, "kitchen", "garden", "sale"), concurrency=2)
    first, *_ = (launched(squid) for _ in range(3))
    assert (told(first).basis, told(first).rows, told(first).rate) == ("none", None, 1000)
    run = launched(squid)
    assert (told(run).basis, told(run).runs, told(run).tasks) == ("squid", 3, 3)
    assert hit(run)
    low, high = told(run).rows or (0, 0)
    assert low > 0.9 * run.unique_results and high < 1.1 * run.unique_results
    assert [line.off for line in forecast.compare(run)] == ["as foretold"] * 3


def test_functions_count_as_often_as_they_hit(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(*categories(site, "kitchen"), crawler="test-weighing")
    for _ in range(3):
        launched(squid)
    run = launched(squid)
    assert hit(run)
    low, high = told(run).credits or (0, 0)
    assert 1.4 * 300_000 < low < run.credits == 450_000 < high < 1.6 * 300_000
    actions.update_squid(squid, {"functions": {"weight": False}})
    assert hit(launched(squid))


def test_one_task_of_very_different_ones(site: DemoSite, make_squid: MakeSquid) -> None:
    """What a task gave is known of each; the mean would be off by far."""
    squid = make_squid(f"{site.url}/chain/3/1", *categories(site, "kitchen"))
    launched(squid)
    actions.set_task_active(Task.objects.get(squid=squid, position=2), active=False)
    assert hit(launched(squid))


def test_limits_of_today(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(*categories(site, "kitchen", "garden"))
    launched(squid)
    actions.update_squid(squid, {"max_unique_results_per_run": 100})
    run = launched(squid)
    assert run.reason == Reason.MAX_UNIQUE_RESULTS_REACHED
    assert (told(run).most, told(run).rows) == (100, (100, 100)) and hit(run)
    actions.update_squid(squid, {"params": {"max_results": 30}})
    run = launched(squid)
    assert run.reason == Reason.MAX_RESULTS_REACHED
    assert (told(run).most, told(run).alike) == (60, False)
    assert (told(run).rows or (0, 0))[1] == 60 and hit(run)


def test_a_retry_is_foretold_for_its_tasks(site: DemoSite, make_squid: MakeSquid) -> None:
    squid = make_squid(*categories(site, "kitchen"), f"{site.url}/status/404")
    retry = launched(squid, retry_of=launched(squid))
    assert told(retry).tasks == 1
    low, high = told(retry).rows or (9, 0)
    assert low == 0 and 100 < high < 400
    again = launched(squid)
    assert (told(again).runs, told(again).tasks) == (1, 2), "the retry says little about all"
    assert hit(again) and (told(again).rows or (0, 0))[0] > 200


def test_other_squids_are_rested_on_where_this_one_never_ran(
    site: DemoSite, make_squid: MakeSquid, plan: Plan
) -> None:
    launched(make_squid(*categories(site, "kitchen", "garden")))
    second = launched(make_squid(*categories(site, "toys", "music")))
    assert (told(second).basis, told(second).runs) == ("owner", 1) and hit(second)
    stranger = User.objects.create_user("stranger", plan=plan)
    crawler = Crawler.objects.get(slug="test-shop")
    theirs = actions.create_squid(stranger, crawler)
    actions.add_tasks(theirs, [{"url": url} for url in categories(site, "sport", "office")])
    third = launched(theirs)
    assert (told(third).basis, told(third).runs) == ("crawler", 2) and hit(third)
    assert told(third).rests_on == "from 2 runs of this crawler"
