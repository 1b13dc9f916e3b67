"""A pause for an account is told by e-mail once, however often the run is looked at."""

from __future__ import annotations

import pytest
from django.utils import timezone

from runs import jobs, lifecycle, outbox
from runs.models import Notice, Run
from runs.states import Reason, Status
from squids import actions
from squids.models import Notify
from tests.runs.accounts.conftest import BAD, GOOD, MakeAccount, MembersSquid
from tests.runs.conftest import fresh, work

pytestmark = pytest.mark.django_db(transaction=True)

NOTIFY = {"run_notify": Notify.ON_ERROR, "notify_email": "ada@example.org"}


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("id").values_list("status", "reason"))


def test_cookies_that_expired(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada", BAD)
    squid = actions.update_squid(members("/cookie/need/shop/", accounts=[ada]), NOTIFY)
    run = lifecycle.start(squid, by="owner")
    work()
    pause = (Status.PAUSED, Reason.COOKIES_EXPIRED)
    assert (fresh(run).status, fresh(run).reason) == pause
    assert told() == [pause]
    for _ in range(3):
        lifecycle.nudge(Run.objects.filter(pk=run.pk), timezone.now())
        jobs.tick()
        work()
    assert (fresh(run).status, told()) == (Status.PAUSED, [pause])
    actions.refresh_account(ada, GOOD, site="127.0.0.1")
    jobs.tick()
    work()
    assert fresh(run).status == Status.DONE
    assert outbox.send_due(timezone.now()) == 0  # nobody is needed any more
    assert told() == []


def test_no_account_at_all(members: MembersSquid) -> None:
    squid = actions.update_squid(members("/cookie/need/shop/", accounts=[]), NOTIFY)
    run = lifecycle.start(squid, by="owner")
    work()
    assert fresh(run).reason == Reason.NO_ACCOUNTS
    assert told() == [(Status.ABORTED, Reason.NO_ACCOUNTS)]
