"""Make and revoke keys of the API, and find the key that a request shows."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from squids import errors
from squids.ids import UID
from squids.models import ApiKey, User, new_uid

log = logging.getLogger(__name__)

NAME_LIMIT = 60
KEY_LIMIT = 50
"""Good keys a user may have at once."""
PREFIX = "lob_"
"""So that scanners of sources and logs can tell what they found."""
KEY = re.compile(PREFIX + "[0-9a-f]{40}")
NOTED_EVERY = timedelta(minutes=1)
"""A key's last use is written at most so often."""
PATIENCE_MS = 250
"""How long a request waits for a busy SQLite to note it. SQLite alone: elsewhere rows are locked
one by one, and a key's row for no longer than it takes to write it."""


def make_key(owner: User, name: str, *, uid: str = "") -> tuple[ApiKey, str]:
    """A new key and its text, which is not kept. A form that may be sent twice brings the ``uid``
    that its key shall have, 32 hex digits. Raises FieldRefused for the name, KeyMade for a uid that
    is taken, Refused for a user who has too many keys or was deactivated."""
    name = _check_name(name)
    if not re.fullmatch(UID, uid := uid or new_uid()):
        raise errors.Refused("This form is not whole. Open the page anew.")
    text = PREFIX + secrets.token_hex(20)
    with transaction.atomic():
        _check_owner(User.objects.select_for_update(no_key=True).get(pk=owner.pk), uid)
        key = ApiKey.objects.create(
            uid=uid, owner=owner, name=name, digest=_digest(text), start=text[: len(PREFIX) + 4]
        )
    return key, text


def _check_owner(owner: User, uid: str) -> None:
    """Whether this user, whose row is locked, may have another key, with this uid."""
    if not owner.is_active:
        raise errors.Refused(f"{owner.get_username()} was deactivated.")
    if ApiKey.objects.filter(uid=uid).exists():
        raise errors.KeyMade
    if ApiKey.objects.good().filter(owner=owner).count() >= KEY_LIMIT:
        raise errors.Refused(f"You have {KEY_LIMIT} keys. Revoke one that is not used first.")


def _check_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise errors.FieldRefused("name", "Give the key a name, such as the script's.")
    if len(name) > NAME_LIMIT:
        raise errors.FieldRefused("name", f"A name has at most {NAME_LIMIT} characters.")
    if not name.isprintable():
        raise errors.FieldRefused("name", "A name is one line of letters, digits and signs.")
    return name


def _digest(text: str) -> str:
    """A key has 160 random bits: nobody guesses one, so a plain hash is enough, and how long the
    search for it takes tells nothing of the keys there are."""
    return hashlib.sha256(text.encode()).hexdigest()


def revoke_key(key: ApiKey) -> None:
    """Refuse it from now on; a second time changes nothing."""
    ApiKey.objects.good().filter(pk=key.pk).update(revoked_at=timezone.now())
    key.refresh_from_db(fields=["revoked_at"])


def find_key(text: str) -> ApiKey:
    """The good key with this text, its owner active. Raises NotAuthenticated, KeyRevoked. What
    cannot be a key, however long, is refused unread."""
    if not KEY.fullmatch(text):
        raise errors.NotAuthenticated
    keys = ApiKey.objects.filter(digest=_digest(text)).select_related("owner__plan")
    found: ApiKey | None = keys.first()
    if found is None or not found.owner.is_active:
        raise errors.NotAuthenticated
    if found.is_revoked:
        raise errors.KeyRevoked
    return found


def note_use(key: ApiKey, agent: str) -> None:
    """Keep when and by what client it was used, at most once a minute. A database that is busy is
    not waited for: the next request notes it."""
    now = timezone.now()
    if key.last_used_at and key.last_used_at >= now - NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    agent = "".join(filter(str.isprintable, agent))[:120]
    try:
        with _hurry(), transaction.atomic():
            ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now, last_used_by=agent)
    except OperationalError as error:
        log.info("The use of key %s was not noted: %s", key.uid, error)


@contextmanager
def _hurry() -> Iterator[None]:
    """Within it SQLite gives up early on a database that another writes to."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
