"""A run that has accounts never works without one, whatever changes while it is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from runs import leases, lifecycle
from runs.models import Lease
from runs.states import Status
from runs.worker import claims
from squids.models import Account, AccountStatus
from tests.runs.accounts.conftest import MakeAccount, MembersSquid
from tests.runs.conftest import fresh, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("optional", [False, True])
def test_refreshed_behind_the_look_at_it(
    optional: bool, members: MembersSquid, make_account: MakeAccount
) -> None:
    """Its account was no good when the worker looked for one, and is when it asks what hinders."""
    ada = make_account("ada")
    Account.objects.update(status=AccountStatus.COOKIES_EXPIRED)
    squid = members("/cookie/need/category/kitchen/", accounts=[ada], optional=optional)
    run = lifecycle.start(squid, by="owner")
    refreshed: list[bool] = []

    def refresh(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if sql.startswith('UPDATE "runs_accountuse"') and not refreshed:
            refreshed.append(True)  # the accounts that it holds have been written
            Account.objects.update(status=AccountStatus.SYNCHRONIZED)
        return answer

    with connection.execute_wrapper(refresh):
        held = claims.take(leases.this_process(), claims.Room(1, 10), idle=True, new_only=False)
    assert refreshed and held == []
    assert fresh(run).status == Status.PENDING and Lease.objects.get(run=run).token == ""
    work()
    assert (fresh(run).status, fresh(run).tasks_failed) == (Status.DONE, 0)
