"""The account types that crawlers declare, and what an account of one may do."""

from __future__ import annotations

from squids.crawlers import registry
from squids.crawlers.interface import AccountType, Crawler, ParamError
from squids.ids import uid_from
from squids.models import Account

BATCH, BATCH_HOURS = "batch", "batch_hours"
LONGEST_REST = 168
"""Hours that an owner may have an account rest after a batch."""


def every() -> dict[str, AccountType]:
    """By slug; crawlers that work with the same logins declare the same one."""
    declared = (crawler.account_type for crawler in registry.all().values())
    return {kind.slug: kind for kind in declared if kind}


def get(slug: str) -> AccountType | None:
    """None for a type that no installed crawler declares any more."""
    return every().get(slug)


def is_needed(crawler: Crawler) -> bool:
    """Whether it cannot do without an account, by its default settings."""
    try:
        return crawler.needs_account(crawler.check_settings({}))
    except ParamError:  # it cannot tell before its required settings are given
        return crawler.account_type is not None


def uid(slug: str) -> str:
    """The id of a type: 32 hex digits, from its slug."""
    return uid_from(f"account type {slug}")


def address(site: str) -> str:
    """Of a site by its host; empty for any site."""
    return f"https://{site}" if site else ""


def declared(kind: AccountType) -> dict[str, float]:
    """The limits of a type: a daily limit by its name, and with batches ``batch`` (pages) and
    ``batch_hours``."""
    daily: dict[str, float] = {limit.name: limit.most for limit in kind.limits}
    batch = {BATCH: kind.batch, BATCH_HOURS: kind.batch_hours} if kind.batch else {}
    return daily | batch


def bounds(kind: AccountType) -> dict[str, tuple[float, float]]:
    """From where to where an owner may set each limit: pages down from what is declared, the rest
    up from it."""
    return {
        name: (value, max(value, LONGEST_REST)) if name == BATCH_HOURS else (1, value)
        for name, value in declared(kind).items()
    }


def limits_of(account: Account) -> dict[str, float]:
    """What holds for an account: the declared limits, or what its owner set within their bounds.
    Empty where its type is not installed."""
    kind = get(account.type)
    if kind is None:
        return {}
    given, ends = account.limits, bounds(kind)
    return {
        name: min(max(given.get(name, value), ends[name][0]), ends[name][1])
        for name, value in declared(kind).items()
    }
