"""Who may see what of this app: every fetch of a user's object goes through here."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from squids.models import Account, Squid, SquidQuerySet, Task, Upload, User


def squids_of(user: User | AnonymousUser) -> SquidQuerySet:
    """The squids this user may see; nobody else's, operators included (they use the admin)."""
    squids: SquidQuerySet = Squid.objects.visible().filter(owner_id=user.pk or 0)
    return squids


def squid_of(user: User | AnonymousUser, uid: str) -> Squid:
    """Raises Http404 for a squid that is not there or not theirs."""
    squid = squids_of(user).filter(uid=uid).select_related("crawler", "owner").first()
    if squid is None:
        raise Http404("No such squid")
    return squid


def task_of(user: User | AnonymousUser, squid_uid: str, uid: str) -> Task:
    squid = squid_of(user, squid_uid)
    task: Task | None = Task.objects.visible().filter(squid=squid, uid=uid).first()
    if task is None:
        raise Http404("No such task")
    return task


def upload_of(user: User | AnonymousUser, squid_uid: str, uid: str) -> Upload:
    squid = squid_of(user, squid_uid)
    upload = Upload.objects.filter(squid=squid, uid=uid).first()
    if upload is None:
        raise Http404("No such upload")
    return upload


def accounts_of(user: User | AnonymousUser) -> QuerySet[Account]:
    return Account.objects.filter(owner_id=user.pk or 0)


def account_of(user: User | AnonymousUser, uid: str) -> Account:
    account = accounts_of(user).filter(uid=uid).select_related("owner").first()
    if account is None:
        raise Http404("No such account")
    return account
