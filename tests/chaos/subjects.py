"""The squids that are run: the shop's pages, more than two thousand to a run, no item twice."""

from __future__ import annotations

from collections.abc import Sequence

from lobstr_site.demo.catalogue import page_count
from runs.models import HostRule
from squids import actions
from squids.models import Crawler, Plan, Squid, User
from tests.demo_server import DemoSite

PAGES = 2_000
SLOW = 150
"""Milliseconds a page takes the shop: a run goes on for half a minute when nobody disturbs it."""
INSTANCES = (9, 9)
CREDIT = 1000


def make_squids(shop: DemoSite) -> list[Squid]:
    actions.sync_crawlers()
    plan = Plan.objects.create(name="Chaos", credits=10_000_000 * CREDIT, slots=100)
    owner = User.objects.create_user("chaos", plan=plan)
    HostRule.objects.create(host=shop.address, in_flight=64)
    tasks = -(-PAGES // page_count())
    return [
        _squid(owner, shop, range(first, first + tasks), instances)
        for first, instances in zip((1, 101), INSTANCES, strict=True)
    ]


def _squid(owner: User, shop: DemoSite, branches: Sequence[int], instances: int) -> Squid:
    squid = actions.create_squid(owner, Crawler.objects.get(slug="test-shop"))
    actions.update_squid(squid, {"concurrency": instances})
    urls = [f"{shop.url}/slow/{SLOW}/branch/{number}/shop/" for number in branches]
    actions.add_tasks(squid, [{"url": url} for url in urls])
    return squid
