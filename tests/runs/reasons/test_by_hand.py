"""A person pauses, aborts, deactivates or deletes in the middle of a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runs import lifecycle
from runs.models import Run
from runs.states import Reason, Status
from squids import actions
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid, fresh, work
from tests.runs.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def begun(site: DemoSite, make_squid: MakeSquid) -> Run:
    """A run of which a worker has read some pages."""
    run = lifecycle.start(make_squid(f"{site.url}/slow/20/shop/"), by="owner")
    work(budget=0.3)
    run = fresh(run)
    assert run.is_live and run.results
    return run


def test_aborted(begun: Run) -> None:
    lifecycle.abort(begun, by="owner")
    assert work() == 0
    run = fresh(begun)
    assert (run.status, run.reason) == (Status.ABORTED, Reason.ABORTED)
    assert run.results == begun.results
    assert broken(run) == []


@pytest.mark.parametrize("act", [lifecycle.deactivate, lifecycle.delete])
def test_deactivated(begun: Run, act: Callable[..., None]) -> None:
    act(begun.squid, by="owner")
    assert work() == 0
    run = fresh(begun)
    assert (run.status, run.reason) == (Status.ABORTED, Reason.DEACTIVATED)
    assert run.results == begun.results
    assert broken(run) == []


def test_a_deactivated_squid_runs_anew_once_it_is_active(begun: Run) -> None:
    lifecycle.deactivate(begun.squid, by="owner")
    actions.activate(begun.squid)
    newer = lifecycle.start(begun.squid, by="owner")
    work()
    assert fresh(newer).status == Status.DONE
    assert fresh(begun).status == Status.ABORTED


def test_paused_by_hand(begun: Run) -> None:
    lifecycle.pause(begun, by="owner")
    run = fresh(begun)
    assert (run.status, run.reason, run.wake_at) == (Status.PAUSED, Reason.PAUSED_BY_HAND, None)
    assert work() == 0
    lifecycle.resume(run, by="owner")
    work()
    run = fresh(run)
    assert (run.status, run.results) == (Status.DONE, run.unique_results)
    assert broken(run) == []
