"""Parameters of tasks and squids: how a crawler declares them, and how values are checked."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

Params = Mapping[str, Any]
ParamType = Literal["string", "text", "url", "integer", "boolean", "json", "choice"]

NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What a database cannot keep as text: NUL, and halves of characters."""
DEEPEST = 100
"""Lists and objects inside one another in a JSON value."""
TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


class ParamError(ValueError):
    """A parameter that was refused, with its name (dotted inside a recipe) and why."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(f"{param}: {message}")
        self.param = param
        self.message = message


class MissingParam(ParamError):
    """A required one without a value."""

    def __init__(self, param: str) -> None:
        super().__init__(param, "A value is needed.")


class UnknownParam(ParamError):
    """One that is not declared."""

    def __init__(self, param: str, known: set[str]) -> None:
        listed = ", ".join(sorted(known)) or "none"
        super().__init__(param, f"There is no such parameter; known: {listed}.")


@dataclass(frozen=True, slots=True)
class Param:
    """A task's or a squid's parameter, as a form and the API show it."""

    name: str
    type: ParamType = "string"
    label: str = ""
    help: str = ""
    required: bool = False
    default: Any = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None
    example: str = ""


MAX_RESULTS = Param(
    "max_results",
    "integer",
    label="Results per task",
    help="How many rows of a task to keep at most. Empty: all of them.",
    minimum=1,
)
"""The platform keeps to it, for every crawler that declares it."""


def clean(declared: Sequence[Param], given: Params) -> dict[str, Any]:
    """The values by declaration, defaults filled in, what is unset left out. Raises ParamError."""
    names = {param.name for param in declared}
    for name in given:
        if name not in names:
            raise UnknownParam(_short(name), names)
    values = {param.name: _value(param, given.get(param.name)) for param in declared}
    return {name: value for name, value in values.items() if value is not None}


def _value(param: Param, given: Any) -> Any:
    if isinstance(given, str):
        given = given.strip()
    if given is None or given == "":
        given = param.default
    if given is None:
        if param.required:
            raise MissingParam(param.name)
        return None
    value = CONVERT[param.type](param, given)
    _check_allowed(param, value)
    return value


def _check_allowed(param: Param, value: Any) -> None:
    if param.allowed and value not in param.allowed:
        raise ParamError(param.name, f"Choose one of: {', '.join(param.allowed)}.")
    if param.pattern and not re.fullmatch(param.pattern, str(value)):
        raise ParamError(param.name, f"“{_short(value)}” does not have the form {param.pattern}.")


def _text(param: Param, given: Any) -> str:
    if not isinstance(given, str | int | float) or isinstance(given, bool):
        raise ParamError(param.name, "This must be text.")
    text = str(given)
    if NO_TEXT.search(text):
        raise ParamError(param.name, "It has characters that are no text, such as NUL.")
    return text


def _url(param: Param, given: Any) -> str:
    text = _text(param, given)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, None
    if parts is None or parts.scheme not in ("http", "https") or not host or re.search(r"\s", text):
        raise ParamError(
            param.name,
            f"“{_short(text)}” is no web address; it must look like https://example.com/page.",
        )
    return text


def _integer(param: Param, given: Any) -> int:
    try:
        number = int(given)
        if isinstance(given, bool) or (isinstance(given, float) and number != given):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise ParamError(param.name, f"“{_short(given)}” is no whole number.") from None
    if param.minimum is not None and number < param.minimum:
        raise ParamError(param.name, f"The least is {param.minimum:,}.")
    if param.maximum is not None and number > param.maximum:
        raise ParamError(param.name, f"The most is {param.maximum:,}.")
    return number


def _boolean(param: Param, given: Any) -> bool:
    word = str(given).lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise ParamError(param.name, f"“{_short(given)}” is neither true nor false.")


def _json(param: Param, given: Any) -> Any:
    value = _read_json(param, given) if isinstance(given, str) else given
    _check_fit(param.name, value)
    return value


def _read_json(param: Param, given: str) -> Any:
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ParamError(param.name, f"This is no JSON: {error.msg} at {where}.") from None
    except ValueError:
        raise ParamError(param.name, "This JSON has a number of too many digits.") from None
    except RecursionError:
        raise ParamError(param.name, "This JSON is nested too deeply.") from None


def _check_fit(name: str, value: Any) -> None:
    """Refuses, by its place, what of a JSON value no database can store."""
    level = [(name, value)]
    for _ in range(DEEPEST + 1):
        for place, item in level:
            if isinstance(item, str) and NO_TEXT.search(item):
                raise ParamError(place, "It has characters that cannot be printed, such as NUL.")
            if isinstance(item, float) and not math.isfinite(item):
                raise ParamError(place, "It has a number that is none, or is too large.")
        level = [inner for place, item in level for inner in _inside(place, item)]
        if not level:
            return
    raise ParamError(name, "This JSON is nested too deeply.")


def _inside(place: str, item: Any) -> list[tuple[str, Any]]:
    """What an item holds, each with its place; a key stands at the place of its object."""
    if isinstance(item, Mapping):
        keys = [(place, key) for key in item]
        return keys + [(f"{place}.{_short(key)}", inner) for key, inner in item.items()]
    inners = enumerate(item) if isinstance(item, list | tuple) else ()
    return [(f"{place}.{number}", inner) for number, inner in inners]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"


CONVERT = {
    "string": _text,
    "text": _text,
    "choice": _text,
    "url": _url,
    "integer": _integer,
    "boolean": _boolean,
    "json": _json,
}
