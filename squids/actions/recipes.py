"""Keep the pages that recipes are tried on, and recipes in the making."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from squids import errors
from squids.crawlers.interface import Request, Response, canonical
from squids.models import Draft, Part, SamplePage, Squid

SAMPLE_BYTES = 5 * 1024 * 1024
"""The largest page that is kept."""
SAMPLES_KEPT = 12
"""Of a user; the oldest go."""
SAMPLES_KEPT_FOR = timedelta(days=7)
RECIPE_LIMIT = 256 * 1024
"""Characters of a recipe as JSON."""


def keep_sample(
    squid: Squid,
    part: Part,
    asked: str,
    request: Request,
    response: Response,
    styles: Mapping[str, str],
) -> SamplePage:
    """The page in place of the squid's last one of this part. Raises FieldRefused at the URL for
    one that is too large."""
    if len(response.body) > SAMPLE_BYTES:
        raise errors.FieldRefused("url", too_large(SAMPLE_BYTES))
    values = {
        "owner": squid.owner,
        "asked": asked,
        "request": request.to_dict(),
        "url": response.url,
        "status": response.status,
        "headers": dict(response.headers),
        "encoding": response.encoding[:60],
        "body": zlib.compress(response.body),
        "size": len(response.body),
        "styles": zlib.compress(json.dumps(dict(styles)).encode()),
        "fetched_at": timezone.now(),
    }
    with transaction.atomic():
        sample, _ = SamplePage.objects.update_or_create(values, squid=squid, part=part)
        _drop_oldest(squid)
    return sample


def too_large(most: int) -> str:
    return f"The page is too large to try a recipe on; at most {most // 1024 // 1024} MB are kept."


def _drop_oldest(squid: Squid) -> None:
    kept = SamplePage.objects.filter(owner_id=squid.owner_id).order_by("-fetched_at", "-id")
    old = list(kept.values_list("pk", flat=True)[SAMPLES_KEPT:])
    SamplePage.objects.filter(pk__in=old).delete()


def drop_detail(squid: Squid) -> None:
    """The detail page of a listing that is no longer tried."""
    SamplePage.objects.filter(squid=squid, part=Part.DETAIL).delete()


def forget_samples(now: datetime) -> int:
    """Those that nobody has fetched anew for a week; answers how many."""
    return SamplePage.objects.filter(fetched_at__lt=now - SAMPLES_KEPT_FOR).delete()[0]


def keep_draft(squid: Squid, recipe: Mapping[str, Any], *, undoes: Any = None) -> Draft:
    """The recipe as it stands in the builder, whether it can work or not. ``undoes`` is what Undo
    brings back from now on; None leaves that as it was. Raises FieldRefused for one too large."""
    text = canonical(recipe)
    if len(text) > RECIPE_LIMIT:
        raise errors.FieldRefused("recipe", f"A recipe has at most {RECIPE_LIMIT:,} characters.")
    if re.search(r"[\ud800-\udfff]|\\ud[89a-f]", text):
        raise errors.FieldRefused("recipe", "A recipe has a character that is none.")
    values: dict[str, Any] = {"recipe": dict(recipe), "changed_at": timezone.now()}
    if undoes is not None:
        values["before"] = undoes
    draft, _ = Draft.objects.update_or_create(values, squid=squid)
    return draft


def undo_draft(squid: Squid) -> None:
    """Back to what stood there before the last press of a button; a second time forth again."""
    draft = Draft.objects.filter(squid=squid).first()
    if draft is not None and draft.before is not None:
        keep_draft(squid, draft.before, undoes=draft.recipe)


def drop_draft(squid: Squid) -> None:
    Draft.objects.filter(squid=squid).delete()
