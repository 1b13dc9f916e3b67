"""A held run's accounts: taken, shown to the engine as seats, and marked where a site turns them
away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from runs import console, live, seats
from runs.engine import rota
from runs.engine.cookies import Cookie
from runs.models import AccountUse, Run
from runs.seats import Seat
from runs.states import Level, Reason
from runs.worker import committer
from runs.worker.hold import Hold
from squids import cookies
from squids.actions import accounts
from squids.crawlers.interface import AccountError, CookiesExpired
from squids.models import AccountStatus

Open = Callable[[list[Cookie]], rota.Fetch]


def take(run: Run, now: datetime, labels: seats.Labels = seats.ANY) -> list[Seat]:
    """Hold the run's accounts; a change of them while it works is worth a console line."""
    before = _held(run)
    taken = seats.take(run, now, labels)
    if before and taken and before != {seat.account for seat in taken}:
        console.write(run, f"Going on with {seats.words(run)}")
    return taken


def _held(run: Run) -> set[int]:
    return set(AccountUse.objects.filter(run=run).values_list("account_id", flat=True))


def rota_of(hold: Hold, session: Open) -> rota.Rota:
    """A seat for each account, with a session of its own; one without an end where none works."""
    if not hold.seats:
        return rota.Rota([rota.Seat(session([]))])
    return rota.Rota([_seat(seat, session) for seat in hold.seats])


def _seat(seat: Seat, session: Open) -> rota.Seat:
    return rota.Seat(
        session([cookie_of(cookie) for cookie in seat.cookies]),
        account=seat.account,
        name=seat.name,
        quotas=[rota.Quota(quota.left, quota.labels) for quota in seat.quotas],
    )


def cookie_of(given: cookies.Cookie) -> Cookie:
    """An account's cookie as the fetcher takes it."""
    return Cookie(
        name=given.name,
        value=given.value,
        domain=given.domain,
        path=given.path,
        secure=given.secure,
        host_only=given.host_only,
        expires=given.expires,
    )


def refuse(hold: Hold, account: int, error: AccountError) -> None:
    """Mark an account that the site turned away, unless it was refreshed since it was taken.
    Raises FenceBroken."""
    [seat] = [seat for seat in hold.seats if seat.account == account]
    expired = isinstance(error, CookiesExpired)
    status = AccountStatus.COOKIES_EXPIRED if expired else AccountStatus.WRONG_CREDENTIALS
    reason = Reason.COOKIES_EXPIRED if expired else Reason.WRONG_CREDENTIALS
    with transaction.atomic():
        run = committer.fence(hold)
        marked = accounts.mark_account(account, status, error.message, seen=seat.synchronized_at)
        told = f"{reason.label} {error.message}" if marked else "It is new by now, or gone."
        console.write(run, f"Account “{seat.name}” is out · {told}", Level.WARNING)
        live.announce(run)
