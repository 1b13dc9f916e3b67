"""What every endpoint's bodies and answers are made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError


class Body(Schema):
    """What a client sends. A field that is not known is refused: it may be a slip of the pen."""

    model_config = ConfigDict(extra="forbid")


def either(words: str) -> WrapValidator:
    """Of a field that takes several types: a value of none of them is one fault, in these words,
    and not one a type, each with the type's name behind the field's."""

    def check(value: Any, known: Callable[[Any], Any]) -> Any:
        try:
            return known(value)
        except ValidationError:
            raise PydanticCustomError(
                "either_type", "This must be {words}", {"words": words}
            ) from None

    return WrapValidator(check)


class Error(Schema):
    """Every refusal. ``error`` and ``detail`` say the same to different clients; ``type`` is for
    programs; ``param`` names the field at fault, where one is."""

    error: str
    detail: str
    type: str
    code: int
    param: str | None = None


REFUSALS = (400, 401, 404, 429)


def answers(good: Any) -> dict[Any, Any]:
    """The ``response`` of an operation: what it answers, and the refusals that any may give."""
    return {200: good} | dict.fromkeys(REFUSALS, Error)


def credits_of(thousandths: int) -> int | float:
    """Credits as the API tells them: a whole number where it is one."""
    return thousandths // 1000 if thousandths % 1000 == 0 else thousandths / 1000


def moment(at: datetime | None) -> str | None:
    """A time as the API tells it: ISO 8601 in UTC, to the millisecond, or null."""
    if at is None:
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
