"""The domain's errors as the API says them. A body is always an object of one shape."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from lobstr_site.api.shapes import KINDS, body
from squids import errors
from squids.access import NoSuch

log = logging.getLogger(__name__)

# The first that fits decides, so what is special stands before what is general.
TYPES: tuple[tuple[type[errors.Refused], int, str], ...] = (
    (errors.KeyRevoked, 401, "TokenExpired"),
    (errors.NotAuthenticated, 401, "NotAuthenticated"),
    (errors.DuplicateSquid, 400, "DuplicateSquid"),
    (errors.SlotsLimitExceeded, 400, "SlotsLimitExceeded"),
    (errors.TaskLimitExceeded, 400, "UsageLimitExceeded"),
    (errors.TaskNotValid, 400, "TaskNotValidError"),
    (errors.FileTooLarge, 400, "FileSizeLimitExceeded"),
    (errors.BadEncoding, 400, "BadEncoding"),
    (errors.UploadRefused, 400, "ParamsInvalid"),
    (errors.RunInProgress, 400, "RunInProgress"),
    (errors.SquidNotReady, 400, "SquidNotReady"),
    (errors.SquidInactive, 400, "SquidInactive"),
    (errors.NoTasksPresent, 400, "NoTasksPresent"),
    (errors.CrawlerUnavailable, 400, "ModuleUnavailable"),
    (errors.CrawlerMissing, 400, "ModuleUnavailable"),
    (errors.NoCreditsLeft, 400, "NotEnoughBalance"),
    (errors.ConcurrencyLimitExceeded, 400, "ConcurrencyLimitExceeded"),
    (errors.FunctionNotFound, 404, "FunctionNotFound"),
    (errors.ParamNeeded, 400, "ParamsNeeded"),
    (errors.UnknownParam, 400, "InvalidParam"),
    (errors.FieldRefused, 400, "InvalidParameterValue"),
    (errors.Refused, 400, "ParamsInvalid"),
)
MISSING = {
    "squid": "SquidDoesNotExistException",
    "run": "RunDoesNotExist",
    "task": "TaskDoesNotExist",
    "upload": "TasksNotFound",
    "crawler": "ModuleNotFound",
    "account": "AccountDoesNotExist",
    "account type": "AccountTypeDoesNotExist",
}


def handle_errors(api: NinjaAPI) -> None:
    """Have the API answer every error in this shape."""

    def handler(tell: Tell) -> Callable[[HttpRequest, Any], HttpResponse]:
        def answer(request: HttpRequest, error: Any) -> HttpResponse:
            told = tell(error)
            return api.create_response(request, body(*told), status=told.code)

        return answer

    for kind, tell in HANDLERS:
        api.add_exception_handler(kind, handler(tell))

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("The API failed at %s %s", request.method, request.path, exc_info=error)
        return api.create_response(request, body(500, *KINDS[500]), status=500)


class Told(NamedTuple):
    """What an error says: ``kind`` is the ``type`` of the answer."""

    code: int
    kind: str
    message: str
    param: str | None = None


Tell = Callable[[Any], Told]


def _refused(error: errors.Refused) -> Told:
    code, kind = next((c, k) for known, c, k in TYPES if isinstance(error, known))
    field = getattr(error, "field", None)
    return Told(code, kind, f"{field}: {error.message}" if field else error.message, field)


def _missing(error: Http404) -> Told:
    kind = MISSING.get(error.what, "NotFound") if isinstance(error, NoSuch) else "NotFound"
    return Told(404, kind, str(error) or "Not found")


def _invalid(error: ValidationError) -> Told:
    return Told(400, *_first_fault(error.errors))


def _by_ninja(error: HttpError) -> Told:
    why = error.__cause__ if isinstance(error.__cause__, HttpError) else error
    return Told(error.status_code, "ParamsInvalid", str(why))


def _too_large(error: RequestDataTooBig) -> Told:
    return Told(413, *KINDS[413])


def _unreadable(error: Exception) -> Told:
    return Told(400, "ParamsInvalid", f"The request cannot be read: {error}")


HANDLERS: tuple[tuple[type[Exception], Tell], ...] = (
    (errors.Refused, _refused),
    (Http404, _missing),
    (ValidationError, _invalid),
    (HttpError, _by_ninja),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, _unreadable),
    (BadRequest, _unreadable),
    (MultiPartParserError, _unreadable),
    (UnreadablePostError, _unreadable),
)


NAME_ROOM = 100


def _first_fault(faults: list[dict[str, Any]]) -> tuple[str, str, str | None]:
    """What is wrong with a query or body: its kind, in words, and the field."""
    missing = [name for fault in faults if fault["type"] == "missing" and (name := _field(fault))]
    if len(missing) > 1:
        return "MultipleParamsNeeded", f"Values are needed: {', '.join(missing)}.", missing[0]
    fault = faults[0]
    name, kind = _field(fault), str(fault["type"])
    if not name:
        needed = "ParamsNeeded" if kind == "missing" else "InvalidParamType"
        return needed, "The body must be a JSON object.", None
    if kind == "missing":
        return "ParamsNeeded", f"{name}: A value is needed.", name
    if kind == "extra_forbidden":
        return "InvalidParam", f"{name}: There is no such field.", name
    known = "InvalidParamType" if kind.endswith(("_type", "_parsing")) else "InvalidParameterValue"
    return known, f"{name}: {fault['msg'].removeprefix('Value error, ')}.", name


def _field(fault: dict[str, Any]) -> str:
    """Without the words for where it was looked for, and for the argument that takes the body; ""
    where it is the body itself."""
    place = [str(part) for part in fault["loc"]]
    if place[:1] == ["body"]:
        inner = place[2:]
    else:
        inner = place[2:] if place[:1] in (["query"], ["form"]) and place[2:] else place[-1:]
    return ".".join(inner)[:NAME_ROOM]
