"""Time zones: which there are, and which one people read their times in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Awaitable, Callable
from datetime import UTC, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

if TYPE_CHECKING:
    from squids.models import User

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)

NO_PLACES = {"Factory", "localtime", "posixrules"}
"""Files of the system that stand beside its zones; what they say is another thing elsewhere."""

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@cache
def names() -> frozenset[str]:
    """Asked once: it looks through all files of the system's zones."""
    return frozenset(zoneinfo.available_timezones() - NO_PLACES)


@cache
def places() -> tuple[str, ...]:
    """Those that people look for, named region/place, in order; any other works as well."""
    found = (name for name in names() if name.partition("/")[0] in REGIONS)
    return tuple(sorted(name for name in found if "/" in name))


def check(name: str) -> None:
    """Raises ValidationError for what is not the name of a zone here."""
    if name not in names():
        raise ValidationError("There is no such time zone.")


def named(name: str) -> tzinfo:
    """The zone of that name; UTC where it is empty or not known here."""
    return zoneinfo.ZoneInfo(name) if name in names() else UTC


@sync_and_async_middleware
def viewer_zone(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Answer]:
    """Middleware: what is rendered for a signed-in user tells times in their zone."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            # Through the thread, since the synchronous views find the user there then.
            with timezone.override(await sync_to_async(_zone)(request)):
                return await get_response(request)  # type: ignore[no-any-return]

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(_zone(request)):
            return get_response(request)  # type: ignore[no-any-return]

    return answer


def _zone(request: HttpRequest) -> tzinfo:
    user: User | Any = request.user
    return user.zone if user.is_authenticated else UTC
