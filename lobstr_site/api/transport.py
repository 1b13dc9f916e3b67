"""What the API's paths have in common, whatever answers: JSON, never a page; no redirect; nothing
that a cache keeps."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import sync_and_async_middleware

from lobstr_site.api.asgi import is_api
from lobstr_site.api.shapes import KINDS, body

Answer = HttpResponseBase | Awaitable[HttpResponseBase]

ABSENT = (
    (r"delivery(/|$)", "This server delivers by e-mail alone: set it on the squid's page."),
    (r"squids/[^/]*/chain(/|$)", "This server has no chains of squids."),
    (r"google(maps/locations|locations)(/|$)", "This server has no list of places."),
)
"""What the public service has and this one has not."""


def unknown(request: HttpRequest) -> HttpResponse:
    """Every path under ``/v1`` that is none of the API's."""
    path = request.path.removeprefix("/v1").strip("/")
    told = next((text for pattern, text in ABSENT if re.match(pattern, path)), "")
    if not told and request.path.endswith("/"):
        told = "No path of the API ends in a slash."
    return error(404, "NotFound", told or KINDS[404][1])


unknown.csrf_exempt = True  # type: ignore[attr-defined]


def error(code: int, kind: str, text: str) -> HttpResponse:
    return JsonResponse(body(code, kind, text), status=code)


@sync_and_async_middleware
def in_our_shape(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Answer]:
    """Middleware, the outermost: HEAD is a GET without its body, OPTIONS tells the methods, and
    what Django answers by itself becomes an error of the API."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            if not is_api(request.path):
                return await get_response(request)  # type: ignore[no-any-return]
            asked = _asked(request)
            return _shaped(request, asked, await get_response(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not is_api(request.path):
            return get_response(request)  # type: ignore[no-any-return]
        asked = _asked(request)
        return _shaped(request, asked, get_response(request))

    return answer


def _asked(request: HttpRequest) -> str:
    """The method; a HEAD goes on as a GET."""
    asked = request.method or ""
    if asked == "HEAD":
        request.method = "GET"
    return asked


def _shaped(request: HttpRequest, asked: str, response: HttpResponseBase) -> HttpResponseBase:
    request.method = asked
    if response.status_code == 405:
        response = _not_allowed(asked, response)
    elif response.status_code >= 400 and "json" not in response.headers.get("Content-Type", ""):
        kind, text = KINDS.get(response.status_code, KINDS[400])
        response = error(response.status_code, kind, text)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _not_allowed(asked: str, response: HttpResponseBase) -> HttpResponseBase:
    found = {method.strip() for method in response.headers.get("Allow", "").split(",")} - {""}
    allowed = ", ".join(sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set())))
    if asked == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": allowed})
    told = error(405, "MethodNotAllowed", f"This path takes {allowed}, not {asked}.")
    told.headers["Allow"] = allowed
    return told
