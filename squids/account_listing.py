"""An account as its owner sees it: what state it is in, and what it has done today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from runs.models import AccountUse, Run
from squids import account_types, actions, secrets
from squids.access import accounts_of
from squids.account_forms import labels
from squids.actions.accounts import LOST
from squids.models import Account, AccountStatus, Squid, User


@dataclass(frozen=True, slots=True)
class Meter:
    """Pages read of those a limit allows; ``partial``: of a kind of pages, not of all."""

    label: str
    used: int
    most: int
    partial: bool = False

    @property
    def is_full(self) -> bool:
        return self.used >= self.most


@dataclass(slots=True)
class Entry:
    """A row of the list. ``status`` says whether its cookies are good, ``look`` is one of the six
    looks of a status, ``until`` the time until which a state lasts by itself; ``meters`` count
    until ``day_ends_at`` where that is known."""

    account: Account
    type_name: str
    status: AccountStatus = AccountStatus.SYNCHRONIZED
    look: str = "done"
    word: str = AccountStatus.SYNCHRONIZED.label
    note: str = ""
    until: datetime | None = None
    expires_at: datetime | None = None
    meters: list[Meter] = field(default_factory=list)
    batch: Meter | None = None
    day_ends_at: datetime | None = None
    run: Run | None = None

    @property
    def is_stale(self) -> bool:
        return self.look == "error"


def listing(user: User) -> list[Entry]:
    now = timezone.now()
    return [entry(account, now) for account in listed(user)]


def listed(user: User) -> QuerySet[Account]:
    """The user's accounts in the order of the list, with all that an entry reads."""
    accounts = accounts_of(user).select_related("use__run__squid")
    return accounts.prefetch_related(visible_squids()).order_by("type", "name")


def visible_squids() -> Prefetch[Any]:
    """What prefetches the squids that an account is linked to, deleted ones left out."""
    return Prefetch("squids", Squid.objects.visible().order_by("name"))


def entry(account: Account, now: datetime) -> Entry:
    kind = account_types.get(account.type)
    made = Entry(account, kind.name if kind else account.type)
    use: AccountUse | None = getattr(account, "use", None)
    if use:
        _count(made, use, now)
    _judge(made, use, now)
    return made


def _count(made: Entry, use: AccountUse, now: datetime) -> None:
    kind, most = account_types.get(made.account.type), account_types.limits_of(made.account)
    today = use.day_ends_at is not None and now < use.day_ends_at
    if kind:
        counts = use.counts if today else {}
        made.meters = [
            Meter(limit.label, counts.get(limit.name, 0), int(most[limit.name]), bool(limit.labels))
            for limit in kind.limits
        ]
    if kind and kind.batch:
        in_batch = use.batch_ends_at is not None and now < use.batch_ends_at
        name = account_types.BATCH
        made.batch = Meter(labels(kind)[name], use.batch if in_batch else 0, int(most[name]))
    made.day_ends_at = use.day_ends_at if today else None
    made.run = use.run


def _judge(made: Entry, use: AccountUse | None, now: datetime) -> None:
    """The first that holds: what a person must do, what time heals, what it does now."""
    account = made.account
    try:
        made.expires_at = actions.first_expiry(account)
    except secrets.SecretLost:
        made.status, made.note = AccountStatus.COOKIES_EXPIRED, LOST
    else:
        made.status, made.note = AccountStatus(account.status), account.status_note
    if made.status != AccountStatus.SYNCHRONIZED:
        made.look, made.word = "error", made.status.label
    elif _is_spent(made.meters):
        made.look, made.word, made.until = "paused", "Limit reached", made.day_ends_at
    elif use and made.batch and made.batch.is_full:
        made.look, made.word, made.until = "paused", "Resting", use.batch_ends_at
    elif made.run:
        made.look, made.word = "running", "At work"


def _is_spent(meters: list[Meter]) -> bool:
    """Whether it may read no page at all today."""
    full = [meter for meter in meters if meter.is_full]
    return bool(full) and (len(full) == len(meters) or not all(meter.partial for meter in full))
