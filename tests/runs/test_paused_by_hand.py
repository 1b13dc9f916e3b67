"""Nothing but a person resumes a run that a person paused."""

from __future__ import annotations

import pytest
from django.utils import timezone

from runs import jobs, lifecycle
from runs.models import Run
from runs.states import Reason, Status
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paused(site: DemoSite, make_squid: MakeSquid) -> Run:
    run = lifecycle.start(make_squid(site.url + "/category/toys/"), by="owner")
    lifecycle.pause(run, by="owner")
    return run


def is_left_alone(run: Run) -> bool:
    jobs.tick()
    work()
    return (fresh(run).status, fresh(run).reason) == (Status.PAUSED, Reason.PAUSED_BY_HAND)


def test_no_nudge_reaches_it(paused: Run) -> None:
    """As one that was chosen just before, for the cause it was paused for then."""
    assert lifecycle.nudge(Run.objects.filter(pk=paused.pk), timezone.now()) == 0
    assert fresh(paused).wake_at is None
    assert is_left_alone(paused)


def test_no_time_wakes_it(paused: Run) -> None:
    Run.objects.filter(pk=paused.pk).update(wake_at=timezone.now())
    assert is_left_alone(paused)
    lifecycle.resume(paused, by="owner")
    work()
    assert fresh(paused).status == Status.DONE
