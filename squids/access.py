"""Who may see what of this app: every fetch of a user's object goes through here."""

from __future__ import annotations

import re

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from squids.crawlers import registry
from squids.ids import UID
from squids.models import (
    Account,
    ApiKey,
    ApiKeyQuerySet,
    Crawler,
    Preset,
    Squid,
    SquidQuerySet,
    Task,
    TaskQuerySet,
    Upload,
    User,
)


class NoSuch(Http404):
    """What was asked for is not there, or not theirs; ``what`` is its kind, in one word. ``text``
    says more where there is more to say."""

    def __init__(self, what: str, text: str = "") -> None:
        super().__init__(text or f"No such {what}")
        self.what = what


ID = re.compile(UID)


def is_id(text: str) -> bool:
    """Other texts name nothing, and of some, such as NUL, a database must not be asked."""
    return ID.fullmatch(text) is not None


def squids_of(user: User | AnonymousUser) -> SquidQuerySet:
    """The squids this user may see; nobody else's, operators included (they use the admin)."""
    squids: SquidQuerySet = Squid.objects.visible().filter(owner_id=user.pk or 0)
    return squids


def squid_of(user: User | AnonymousUser, uid: str) -> Squid:
    """Raises NoSuch for a squid that is not there or not theirs."""
    squids = squids_of(user).filter(uid=uid).select_related("crawler", "owner")
    squid = squids.first() if is_id(uid) else None
    if squid is None:
        raise NoSuch("squid")
    return squid


def task_of(user: User | AnonymousUser, squid_uid: str, uid: str) -> Task:
    squid = squid_of(user, squid_uid)
    tasks = Task.objects.visible().filter(squid=squid, uid=uid)
    task: Task | None = tasks.first() if is_id(uid) else None
    if task is None:
        raise NoSuch("task")
    return task


def upload_of(user: User | AnonymousUser, squid_uid: str, uid: str) -> Upload:
    squid = squid_of(user, squid_uid)
    upload = Upload.objects.filter(squid=squid, uid=uid).first() if is_id(uid) else None
    if upload is None:
        raise NoSuch("upload")
    return upload


def accounts_of(user: User | AnonymousUser) -> QuerySet[Account]:
    return Account.objects.filter(owner_id=user.pk or 0)


def account_of(user: User | AnonymousUser, uid: str) -> Account:
    accounts = accounts_of(user).filter(uid=uid).select_related("owner")
    account = accounts.first() if is_id(uid) else None
    if account is None:
        raise NoSuch("account")
    return account


def presets_of(user: User | AnonymousUser) -> QuerySet[Preset]:
    return Preset.objects.filter(owner_id=user.pk or 0)


def preset_of(user: User | AnonymousUser, uid: str) -> Preset:
    """Raises NoSuch."""
    presets = presets_of(user).filter(uid=uid).select_related("crawler", "owner")
    preset = presets.first() if is_id(uid) else None
    if preset is None:
        raise NoSuch("preset")
    return preset


def tasks_of(user: User | AnonymousUser) -> TaskQuerySet:
    tasks: TaskQuerySet = Task.objects.visible().filter(squid__in=squids_of(user))
    return tasks


def any_task_of(user: User | AnonymousUser, uid: str) -> Task:
    """A task of whichever of their squids. Raises NoSuch."""
    tasks = tasks_of(user).filter(uid=uid).select_related("squid__crawler")
    task = tasks.first() if is_id(uid) else None
    if task is None:
        raise NoSuch("task")
    return task


def any_upload_of(user: User | AnonymousUser, uid: str) -> Upload:
    """An upload of whichever of their squids, without its bytes. Raises NoSuch."""
    uploads = Upload.objects.filter(squid__in=squids_of(user), uid=uid)
    upload = uploads.defer("content").first() if is_id(uid) else None
    if upload is None:
        raise NoSuch("upload")
    return upload


def crawler_by(uid: str) -> Crawler:
    """Crawlers are for all users. Raises NoSuch, also while its package is not installed."""
    crawlers = Crawler.objects.filter(uid=uid, slug__in=registry.all())
    crawler = crawlers.first() if is_id(uid) else None
    if crawler is None:
        raise NoSuch("crawler")
    return crawler


def crawler_named(text: str) -> Crawler:
    """By its id, or its slug. Raises NoSuch as ``crawler_by`` does."""
    named = Crawler.objects.filter(slug=text).first() if text in registry.all() else None
    return named or crawler_by(text)


def keys_of(user: User | AnonymousUser) -> ApiKeyQuerySet:
    keys: ApiKeyQuerySet = ApiKey.objects.filter(owner_id=user.pk or 0)
    return keys


def key_of(user: User | AnonymousUser, uid: str) -> ApiKey:
    key = keys_of(user).filter(uid=uid).first() if is_id(uid) else None
    if key is None:
        raise NoSuch("key")
    return key
