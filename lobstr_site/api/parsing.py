"""What comes in, read once for all endpoints."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser


class Strict(Parser):
    """Bodies are JSON whatever their type is said to be, as many scripts forget to say it. NaN is
    none. Raises HttpError."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        try:
            return json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError) as problem:
            raise HttpError(400, f"The body is not JSON: {problem}.") from problem


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
