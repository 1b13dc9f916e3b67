"""Launch: what is refused and why, and that one of many at once is accepted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django_q.models import OrmQ

from runs import lifecycle
from runs.credits import balance_of
from runs.models import Balance, Run, RunTask
from runs.states import Status
from squids import actions, errors
from squids.models import Squid, Task, User
from tests.runs.conftest import MakeSquid

pytestmark = pytest.mark.django_db(transaction=True)

URL = "http://shop.example/"


def refused(squid: Squid) -> type[errors.Refused]:
    with pytest.raises(errors.Refused) as refusal:
        lifecycle.start(Squid.objects.get(pk=squid.pk), by="owner")
    return refusal.type


def test_it_freezes_tasks_settings_and_prices(make_squid: MakeSquid) -> None:
    squid = make_squid(URL, URL + "2", URL + "3", max_results=5)
    actions.set_task_active(Task.objects.get(squid=squid, position=2), active=False)
    run = lifecycle.start(squid, by="owner")
    assert [t.task.params["url"] for t in RunTask.objects.filter(run=run)] == [URL, URL + "3"]
    assert run.tasks_total == 2
    assert run.settings["params"]["max_results"] == 5
    assert run.settings["prices"] == {"row": 1000, "functions": {}}
    actions.update_squid(squid, {"concurrency": 9, "params": {}})
    kept = Run.objects.get(pk=run.pk).settings
    assert (kept["concurrency"], kept["params"]["max_results"]) == (4, 5)


def test_the_ring_is_written_with_the_run(make_squid: MakeSquid) -> None:
    lifecycle.start(make_squid(URL), by="owner")
    assert OrmQ.objects.count() == 1


def test_refusals(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    crawler = squid.crawler
    actions.report_problem(crawler, "broken")
    assert refused(squid) is errors.CrawlerUnavailable
    actions.clear_problem(crawler)
    balance = balance_of(squid.owner)
    Balance.objects.filter(pk=balance.pk).update(spent=balance.allowance)
    assert refused(squid) is errors.NoCreditsLeft
    Balance.objects.filter(pk=balance.pk).update(spent=0)
    actions.deactivate(squid)
    assert refused(squid) is errors.SquidInactive
    actions.activate(squid)
    actions.empty(squid)
    assert refused(squid) is errors.NoTasksPresent
    assert Run.objects.count() == 0


def test_without_credits_it_says_when_they_renew(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    User.objects.update(time_zone="Europe/Paris")
    balance = balance_of(squid.owner)
    Balance.objects.update(spent=balance.allowance - 1)
    assert lifecycle.start(squid, by="owner").is_queued  # anything is enough to start
    lifecycle.abort(Run.objects.get(), by="owner")
    Balance.objects.update(spent=balance.allowance)
    with pytest.raises(errors.NoCreditsLeft) as refusal:
        lifecycle.start(Squid.objects.get(pk=squid.pk), by="owner")
    renewal = balance.refresh_at.astimezone(ZoneInfo("Europe/Paris"))
    assert f"They renew on {renewal:%d %B %Y at 00:00 %Z}." in refusal.value.message


def test_fifty_at_once_give_one_run(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)

    def launch(_: int) -> str:
        try:
            lifecycle.start(squid, by="owner")
            return "started"
        except errors.RunInProgress:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(launch, range(50)))
    assert (answers.count("started"), answers.count("refused")) == (1, 49)
    assert Run.objects.filter(status=Status.PENDING).count() == 1


def test_a_deleted_squid_cuts_its_run(make_squid: MakeSquid) -> None:
    squid = make_squid(URL)
    run = lifecycle.start(squid, by="owner")
    lifecycle.delete(squid, by="owner")
    run = Run.objects.get(pk=run.pk)
    assert (run.status, run.reason) == (Status.ABORTED, "deactivated")
    assert refused(squid) is errors.SquidInactive
