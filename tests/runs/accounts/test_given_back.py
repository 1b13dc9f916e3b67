"""A run that stops working holds no account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from runs import lifecycle
from runs.models import Run
from squids.models import Crawler
from tests.demo_server import DemoSite
from tests.runs.accounts.conftest import MakeAccount, MembersSquid, held_by, use_of
from tests.runs.conftest import fresh, work
from tests.runs.invariants import broken
from tests.runs.processes import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def maintain(run: Run, by: str) -> None:
    lifecycle.maintain(Crawler.objects.get(slug="test-members"), "Its site changed.", by=by)


def deactivate(run: Run, by: str) -> None:
    lifecycle.deactivate(run.squid, by=by)


@pytest.mark.parametrize("stop", [lifecycle.abort, lifecycle.pause, maintain, deactivate])
def test_at_once(
    stop: Callable[..., None], site: DemoSite, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    run = lifecycle.start(members("/slow/50/shop/", accounts=[ada]), by="owner")
    with worker(site.address):
        wait_until(lambda: fresh(run).pages >= 2)
        assert held_by(ada) == run
        stop(run, by="owner")
        assert held_by(ada) is None
        pages = fresh(run).pages
    assert fresh(run).pages == pages == use_of(ada).counts["pages"]
    assert broken(fresh(run)) == []


def test_by_a_crawler_that_breaks(members: MembersSquid, make_account: MakeAccount) -> None:
    ada = make_account("ada")
    run = lifecycle.start(members("/category/kitchen/", accounts=[ada]), by="owner")
    Run.objects.filter(pk=run.pk).update(settings={**run.settings, "params": None})
    work()
    assert fresh(run).status == "error"
    assert held_by(ada) is None


def test_by_a_pause_before_it_is_resumed(
    site: DemoSite, members: MembersSquid, make_account: MakeAccount
) -> None:
    ada = make_account("ada")
    run = lifecycle.start(members("/slow/50/category/kitchen/", accounts=[ada]), by="owner")
    with worker(site.address):
        wait_until(lambda: fresh(run).pages >= 1)
        lifecycle.pause(run, by="owner")
        lifecycle.resume(run, by="owner")
        wait_until(partial(_is_done, run))
    assert use_of(ada).counts["pages"] == fresh(run).pages


def _is_done(run: Run) -> bool:
    return bool(fresh(run).is_done)
