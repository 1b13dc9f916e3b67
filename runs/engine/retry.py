"""When to try a failed request again."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from runs.engine.errors import FetchError

MAX_TRIES = 4
IMPATIENT_TRIES = 2
FIRST_DELAY = 0.5
LONGEST_RETRY_AFTER = 3600.0


def next_delay(
    tries: int,
    error: FetchError,
    chance: Callable[[], float] = random.random,
    *,
    patience: float = 0.0,
) -> float | None:
    """Seconds to wait before the next try, after ``tries`` failed ones; None: give up.

    Doubles from half a second, give or take a half of it so that many instances do not return
    at once; never earlier than the site asked. ``patience``: the request's own, which is tried less
    often, and not again where the site asks for more.
    """
    if not error.retry or tries >= (IMPATIENT_TRIES if patience else MAX_TRIES):
        return None
    backoff = FIRST_DELAY * 2.0 ** (tries - 1) * (0.5 + chance())
    delay = max(backoff, error.retry_after or 0.0)
    return None if is_too_long(delay, patience) else delay


def is_too_long(seconds: float, patience: float) -> bool:
    """Whether a request with this patience, if it has any, gives up instead of waiting."""
    return 0.0 < patience < seconds


def retry_after(value: str | None, now: float) -> float | None:
    """A Retry-After header (seconds, or a date) as seconds from ``now``, at most an hour."""
    if not value:
        return None
    value = value.strip()
    seconds = float(value) if value.isdecimal() else _until(value, now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _until(date: str, now: float) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() - now
