"""What a fresh installation starts with: a plan, the user ``demo``, squids on the demo shop."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from lobstr_site.demo.catalogue import CATEGORIES
from squids import actions
from squids.models import Crawler, Plan, Squid, Task, User

PLAN = "Self-hosted"
SEED = "seed"
LOCAL = "http://127.0.0.1:"

FIELDS: dict[str, Any] = {
    "sku": ".sku",
    "title": "a.title",
    "url": {"select": "a.title::attr(href)", "type": "url"},
    "brand": ".maker",
    "price": {"select": ".price", "type": "number"},
    "rating": {"select": ".rating::attr(title)", "type": "integer"},
    "availability": ".availability",
}
LISTING: dict[str, Any] = {
    "rows": "article.product",
    "fields": FIELDS,
    "next": "li.next a::attr(href)",
    "unique_by": ["sku"],
}
DETAIL: dict[str, Any] = LISTING | {
    "detail": {
        "link": "a.title::attr(href)",
        "fields": {
            "ean": "//th[.='EAN']/../td",
            "material": "//th[.='Material']/../td",
            "description": "p.description",
        },
    }
}
MEMBERS: dict[str, Any] = LISTING | {
    "signed_out": "form.sign-in",
    "blocked": ".account-blocked",
}


def seed_demo(shop: str) -> User:
    """The user ``demo``, made with all that is theirs when there is none; ``shop`` is the address
    of the demo shop, and tasks on it move along when it has changed."""
    actions.sync_crawlers()
    user = User.objects.filter(username="demo").first()
    if user is None:
        return _seed(shop)
    for squid in Squid.objects.visible().filter(owner=user, created_from=SEED):
        _move(squid, shop)
    return user


@transaction.atomic
def _seed(shop: str) -> User:
    plan, _ = Plan.objects.get_or_create(
        name=PLAN, defaults={"credits": 1_000_000 * 1000, "slots": 20}
    )
    user = User(username="demo", plan=plan, is_staff=True, is_superuser=True)
    user.set_unusable_password()
    user.save()
    # Without an account: what is missing, and how to add it, is there to be seen.
    inside = [f"{shop}/members/"]
    _squid(user, "Demo shop, members only", {"recipe": MEMBERS}, inside, 1)
    few = [f"{shop}/slow/300/category/{slug}/" for slug in ("toys", "music", "garden")]
    _squid(user, "Demo shop, slowly and in detail", {"recipe": DETAIL, "max_pages": 2}, few, 2)
    everything = [f"{shop}/category/{slug}/" for slug in CATEGORIES]
    _squid(user, "Demo shop", {"recipe": LISTING}, everything, 4)
    return user


def _squid(
    user: User, name: str, params: dict[str, Any], urls: list[str], concurrency: int
) -> None:
    crawler = Crawler.objects.get(slug="web-scraper")
    squid = actions.create_squid(user, crawler, name=name, source=SEED)
    actions.update_squid(squid, {"params": squid.params | params, "concurrency": concurrency})
    actions.add_tasks(squid, [{"url": url} for url in urls])


def _move(squid: Squid, shop: str) -> None:
    """The demo shop may stand on another port than last time."""
    for task in Task.objects.visible().filter(squid=squid).order_by("position"):
        url = str(task.params.get("url", ""))
        if url.startswith(LOCAL) and not url.startswith(f"{shop}/"):
            path = url.removeprefix(LOCAL).partition("/")[2]
            actions.delete_task(task)
            actions.add_tasks(squid, [{"url": f"{shop}/{path}"}])
