"""Very many schedules that are due at once do not hold up the rest of a tick."""

from __future__ import annotations

from datetime import time

from runs import dispatch
from squids.models import User
from tests.runs.schedules.conftest import check_runs, local, scheduled, table


def test_what_there_is_no_time_for_is_left_to_the_next_look(owner: User) -> None:
    begins, due = local("2026-03-02 08:00"), local("2026-03-02 09:00")
    squids = [scheduled(owner, begins, repeat="daily", at=time(9)) for _ in range(3)]
    assert [dispatch.fire_due(due, seconds=0) for _ in range(4)] == [1, 1, 1, 0]
    for squid in squids:
        assert table(squid) == ["02 09:00 +0100"]
        check_runs(squid)
