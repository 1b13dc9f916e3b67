"""Add, refresh, limit, rename, delete and link the accounts that crawlers work with.

What was given as cookies goes through here once, into the secret; no error holds a part of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from squids import account_types, cookies, errors, secrets
from squids.cookies import Cookie, CookieError
from squids.crawlers.interface import AccountType
from squids.models import Account, AccountStatus, Squid, User

NAME_LIMIT = 200
LOST = "Its cookies cannot be opened: they were kept in another form, or with a key that is gone."


@sensitive_variables("text", "given")
def add_account(
    owner: User,
    type: str,  # noqa: A002
    name: str | None,
    text: str,
    site: str = "",
) -> Account:
    """A new account of the type with this slug, named ``type (N)`` where ``name`` is None. ``text``
    is what ``squids.cookies.parse`` takes; ``site`` says whose they are where neither they nor the
    type do. Raises FieldRefused."""
    kind = account_types.get(type)
    if kind is None:
        raise errors.FieldRefused("type", "Choose a type.")
    account = Account(owner=owner, type=type, name="" if name is None else _check_name(name))
    given = _read(kind, text, site, known="")
    _keep(account, given)
    with transaction.atomic():
        account.name = account.name or _free_name(owner, type)
        _save_named(account)
    return account


def _free_name(owner: User, type: str) -> str:  # noqa: A002
    """The owner's row is the lock, so that two at once do not choose the same."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    taken = set(Account.objects.filter(owner=owner, type=type).values_list("name", flat=True))
    return next(name for n in count(1) if (name := f"{type} ({n})") not in taken)


@sensitive_variables("text", "given")
def refresh_account(account: Account, text: str, site: str = "") -> Account:
    """New cookies for an account, which is in order again; its limits and links stay. Cookies that
    do not say whose they are belong where the old ones did. Raises FieldRefused."""
    kind = _kind_of(account)
    given = _read(kind, text, site, known=site_of(account))
    _keep(account, given)
    account.status, account.status_note = AccountStatus.SYNCHRONIZED, ""
    account.synchronized_at = timezone.now()
    account.save(
        update_fields=[
            "secret",
            "cookie_names",
            "status",
            "status_note",
            "synchronized_at",
            "updated_at",
        ]
    )
    return account


def limit_account(account: Account, limits: Mapping[str, float | None]) -> None:
    """Set some of its limits: a daily one by its name, ``batch``, ``batch_hours``. None: as
    declared; what is left out stays. Raises FieldRefused, with the limit's name, for more pages or
    a shorter rest than declared."""
    bounds = account_types.bounds(_kind_of(account))
    given = {name: value for name, value in limits.items() if value is not None}
    checked = {name: _check_limit(name, value, bounds) for name, value in given.items()}
    with transaction.atomic():
        # As they are by now: of two changes at once none is lost.
        present = Account.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
        if present is None:
            raise errors.Refused("This account was deleted.")
        kept = {n: v for n, v in present.limits.items() if n in bounds and n not in limits}
        account.limits = kept | checked
        account.save(update_fields=["limits", "updated_at"])


def rename_account(account: Account, name: str) -> None:
    before, account.name = account.name, _check_name(name)
    try:
        _save_named(account, ["name", "updated_at"])
    except errors.Refused:
        account.name = before
        raise


def delete_account(account: Account) -> None:
    """With its cookies and counters, for good; squids that used it are without it."""
    account.delete()


def mark_account(
    account_id: int, status: str, note: str = "", *, seen: datetime | None = None
) -> bool:
    """What a worker found out about an account. ``seen`` is the ``synchronized_at`` of the cookies
    it used: a verdict on cookies that were refreshed since is dropped, and the answer is False."""
    accounts = Account.objects.filter(pk=account_id)
    if seen is not None:
        accounts = accounts.filter(synchronized_at=seen)
    now = timezone.now()
    return bool(accounts.update(status=status, status_note=note[:500], updated_at=now))


def cookies_of(account: Account) -> list[Cookie]:
    """Decrypted, each with a domain, for the fetcher alone. Raises ``secrets.SecretLost``; the
    account then counts as one whose cookies expired."""
    try:
        return _opened(account)
    except secrets.SecretLost:
        mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, LOST, seen=account.synchronized_at)
        raise


def first_expiry(account: Account) -> datetime | None:
    """When the first of the cookies that matter ends by itself; None where none says. Raises
    ``secrets.SecretLost``."""
    kind = account_types.get(account.type)
    wanted = kind.cookies if kind else ()
    ends = [c.expires for c in _opened(account) if c.expires and (c.name in wanted or not wanted)]
    return datetime.fromtimestamp(min(ends), UTC) if ends else None


def site_of(account: Account) -> str:
    """Where the present cookies belong; empty where they cannot be opened any more."""
    with suppress(secrets.SecretLost):
        return min((cookie.domain for cookie in _opened(account)), key=len, default="")
    return ""


def link_accounts(squid: Squid, accounts: Iterable[Account]) -> None:
    """These and no others serve the squid's next run. Raises FieldRefused for another's account
    and for one of a type that the crawler does not work with."""
    chosen = {account.pk for account in accounts}
    kind = squid.crawler.code.account_type
    if kind is None and chosen:
        raise errors.FieldRefused("accounts", "This crawler works without accounts.")
    with transaction.atomic():
        Squid.objects.select_for_update(no_key=True).get(pk=squid.pk)
        fitting = Account.objects.filter(owner=squid.owner_id, type=kind.slug if kind else "")
        found = list(fitting.select_for_update(no_key=True).filter(pk__in=chosen).order_by("pk"))
        if len(found) < len(chosen):  # also one that was deleted meanwhile
            raise errors.FieldRefused("accounts", "Choose from your accounts of the right type.")
        squid.accounts.set(found)


def renew_secrets() -> tuple[int, int]:
    """Encrypt every account's cookies with the newest key; answers how many, and how many cannot
    be opened. An account refreshed meanwhile keeps what was given then."""
    renewed = lost = 0
    for pk, secret in Account.objects.order_by("pk").values_list("pk", "secret").iterator(500):
        try:
            fresh = secrets.renew(secret)
        except secrets.SecretLost:
            lost += 1
            continue
        renewed += Account.objects.filter(pk=pk, secret=secret).update(secret=fresh)
    return renewed, lost


def _kind_of(account: Account) -> AccountType:
    kind = account_types.get(account.type)
    if kind is None:
        raise errors.Refused("No installed crawler works with accounts of this type.")
    return kind


def _check_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise errors.FieldRefused("name", "Give the account a name.")
    if len(name) > NAME_LIMIT:
        raise errors.FieldRefused("name", f"A name has at most {NAME_LIMIT} characters.")
    if not name.isprintable():
        raise errors.FieldRefused("name", "A name is one line of letters, digits and signs.")
    return name


def _save_named(account: Account, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            account.save(update_fields=fields)
    except IntegrityError:
        message = f"You already have an account named “{account.name}” of this type."
        raise errors.FieldRefused("name", message) from None


def _check_limit(name: str, value: float, bounds: Mapping[str, tuple[float, float]]) -> float:
    if name not in bounds:
        raise errors.FieldRefused(name, "Accounts of this type have no such limit.")
    whole = name != account_types.BATCH_HOURS
    least, most = bounds[name]
    if not least <= value <= most:  # as NaN is not, either
        raise errors.FieldRefused(name, f"Choose from {least:g} to {most:,g}.")
    if whole and value != int(value):
        raise errors.FieldRefused(name, "Give a whole number.")
    return int(value) if whole else float(value)


def _opened(account: Account) -> list[Cookie]:
    """Raises ``secrets.SecretLost``, also for what was kept in a form that is not ours."""
    try:
        return [Cookie(**entry) for entry in json.loads(secrets.unseal(account.secret))]
    except Exception:  # whatever an odd secret leads to; its text may hold a part of it
        raise secrets.SecretLost from None


# --- cookies ------------------------------------------------------------------------------------
@sensitive_variables()
def _read(kind: AccountType, text: str, site: str, known: str) -> list[Cookie]:
    """What of the text is for the site and still good. Raises FieldRefused."""
    site = kind.domain or _check_site(site)
    try:
        given = cookies.parse(text)
    except CookieError as error:
        raise errors.FieldRefused("cookies", error.message) from None
    given = [cookie if cookie.domain else _placed(cookie, site or known) for cookie in given]
    fitting = [cookie for cookie in given if not site or cookie.fits_site(site)]
    if not fitting:
        raise errors.FieldRefused("cookies", f"None of these cookies is for {site}.")
    good = [cookie for cookie in fitting if cookie.expires is None or cookie.expires > time.time()]
    if not good:
        raise errors.FieldRefused(
            "cookies",
            "All of these cookies have expired. Sign in at the site and export them anew.",
        )
    _check_complete(kind, good)
    return good


def _check_site(site: str) -> str:
    if not site.strip():
        return ""
    try:
        return cookies.host_of(site)
    except CookieError as error:
        raise errors.FieldRefused("site", error.message) from None


def _placed(cookie: Cookie, site: str) -> Cookie:
    if not site:
        raise errors.FieldRefused("site", "Say which site these cookies are for.")
    return cookie.at(site)


def _check_complete(kind: AccountType, given: list[Cookie]) -> None:
    names = {cookie.name for cookie in given}
    missing = [name for name in kind.cookies if name not in names]
    if missing:
        listed = ", ".join(missing)
        raise errors.FieldRefused(
            "cookies", f"Without {listed} the site would not know the account."
        )


@sensitive_variables()
def _keep(account: Account, given: list[Cookie]) -> None:
    account.secret = secrets.seal(json.dumps([asdict(cookie) for cookie in given]))
    account.cookie_names = sorted({cookie.name for cookie in given})
