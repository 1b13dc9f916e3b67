"""The recipe of the JSON crawler: rows and fields by JMESPath, and how pages follow each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from squids.crawlers.params import ParamError
from squids.crawlers.readers import (
    field_of,
    kind_of,
    known_keys,
    names_of,
    object_of,
    one_of,
    recipe_of,
    switch,
)

FieldType = Literal["json", "text", "number", "integer", "boolean", "url", "date"]
By = Literal["page", "offset", "cursor", "next", "link"]
LONGEST_EXPRESSION = 2_000
_KEYS = ("rows", "fields", "paging", "headers", "unique_by", "total")
_FIELD_KEYS = ("select", "type", "required")
_PAGING_KEYS: dict[By, tuple[str, ...]] = {
    "page": ("param", "first", "size_param", "size", "pages"),
    "offset": ("param", "first", "size_param", "size"),
    "cursor": ("param", "next", "size_param", "size"),
    "next": ("next",),
    "link": (),
}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = ("host", "content-length", "connection", "transfer-encoding", "cookie", "user-agent")


@dataclass(frozen=True, slots=True)
class Field:
    """A column and the expression of its value; ``path`` is its place in the recipe."""

    name: str
    path: str
    select: ParsedResult
    type: FieldType = "json"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """``param`` carries the page's number, offset or cursor; ``next`` finds the cursor or address
    in a page, ``pages`` the number of pages. ``size`` is sent as ``size_param``."""

    by: By
    param: str = ""
    first: int = 0
    next: ParsedResult | None = None
    pages: ParsedResult | None = None
    size_param: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """No ``rows``: the whole answer. No ``fields``: rows as they are."""

    rows: ParsedResult | None = None
    fields: tuple[Field, ...] = ()
    paging: Paging | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    unique_by: tuple[str, ...] = ()
    total: ParsedResult | None = None


def read(given: Any, path: str = "recipe") -> Recipe:
    """A recipe from an object or its JSON text. Raises ParamError, naming the place by dots."""
    data = recipe_of(given, path)
    known_keys(data, path, _KEYS)
    fields = _fields(data.get("fields"), f"{path}.fields")
    return Recipe(
        rows=_optional(data.get("rows"), f"{path}.rows"),
        fields=fields,
        paging=_paging(data.get("paging"), f"{path}.paging"),
        headers=_headers(data.get("headers"), f"{path}.headers"),
        unique_by=_unique_by(data.get("unique_by"), fields, f"{path}.unique_by"),
        total=_optional(data.get("total"), f"{path}.total"),
    )


def _expression(given: Any, path: str) -> ParsedResult:
    if not isinstance(given, str) or not given.strip():
        raise ParamError(path, f"A JMESPath expression is a text, not {kind_of(given)}.")
    if len(given) > LONGEST_EXPRESSION:
        raise ParamError(path, f"An expression has at most {LONGEST_EXPRESSION:,} characters.")
    try:
        return jmespath.compile(given)
    except RecursionError:
        raise ParamError(path, "This expression is nested too deeply.") from None
    except JMESPathError as error:
        raise ParamError(path, _told(given, error)) from None


def _told(given: str, error: JMESPathError) -> str:
    """The library's own words draw an arrow below the expression; the place says as much."""
    place = getattr(error, "lex_position", None)
    where = f" at character {place + 1}" if isinstance(place, int) and place < len(given) else ""
    return f"“{given}” is no JMESPath expression: something is wrong{where or ' at its end'}."


def _optional(given: Any, path: str) -> ParsedResult | None:
    return None if given is None else _expression(given, path)


def _fields(given: Any, path: str) -> tuple[Field, ...]:
    if given is None:
        return ()
    data = object_of(given, path)
    if not data:
        raise ParamError(path, "Name at least one field, or leave “fields” out for whole rows.")
    return tuple(_field(name, value, f"{path}.{name}") for name, value in data.items())


def _field(name: str, given: Any, path: str) -> Field:
    data = field_of(name, given, path, _FIELD_KEYS)
    return Field(
        name,
        path,
        _expression(data["select"], path),
        one_of(data.get("type"), get_args(FieldType), f"{path}.type"),
        switch(data.get("required"), f"{path}.required"),
    )


def _unique_by(given: Any, fields: tuple[Field, ...], path: str) -> tuple[str, ...]:
    """Where rows are taken as they are, nobody can know their fields beforehand."""
    if fields or given is None:
        return names_of(given, [field.name for field in fields], path)
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ParamError(path, f"This must be a list of field names, not {kind_of(given)}.")
    return tuple(dict.fromkeys(names))


# --- paging ---------------------------------------------------------------------------------------


def _paging(given: Any, path: str) -> Paging | None:
    if given is None:
        return None
    data = object_of(given, path)
    by = data.get("by")
    if not isinstance(by, str) or by not in _PAGING_KEYS:
        raise ParamError(f"{path}.by", f"Choose one of: {', '.join(_PAGING_KEYS)}.")
    known_keys(data, path, ("by", *_PAGING_KEYS[by]))
    size_param, size = _size(data, path)
    return Paging(
        by=by,
        param=_param(data.get("param"), path) if "param" in _PAGING_KEYS[by] else "",
        first=_whole(data.get("first"), f"{path}.first", default=1 if by == "page" else 0),
        next=_next(data, by, path),
        pages=_optional(data.get("pages"), f"{path}.pages"),
        size_param=size_param,
        size=size,
    )


def _param(given: Any, path: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise ParamError(f"{path}.param", "Name the parameter of the address that changes.")
    return given.strip()


def _next(data: Mapping[str, Any], by: By, path: str) -> ParsedResult | None:
    if by not in ("cursor", "next"):
        return None
    what = "the cursor" if by == "cursor" else "the address of the next page"
    if data.get("next") is None:
        raise ParamError(f"{path}.next", f"Say where {what} stands.")
    return _expression(data["next"], f"{path}.next")


def _size(data: Mapping[str, Any], path: str) -> tuple[str, int]:
    name = data.get("size_param")
    if name is None and data.get("size") is None:
        return "", 0
    if not isinstance(name, str) or not name.strip():
        raise ParamError(f"{path}.size_param", "Name the parameter that says how many rows.")
    return name.strip(), _whole(data.get("size"), f"{path}.size", least=1)


def _whole(given: Any, path: str, *, default: int | None = None, least: int = 0) -> int:
    if given is None and default is not None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= 1_000_000:
        raise ParamError(path, f"This must be a whole number from {least} to 1,000,000.")
    return given


# --- headers --------------------------------------------------------------------------------------


def _headers(given: Any, path: str) -> dict[str, str]:
    data = object_of({} if given is None else given, path)
    for name, value in data.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise ParamError(f"{path}.{name}", "This header cannot be set.")
        if not isinstance(value, str) or not value.isprintable() or not value.isascii():
            raise ParamError(f"{path}.{name}", "A header's value is printable ASCII text.")
    return {name: str(value) for name, value in data.items()}
