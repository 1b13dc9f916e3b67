"""Settings that would break the queue or the database: refused at start, with what to set."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

TAG = "lobstr"
OLDEST_SQLITE = (3, 35)


@register(TAG)
def queue_waits_longer_than_it_works(**kwargs: Any) -> Iterable[CheckMessage]:
    """A retry at or under the timeout hands a job out again while it still runs."""
    timeout, retry = settings.Q_CLUSTER.get("timeout"), settings.Q_CLUSTER.get("retry", 60)
    if not timeout:
        yield Error(
            "Q_CLUSTER has no timeout: a job that hangs would hold its worker for ever.",
            hint=f"Set Q_CLUSTER['timeout'] to seconds under Q_CLUSTER['retry'] ({retry}).",
            id="lobstr.E001",
        )
    elif retry <= timeout:
        yield Error(
            f"Q_CLUSTER's retry ({retry} s) is not above its timeout ({timeout} s): a job would be "
            "started a second time while it still runs.",
            hint=f"Set Q_CLUSTER['retry'] well above {timeout}, for example to {timeout * 5}.",
            id="lobstr.E002",
        )


@register(TAG)
def sqlite_writes_begin_as_writes(**kwargs: Any) -> Iterable[CheckMessage]:
    """Without IMMEDIATE a transaction that reads and then writes fails as soon as two overlap."""
    for name, database in _sqlite():
        mode = str(database.get("OPTIONS", {}).get("transaction_mode") or "DEFERRED").upper()
        if mode not in ("IMMEDIATE", "EXCLUSIVE"):
            yield Error(
                f"Database “{name}” is SQLite with {mode} transactions: those that read and then "
                "write would fail with “database is locked”.",
                hint=f"Set DATABASES['{name}']['OPTIONS']['transaction_mode'] to 'IMMEDIATE'.",
                id="lobstr.E003",
            )


@register(TAG)
def sqlite_is_new_enough(**kwargs: Any) -> Iterable[CheckMessage]:
    """RETURNING came with 3.35."""
    if any(_sqlite()) and sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield Error(
            f"This Python has SQLite {sqlite3.sqlite_version}; 3.35 is the oldest that works.",
            hint="Use a Python with a newer SQLite, or set DATABASE_URL to a PostgreSQL database.",
            id="lobstr.E004",
        )


@register(TAG)
def proxy_is_an_address(**kwargs: Any) -> Iterable[CheckMessage]:
    """Every page of every run would fail with it."""
    if not settings.PROXY:
        return
    from runs.engine.errors import BadUrl  # with the HTTP client, for whom it is set
    from runs.engine.proxy import Proxy

    try:
        Proxy.parse(settings.PROXY)
    except BadUrl:
        yield Error(
            "LOBSTR_PROXY is not the address of a proxy.",  # and not shown: it has a password
            hint="Set it to such as http://user:password@proxy.example:8080, https://… or "
            "socks5://…, or leave it out.",
            id="lobstr.E005",
        )


@register(TAG)
def name_servers_are_addresses(**kwargs: Any) -> Iterable[CheckMessage]:
    """No slice could begin."""
    from runs.engine.lookups import server  # with the resolver, for whom it is set

    try:
        for text in settings.DNS:
            server(text)
    except ValueError:
        yield Error(
            f"LOBSTR_DNS names “{text}”, which is not the address of a name server.",
            hint="Set it to such as 192.0.2.1 or 192.0.2.1:5353, or leave it out.",
            id="lobstr.E012",
        )


@register(TAG)
def there_is_some_of_it(**kwargs: Any) -> Iterable[CheckMessage]:
    """Nothing would be worked on, or every page would fail."""
    given = {
        "LOBSTR_WORKERS": settings.SLICES,
        "LOBSTR_FETCH_TIMEOUT": settings.FETCH_TIMEOUT,
        "LOBSTR_MAX_BODY_MB": settings.MAX_BODY,
    }
    for name in (name for name, value in given.items() if value <= 0):
        yield Error(f"{name} is not above 0.", hint=f"Set {name} to 1 or more.", id="lobstr.E006")


@register(TAG)
def a_fetch_ends_before_its_slice(**kwargs: Any) -> Iterable[CheckMessage]:
    """Otherwise a slow answer would be thrown away and asked for again, slice after slice."""
    from runs.worker.slice import DRAIN  # once the models are there

    if settings.FETCH_TIMEOUT >= DRAIN:
        yield Error(
            f"LOBSTR_FETCH_TIMEOUT ({settings.FETCH_TIMEOUT} s) is not under the {DRAIN:g} s that "
            "a worker waits for its last answers.",
            hint=f"Set LOBSTR_FETCH_TIMEOUT under {DRAIN:g}.",
            id="lobstr.E007",
        )


@register(TAG)
def account_keys_are_keys(**kwargs: Any) -> Iterable[CheckMessage]:
    """No account could be added, and none that is there be opened."""
    from squids.secrets import is_key  # and their values are not shown

    bad = [place for place, key in enumerate(settings.ACCOUNT_KEYS, start=1) if not is_key(key)]
    if bad or not settings.ACCOUNT_KEYS:
        which = f"Number {bad[0]} of the keys" if bad else "None of the keys"
        yield Error(
            f"{which} that encrypt the accounts' cookies can be used.",
            hint="Set LOBSTR_ACCOUNT_KEYS to keys of 32 bytes in URL-safe base64, newest first, or "
            f"leave it out and mend {settings.DATA_DIR / 'account_keys'}.",
            id="lobstr.E008",
        )


@register(TAG)
def links_lead_back_here(**kwargs: Any) -> Iterable[CheckMessage]:
    """E-mails name the site by it."""
    try:
        place = urlsplit(settings.SITE_URL)
        whole = bool(place.hostname and place.port != 0)
    except ValueError:
        whole = False
    if not whole or place.scheme not in ("http", "https") or place.path or place.query:
        yield Error(
            f"LOBSTR_URL (“{settings.SITE_URL}”) is not the address of a site.",
            hint="Set it to such as https://lobstr.example, without a path.",
            id="lobstr.E009",
        )


@register(TAG)
def mail_can_be_sent(**kwargs: Any) -> Iterable[CheckMessage]:
    """Every e-mail would fail with it."""
    for name, hint in _mail_troubles():
        yield Error(f"{name} cannot be used.", hint=hint, id="lobstr.E010")


@register(TAG)
def rates_are_not_below_nothing(**kwargs: Any) -> Iterable[CheckMessage]:
    """No request could ever be let in."""
    if settings.API_RATE < 0:
        hint = "Set it to requests a minute, or to 0 for no limit."
        yield Error("LOBSTR_API_RATE is below 0.", hint=hint, id="lobstr.E011")


def _mail_troubles() -> Iterable[tuple[str, str]]:
    if settings.EMAIL_SECURITY not in ("starttls", "tls", "none"):
        yield "LOBSTR_EMAIL_SECURITY", "Set it to starttls, tls or none."
    if not 0 < settings.EMAIL_PORT < 65536:
        yield "LOBSTR_EMAIL_PORT", "Set it to the port of the mail server, such as 587."
    if bool(settings.EMAIL_HOST_USER) != bool(settings.EMAIL_HOST_PASSWORD):
        hint = "Set LOBSTR_EMAIL_USER and LOBSTR_EMAIL_PASSWORD (or its _FILE) both, or neither."
        yield "The mail server's login", hint
    if not _is_sender(settings.DEFAULT_FROM_EMAIL):
        yield "LOBSTR_EMAIL_FROM", "Set it to an address, such as lobstr@example.org."


def _is_sender(address: str) -> bool:
    try:
        validate_email(parseaddr(address)[1])
    except ValidationError:
        return False
    return address.isprintable()  # a second line would be a header


def _sqlite() -> Iterable[tuple[str, dict[str, Any]]]:
    for name, database in settings.DATABASES.items():
        if database["ENGINE"].endswith("sqlite3"):
            yield name, database
