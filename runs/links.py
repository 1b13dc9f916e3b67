"""Addresses of files that need no key and no session: the signature says which file, for whom, and
when it ends. It opens this one file and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from runs.exports import EVERYTHING, Choice, File, Format, prepare
from runs.models import Run
from squids.access import NoSuch
from squids.models import ApiKey

LIFETIME = timedelta(hours=1)
SALT = "runs.links.1"
"""Its number changes with what is signed, so that an older link is refused, not misread."""
LONGEST = 8 * 1024
"""Characters of an address; a server takes a request's line and headers up to 16 KB."""


class LinkBroken(Exception):
    """It was not made here, or was changed since; or the key that made it was revoked."""


class LinkExpired(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Link:
    """What a file is to hold; the words are those of ``exports.prepare``."""

    run: str
    key: str
    format: Format
    rows: str = ""
    choice: Choice = EVERYTHING

    @property
    def path(self) -> str:
        """Its address on this site, good for an hour from now."""
        told: list[Any] = [self.key, self.rows, self.choice.columns, sorted(self.choice.omit)]
        signature = signing.dumps([self.run, self.format.value, *told], salt=SALT, compress=True)
        return f"{reverse('runs:linked_file', args=[self.run, self.format.value])}?sig={signature}"

    def open(self) -> File:
        """The file, named by its owner's clock. What was signed needs no look at the rows again.
        Raises NoSuch for a run that is gone, LinkBroken for a key that was revoked, Refused."""
        runs = Run.objects.filter(squid__deleted_at=None, owner__is_active=True, uid=self.run)
        run = runs.select_related("squid", "owner").first()
        if run is None:
            raise NoSuch("run")
        if not ApiKey.objects.good().filter(uid=self.key, owner=run.owner).exists():
            raise LinkBroken("The API key that made this link was revoked.")
        with timezone.override(run.owner.zone):
            return prepare(run, self.format, rows=self.rows, choice=self.choice)


def read(uid: str, ending: str, signature: str) -> Link:
    """The link that an address is. Raises LinkExpired, LinkBroken."""
    try:
        told = signing.loads(signature, salt=SALT, max_age=LIFETIME)
    except signing.SignatureExpired:
        raise LinkExpired("This link has expired. Ask the API for another.") from None
    except signing.BadSignature:
        raise LinkBroken("This link is not valid. Copy it whole.") from None
    run, wanted, key, rows, columns, omit = told
    if (run, wanted) != (uid, ending):
        raise LinkBroken("This link is of another file.")
    return Link(run, key, Format(wanted), rows, Choice(tuple(columns), frozenset(omit)))
