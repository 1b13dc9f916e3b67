"""JSON that every client can read, whatever is in a row."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson
from django.http import HttpRequest
from ninja.renderers import BaseRenderer


class Json(BaseRenderer):
    """The quick writer; what it refuses (huge numbers, lone surrogates), the slow one. There is no
    NaN in JSON: it is null."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        try:
            return orjson.dumps(data, default=str)
        except TypeError:
            return json.dumps(_finite(data), default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
