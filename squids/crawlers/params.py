"""Parameters of tasks and squids: how a crawler declares them, and how values are checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

Params = Mapping[str, Any]
ParamType = Literal["string", "text", "url", "integer", "boolean", "json", "choice"]

TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


class ParamError(ValueError):
    """A parameter that was refused, with its name (dotted inside a recipe) and why."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(f"{param}: {message}")
        self.param = param
        self.message = message


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


def clean(declared: Sequence[Param], given: Params) -> dict[str, Any]:
    """The values by declaration, defaults filled in, what is unset left out. Raises ParamError."""
    names = {param.name for param in declared}
    for name in given:
        if name not in names:
            raise ParamError(str(name), f"There is no such parameter; known: {_list(names)}.")
    values = {param.name: _value(param, given.get(param.name)) for param in declared}
    return {name: value for name, value in values.items() if value is not None}


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _value(param: Param, given: Any) -> Any:
    if isinstance(given, str):
        given = given.strip()
    if given is None or given == "":
        given = param.default
    if given is None:
        if param.required:
            raise ParamError(param.name, "A value is needed.")
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
    if "\0" in text:
        raise ParamError(param.name, "A NUL character cannot be stored.")
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
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ParamError(param.name, f"This is no JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise ParamError(param.name, "This JSON is nested too deeply.") from None


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
