"""The account types that crawlers declare, and what an account of one may do."""

from __future__ import annotations

from squids.crawlers import registry
from squids.crawlers.interface import AccountType
from squids.models import Account

BATCH, BATCH_HOURS = "batch", "batch_hours"


def every() -> dict[str, AccountType]:
    """By slug; crawlers that work with the same logins declare the same one."""
    declared = (crawler.account_type for crawler in registry.all().values())
    return {kind.slug: kind for kind in declared if kind}


def get(slug: str) -> AccountType | None:
    """None for a type that no installed crawler declares any more."""
    return every().get(slug)


def declared(kind: AccountType) -> dict[str, float]:
    """The limits of a type: a daily limit by its name, and with batches ``batch`` (pages) and
    ``batch_hours``."""
    daily: dict[str, float] = {limit.name: limit.most for limit in kind.limits}
    batch = {BATCH: kind.batch, BATCH_HOURS: kind.batch_hours} if kind.batch else {}
    return daily | batch


def limits_of(account: Account) -> dict[str, float]:
    """What holds for an account: the declared limits, or what its owner lowered them to. Empty
    where its type is not installed."""
    kind = get(account.type)
    most = declared(kind) if kind else {}
    return {name: min(value, account.limits.get(name, value)) for name, value in most.items()}
