from __future__ import annotations

import pytest

from lobstr_site.demo.catalogue import CATEGORIES
from lobstr_site.seed import seed_demo
from squids.models import Plan, Squid, Task, User

pytestmark = pytest.mark.django_db
SHOP = "http://127.0.0.1:8099"


def urls(squid: Squid) -> list[str]:
    tasks = Task.objects.active().filter(squid=squid).order_by("position")
    return [task.params["url"] for task in tasks]


def test_a_fresh_installation_has_a_squid_ready_to_launch() -> None:
    user = seed_demo(SHOP)
    squid = Squid.objects.get(owner=user, name="Demo shop")
    assert urls(squid) == [f"{SHOP}/category/{slug}/" for slug in CATEGORIES]
    assert squid.concurrency == 4
    assert user.plan and user.slots >= user.used_slots


def test_seeding_again_changes_nothing() -> None:
    first = seed_demo(SHOP)
    Squid.objects.filter(name="Demo shop").update(name="Mine now")
    assert seed_demo(SHOP) == first
    assert (User.objects.count(), Plan.objects.count(), Squid.objects.count()) == (1, 1, 3)


def test_tasks_move_along_with_the_shop_and_others_stay() -> None:
    squid = Squid.objects.get(owner=seed_demo(SHOP), name="Demo shop")
    before = urls(squid)
    Task.objects.filter(squid=squid, position=1).update(params={"url": "https://example.org/"})
    seed_demo("http://127.0.0.1:9000")
    assert sorted(urls(squid)) == sorted(
        ["https://example.org/", *(url.replace(":8099", ":9000") for url in before[1:])]
    )
