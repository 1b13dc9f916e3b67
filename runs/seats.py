"""Which accounts serve a run: each serves one at a time, and reads no more than its limits let it.

The row of an account's use says which run holds it and what it has read. Rows are locked in the
order of their accounts, after the run's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from runs.credits import periods
from runs.models import AccountUse, Run, RunQuerySet
from runs.states import SCARCE, STALE, Reason, Status
from squids import account_types, secrets
from squids.actions import accounts
from squids.cookies import Cookie
from squids.crawlers.interface import DailyLimit
from squids.models import Account, AccountStatus

Labels = Collection[str | None]
ANY: Labels = (None,)
"""Pages of a kind that is not known, which only the limits for every page count."""

NAMED = 3
"""Up to so many accounts are named in a line."""
LIMITS = (Reason.LIMIT_EXCEEDED, Reason.BATCH_WAIT)
WAITING = (*SCARCE, *STALE)
"""What a run may wait for that another account, or the same one refreshed, ends at any moment."""


class Quota(NamedTuple):
    """Pages an account may still read of these labels; none: of all."""

    left: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """What keeps an account from reading, and until when where that is known."""

    reason: Reason
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """An account at work in a run, as it was when it was taken."""

    account: int
    name: str
    cookies: Sequence[Cookie]
    quotas: Sequence[Quota]
    synchronized_at: datetime


_LINKED = AccountUse.objects.filter(account__squids=OuterRef("squid"))


# --- holding ----------------------------------------------------------------------------------


def prepare(run: Run) -> None:
    """A row of use for each of a new run's accounts."""
    uses = [AccountUse(account_id=account) for account in run.settings["accounts"]]
    AccountUse.objects.bulk_create(uses, ignore_conflicts=True)


def of(run: Run) -> QuerySet[AccountUse]:
    """The accounts the run was launched with, as far as they are there and still linked."""
    launched = AccountUse.objects.filter(account__in=run.settings.get("accounts", ()))
    linked = launched.filter(account__squids=run.squid_id)
    return linked.select_related("account__owner").order_by("account_id")


def wanted(run: Run) -> bool:
    """Whether it must not work without an account."""
    return bool(run.settings.get("needs_account")) or of(run).exists()


def take(run: Run, now: datetime, labels: Labels = ANY) -> list[Seat]:
    """Hold as many usable accounts as the run has instances, those first that have room for pages
    of these labels; others it held are free. The caller holds the run's lock."""
    uses = [use for use in _locked(of(run)) if bar(use, run, now) is None]
    uses.sort(key=lambda use: _rank(use, run, now, labels))
    opened = filter(None, (_seat(use, now) for use in uses))
    seats = list(islice(opened, run.concurrency))
    taken = [seat.account for seat in seats]
    AccountUse.objects.filter(run=run).exclude(account__in=taken).update(run=None)
    AccountUse.objects.filter(Q(run=None) | Q(run=run), account__in=taken).update(run=run)
    return seats


def free(run: Run) -> None:
    """Let other runs have its accounts. The caller holds the run's lock."""
    held = _locked(AccountUse.objects.filter(run=run).order_by("account_id"))
    AccountUse.objects.filter(pk__in=[use.pk for use in held]).update(run=None)


def _locked(uses: QuerySet[AccountUse]) -> list[AccountUse]:
    return list(uses.select_for_update(no_key=True, of=("self",)))


def _rank(use: AccountUse, run: Run, now: datetime, labels: Labels) -> tuple[bool, bool, int]:
    """What has room comes first, then what the run holds already, then what has read least."""
    full = bar(use, run, now, labels) is not None
    return full, use.run_id != run.pk, sum(_today(use, now).values())


def _seat(use: AccountUse, now: datetime) -> Seat | None:
    """None where its cookies cannot be opened; it is marked then."""
    account = use.account
    try:
        cookies = accounts.cookies_of(account)
    except secrets.SecretLost:
        return None
    return Seat(account.pk, account.name, cookies, quotas(use, now), account.synchronized_at)


def words(run: Run) -> str:
    """Who works for it: “2 accounts (“ada”, “bob”)”; empty where nobody has to."""
    held = AccountUse.objects.filter(run=run).order_by("account_id")
    names = list(held.values_list("account__name", flat=True))
    if not names:
        return ""
    listed = ", ".join(f"“{name}”" for name in names)
    count = f"{len(names)} account{'' if len(names) == 1 else 's'}"
    return f"{count} ({listed})" if len(names) <= NAMED else count


def waiting(now: datetime) -> RunQuerySet:
    """Paused runs that wait for an account, of whose accounts one may serve or none is left; the
    oldest first. Those that are looked at anyhow are left out."""
    idle = _LINKED.filter(run=None)
    ready = idle.filter(account__status=AccountStatus.SYNCHRONIZED)
    freed = Q(Exists(idle), reason=Reason.NO_ACCOUNT_AVAILABLE)
    runs: RunQuerySet = Run.objects.filter(status=Status.PAUSED, reason__in=WAITING)
    runs = runs.filter(freed | Q(Exists(ready)) | ~Q(Exists(_LINKED)))
    return runs.exclude(wake_at__lte=now).order_by("pk")


def queued(now: datetime) -> RunQuerySet:
    """Live runs that are about to take accounts; the oldest first."""
    held = AccountUse.objects.filter(run=OuterRef("pk"))
    runs: RunQuerySet = Run.objects.live().filter(Exists(_LINKED), ~Q(Exists(held)))
    return runs.exclude(wake_at__gt=now).order_by("pk")


def ready(run: Run, now: datetime) -> list[int]:
    """The accounts that no run holds and that may read for this one. One that is at its limit for
    some kind of page is no help to a run that waits for a limit: it may be the very one."""
    idle = of(run).filter(run=None)
    fit = [use for use in idle if bar(use, run, now) is None]
    if run.reason in LIMITS:
        fit = [use for use in fit if all(quota.left > 0 for quota in quotas(use, now))]
    return [use.account_id for use in fit]


# --- limits -----------------------------------------------------------------------------------


def quotas(use: AccountUse, now: datetime) -> list[Quota]:
    """What is left of each daily limit, and of the batch."""
    most, read = account_types.limits_of(use.account), _today(use, now)
    left = [
        Quota(int(most[limit.name]) - read.get(limit.name, 0), limit.labels)
        for limit in _daily(use.account)
    ]
    if account_types.BATCH in most:
        left.append(Quota(int(most[account_types.BATCH]) - _batch(use, now), ()))
    return left


def bar(use: AccountUse, run: Run, now: datetime, labels: Labels = ANY) -> Bar | None:
    """What keeps the account from reading pages of any of these labels for the run."""
    if use.account.status != AccountStatus.SYNCHRONIZED:
        return _not_accepted(use.account)
    limits = [found for found in (_day_bar(use, now, labels), _batch_bar(use, now)) if found]
    if limits:
        return max(limits, key=lambda limit: limit.until or now)
    if use.run_id not in (None, run.pk):
        return Bar(Reason.NO_ACCOUNT_AVAILABLE, f"Account “{use.account}” serves another run.")
    return None


def count(read: Mapping[int, Sequence[str]], now: datetime) -> None:
    """Add pages to their accounts' counters: the labels of those that each read. Belongs into the
    transaction that writes the pages, whose run is locked."""
    if not read:
        return
    uses = AccountUse.objects.filter(account__in=list(read)).select_related("account__owner")
    for use in _locked(uses.order_by("account_id")):
        _add(use, read[use.account_id], now)
        use.save(update_fields=["counts", "day_ends_at", "batch", "batch_ends_at"])


def _add(use: AccountUse, labels: Sequence[str], now: datetime) -> None:
    most = account_types.limits_of(use.account)
    counts = _today(use, now)
    for limit in _daily(use.account):
        pages = sum(map(limit.counts, labels))
        counts[limit.name] = counts.get(limit.name, 0) + pages
    use.counts, use.day_ends_at = counts, _day_end(use, now)
    if account_types.BATCH in most:
        use.batch = _batch(use, now) + len(labels)
        use.batch_ends_at = now + timedelta(hours=most[account_types.BATCH_HOURS])


def _daily(account: Account) -> Iterable[DailyLimit]:
    kind = account_types.get(account.type)
    return kind.limits if kind else ()


def _today(use: AccountUse, now: datetime) -> dict[str, int]:
    return dict(use.counts) if use.day_ends_at and now < use.day_ends_at else {}


def _day_end(use: AccountUse, now: datetime) -> datetime:
    """Of the day that is counted, which a change of the owner's zone does not shorten."""
    if use.day_ends_at and now < use.day_ends_at:
        return use.day_ends_at
    return periods.next_midnight(now, use.account.owner.zone)


def _batch(use: AccountUse, now: datetime) -> int:
    """Pages of the present batch; a rest that was long enough begins a new one, full or not."""
    return use.batch if use.batch_ends_at and now < use.batch_ends_at else 0


def _not_accepted(account: Account) -> Bar:
    expired = account.status == AccountStatus.COOKIES_EXPIRED
    reason = Reason.COOKIES_EXPIRED if expired else Reason.WRONG_CREDENTIALS
    note = account.status_note or account.get_status_display()
    return Bar(reason, f"Account “{account}”: {note}")


def _day_bar(use: AccountUse, now: datetime, labels: Labels) -> Bar | None:
    most, read = account_types.limits_of(use.account), _today(use, now)
    reached = [
        limit for limit in _daily(use.account) if read.get(limit.name, 0) >= most[limit.name]
    ]
    for label in labels:
        if not any(limit.counts(label) for limit in reached):
            return None
    listed = ", ".join(_reached(limit, read, most) for limit in reached)
    text = f"Account “{use.account}”: {listed}."
    return Bar(Reason.LIMIT_EXCEEDED, text, _day_end(use, now))


def _reached(limit: DailyLimit, read: Mapping[str, int], most: Mapping[str, float]) -> str:
    what = limit.label[:1].lower() + limit.label[1:]
    return f"{read.get(limit.name, 0)} of {most[limit.name]:g} {what}"


def _batch_bar(use: AccountUse, now: datetime) -> Bar | None:
    most = account_types.limits_of(use.account).get(account_types.BATCH)
    if most is None or _batch(use, now) < most:
        return None
    text = f"Account “{use.account}” rests after {most:g} pages."
    return Bar(Reason.BATCH_WAIT, text, use.batch_ends_at)
