"""Which ends and pauses of a run are worth an e-mail; each is reached by the real worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from runs import credits, lifecycle
from runs.models import Balance, Notice, Run
from runs.states import Reason, Status
from squids.models import Notify, Plan, Squid, User
from tests.runs.conftest import fresh, work
from tests.runs.notices.conftest import EACH, TO, Asking, written

pytestmark = pytest.mark.django_db(transaction=True)

DONE = (Status.DONE, Reason.TASKS_DONE)
SUCCESS, ERROR = Notify.ON_SUCCESS, Notify.ON_ERROR


def worked(squid: Squid) -> Run:
    run = lifecycle.start(squid, by="owner")
    work()
    return fresh(run)


@pytest.mark.parametrize("choice", EACH)
def test_a_run_that_succeeds(asking: Asking, choice: str) -> None:
    run = worked(asking(choice))
    assert (run.status, run.reason) == DONE
    assert written(run) == ([DONE] if choice == SUCCESS else [])


@pytest.mark.parametrize("choice", EACH)
def test_a_run_with_failed_tasks_is_told_both_ways(asking: Asking, choice: str) -> None:
    run = worked(asking(choice, "/category/kitchen/", "/refuse"))
    assert (run.status, run.tasks_failed) == (Status.DONE, 1)
    assert written(run) == ([] if choice == Notify.NEVER else [DONE])


@pytest.mark.parametrize("choice", EACH)
def test_a_bug(asking: Asking, choice: str) -> None:
    run = worked(asking(choice, "/category/kitchen/?bug", crawler="test-bug", mended="/nowhere"))
    told = (Status.ERROR, Reason.CRAWLER_ERROR)
    assert (run.status, run.reason) == told
    assert written(run) == ([told] if choice == ERROR else [])


@pytest.mark.parametrize("choice", EACH)
def test_credits_that_run_out(asking: Asking, choice: str, owner: User) -> None:
    balance = credits.balance_of(owner)
    Balance.objects.filter(pk=balance.pk).update(allowance=3_000)
    run = worked(asking(choice))
    told = (Status.DONE, Reason.NO_CREDITS_LEFT)
    assert (run.status, run.reason) == told
    assert written(run) == ([told] if choice == ERROR else [])


@pytest.mark.parametrize("choice", EACH)
def test_a_run_that_is_closed(asking: Asking, choice: str, plan: Plan) -> None:
    run = lifecycle.start(asking(choice), by="owner")
    Plan.objects.filter(pk=plan.pk).update(slots=1)
    work()
    run, told = fresh(run), (Status.ABORTED, Reason.SLOTS_LIMIT_EXCEEDED)
    assert (run.status, run.reason) == told
    assert written(run) == ([told] if choice == ERROR else [])


@pytest.mark.parametrize("choice", EACH)
def test_what_a_person_does_is_known_to_them(asking: Asking, choice: str) -> None:
    squid = asking(choice)
    first = lifecycle.start(squid, by="owner")
    lifecycle.pause(first, by="owner")
    lifecycle.resume(first, by="owner")
    lifecycle.abort(first, by="owner")
    second = lifecycle.start(squid, by="owner")
    lifecycle.deactivate(squid, by="owner")
    assert (fresh(first).status, fresh(second).status) == (Status.ABORTED, Status.ABORTED)
    assert not Notice.objects.exists()


def test_a_pause_that_passes_by_itself_is_not_told(asking: Asking) -> None:
    run = lifecycle.start(asking(ERROR), by="owner")
    lifecycle.maintain(run.crawler, "The site changed.", by="operator")
    assert fresh(run).status == Status.PAUSED
    assert written(run) == []


def suspended(run: Run, reason: Reason) -> None:
    with transaction.atomic():
        lifecycle.suspend(lifecycle.lock(run.pk), reason, wake_at=timezone.now())


@pytest.mark.parametrize("reason", [Reason.COOKIES_EXPIRED, Reason.WRONG_CREDENTIALS])
@pytest.mark.parametrize("choice", EACH)
def test_an_account_that_somebody_must_look_after(
    asking: Asking, choice: str, reason: Reason
) -> None:
    run = lifecycle.start(asking(choice), by="owner")
    suspended(run, reason)
    assert written(run) == ([(Status.PAUSED, reason)] if choice == ERROR else [])


def test_a_cause_found_again_at_a_wake_up_is_told_once(asking: Asking, owner: User) -> None:
    """The pause begins for a cause that passes, which gives way to one that needs a person."""
    run = lifecycle.start(asking(ERROR), by="owner")
    suspended(run, Reason.COOKIES_EXPIRED)
    lifecycle.maintain(run.crawler, "The site changed.", by="operator")
    for _ in range(3):
        lifecycle.nudge(Run.objects.filter(pk=run.pk), timezone.now())
        lifecycle.wake_paused(timezone.now() + timedelta(seconds=1))
    assert fresh(run).reason == Reason.MODULE_UNDER_MAINTENANCE
    assert written(run) == [(Status.PAUSED, Reason.COOKIES_EXPIRED)]


def test_the_owners_address_where_none_is_given(asking: Asking, owner: User) -> None:
    squid = asking(SUCCESS)
    Squid.objects.filter(pk=squid.pk).update(notify_email="")
    assert written(worked(squid)) == []
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    assert written(worked(squid)) == [DONE]
    assert Notice.objects.get().to == "owner@example.org"


def test_a_choice_made_while_the_run_goes_holds_at_once(asking: Asking) -> None:
    squid = asking(SUCCESS)
    run = lifecycle.start(squid, by="owner")
    Squid.objects.filter(pk=squid.pk).update(run_notify=Notify.NEVER)
    work()
    assert fresh(run).status == Status.DONE
    assert written(run) == []


def test_a_move_that_is_rolled_back_tells_nothing(asking: Asking) -> None:
    run = lifecycle.start(asking(ERROR), by="owner")
    with transaction.atomic():
        lifecycle.fail(lifecycle.lock(run.pk), "It broke.", "")
        assert len(written(run)) == 1
        transaction.set_rollback(True)
    assert written(run) == []


def test_the_row_holds_whom_it_goes_to(asking: Asking) -> None:
    worked(asking(SUCCESS))
    assert Notice.objects.get().to == TO
