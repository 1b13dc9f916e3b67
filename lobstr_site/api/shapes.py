"""The one shape of every error, also of those that are answered before Django."""

from __future__ import annotations

from typing import Any

KINDS = {
    400: ("ParamsInvalid", "The request cannot be read."),
    403: ("NotAllowed", "This was not allowed."),
    404: ("NotFound", "There is nothing at this path."),
    413: ("FileSizeLimitExceeded", "The body is too large."),
    500: ("SomethingWentWrong", "Something went wrong here. The site's log tells more."),
}
"""By status, the type and the words where there is nothing more to say."""


def body(code: int, kind: str, message: str, param: str | None = None) -> dict[str, Any]:
    """One shape for all clients: one reads ``error``, another ``detail``."""
    return {"error": message, "detail": message, "type": kind, "code": code, "param": param}
