"""Retrying the failed tasks of a run: which ones, what is refused, and what is said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from runs import lifecycle
from runs.models import Line, Run, RunTask
from runs.states import Reason, Status, TaskStatus
from squids import actions, errors
from squids.models import Squid, Task
from tests import factories
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def failed(site: DemoSite, make_squid: MakeSquid) -> Run:
    """A run of four tasks, by the real worker, of which the second to the fourth failed."""
    paths = ["/category/kitchen/", "/status/404", "/status/410", "/refuse"]
    run = lifecycle.start(make_squid(*(site.url + path for path in paths)), by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.tasks_failed) == (Status.DONE, 3)
    return run


def task(run: Run, position: int) -> Task:
    found: Task = Task.objects.get(squid=run.squid, position=position)
    return found


def urls(run: Run) -> list[str]:
    tasks = RunTask.objects.filter(run=run).order_by("position").select_related("task")
    return [each.task.label.partition("/status")[2] or each.task.label[-7:] for each in tasks]


def first_line(run: Run) -> str:
    return Line.objects.get(run=run, number=1).text


def refusal(run: Run) -> str:
    before = Run.objects.count()
    with pytest.raises(errors.NothingToRetry) as refused:
        lifecycle.start(run.squid, by="owner", retry_of=run)
    assert Run.objects.count() == before
    return refused.value.message


def test_only_the_failed_tasks_run_again(failed: Run) -> None:
    run = lifecycle.start(failed.squid, by="owner", retry_of=failed)
    assert (run.retry_of, urls(run)) == (failed, ["/404", "/410", "/refuse"])
    work()
    run = fresh(run)
    assert (run.status, run.reason, run.tasks_failed) == (Status.DONE, Reason.TASKS_DONE, 3)
    assert first_line(run).endswith(f"· 3 tasks · retry of run {failed.uid[:8]}…")
    assert broken(run) == []


def test_tasks_that_are_gone_are_left_out_and_counted(failed: Run) -> None:
    actions.delete_task(task(failed, 2))
    actions.set_task_active(task(failed, 4), active=False)
    run = lifecycle.start(failed.squid, by="owner", retry_of=failed)
    assert urls(run) == ["/410"]
    work()
    assert first_line(run).endswith("…, 2 of its 3 failed tasks deleted or excluded")


def test_it_takes_the_present_settings(failed: Run) -> None:
    actions.update_squid(failed.squid, {"concurrency": 2, "params": {"max_results": 7}})
    run = lifecycle.start(failed.squid, by="owner", retry_of=failed)
    assert (run.concurrency, run.settings["params"]) == (2, {"max_results": 7})


def test_a_retry_can_be_retried(failed: Run) -> None:
    first = lifecycle.start(failed.squid, by="owner", retry_of=failed)
    work()
    second = lifecycle.start(failed.squid, by="owner", retry_of=first)
    assert (second.tasks_total, second.retry_of) == (3, first)


def test_nothing_failed(site: DemoSite, make_squid: MakeSquid) -> None:
    run = lifecycle.start(make_squid(f"{site.url}/category/kitchen/"), by="owner")
    work()
    assert refusal(fresh(run)) == "No task of this run failed, so there is nothing to retry."


def test_all_that_failed_are_gone(failed: Run) -> None:
    actions.empty(failed.squid)
    text = "All 3 tasks that failed were deleted or excluded since, so there is nothing to retry."
    assert refusal(failed) == text


def test_new_tasks_are_no_failed_ones(failed: Run) -> None:
    actions.empty(failed.squid)
    actions.add_tasks(failed.squid, [{"url": "http://shop.example/status/404"}])
    assert refusal(failed).startswith("All 3 tasks")


@pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING, Status.PAUSED])
def test_a_run_that_goes_on(failed: Run, status: Status) -> None:
    Run.objects.filter(pk=failed.pk).update(status=status)
    with pytest.raises(errors.RunInProgress):
        lifecycle.start(failed.squid, by="owner", retry_of=failed)


def test_the_usual_gate(failed: Run) -> None:
    actions.deactivate(failed.squid)
    with pytest.raises(errors.SquidInactive):
        lifecycle.start(failed.squid, by="owner", retry_of=failed)


def test_an_errored_run_is_superseded_by_its_retry(failed: Run) -> None:
    Run.objects.filter(pk=failed.pk).update(status=Status.ERROR)
    lifecycle.start(failed.squid, by="owner", retry_of=failed)
    assert fresh(failed).superseded
    assert lifecycle.resolve(failed.crawler, by="operator").errored == 0


def test_a_run_of_another_squid_is_none(failed: Run) -> None:
    other = factories.squid(failed.owner)
    with pytest.raises(Run.DoesNotExist):
        lifecycle.start(other, by="owner", retry_of=failed)
    assert not Run.objects.filter(squid=other).exists()


def test_ten_at_once_give_one_run(failed: Run) -> None:
    def retry(_: int) -> str:
        try:
            lifecycle.start(Squid.objects.get(pk=failed.squid_id), by="owner", retry_of=failed)
            return "started"
        except errors.RunInProgress:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(retry, range(10)))
    assert (answers.count("started"), failed.retries.count()) == (1, 1)


# --- the pages ----------------------------------------------------------------------------------


def signed_in(run: Run) -> Client:
    client = Client()
    client.force_login(run.owner)
    return client


def page(client: Client, name: str, uid: str) -> str:
    return str(client.get(reverse(name, args=[uid])).content.decode())


def test_the_button_stands_by_the_tasks_and_by_the_message(failed: Run) -> None:
    client, verb = signed_in(failed), reverse("runs:retry", args=[failed.uid])
    for name, uid in (
        ("runs:tasks", failed.uid),
        ("runs:detail", failed.uid),
        ("squids:detail", failed.squid.uid),
    ):
        found = page(client, name, uid)
        assert f'action="{verb}"' in found and "Retry 3 failed tasks" in found
    tasks = page(client, "runs:tasks", failed.uid)
    assert tasks.index("Failed</span>") < tasks.index("Completed</span>")


def test_pressing_it_and_finding_both_runs_named(failed: Run) -> None:
    client = signed_in(failed)
    actions.delete_task(task(failed, 2))
    answer = client.post(reverse("runs:retry", args=[failed.uid]))
    assert answer.headers["Location"] == reverse("squids:detail", args=[failed.squid.uid])
    text = "1 of 3 failed tasks were deleted or excluded since; the other 2 are tried again."
    assert text in page(client, "squids:detail", failed.squid.uid)
    run = Run.objects.get(retry_of=failed)
    assert f'Retry of run <a class="mono" href="/runs/{failed.uid}">' in page(
        client, "runs:detail", run.uid
    )
    assert "Retried by run " in page(client, "runs:detail", failed.uid)


def test_a_refusal_is_said_on_the_tasks_tab(failed: Run) -> None:
    client = signed_in(failed)
    actions.empty(failed.squid)
    answer = client.post(reverse("runs:retry", args=[failed.uid]))
    assert answer.headers["Location"] == reverse("runs:tasks", args=[failed.uid])
    assert "so there is nothing to retry." in page(client, "runs:tasks", failed.uid)


def test_htmx_is_sent_on_as_well(failed: Run) -> None:
    path = reverse("runs:retry", args=[failed.uid])
    answer = signed_in(failed).post(path, headers={"hx-request": "true"})
    assert answer.headers["HX-Redirect"] == reverse("squids:detail", args=[failed.squid.uid])


def test_no_button_where_nothing_failed(failed: Run) -> None:
    RunTask.objects.filter(run=failed).update(status=TaskStatus.COMPLETED)
    Run.objects.filter(pk=failed.pk).update(tasks_failed=0)
    assert "runs:retry" not in page(signed_in(failed), "runs:tasks", failed.uid)
    assert "Retry " not in page(signed_in(failed), "runs:tasks", failed.uid)
