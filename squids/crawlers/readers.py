"""Parts of a recipe read out of JSON, each refused by its dotted place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from squids.crawlers.params import Param, ParamError, clean

LONGEST_NAME = 100
_JSON = Param("recipe", "json", required=True)


def recipe_of(given: Any, path: str) -> Mapping[str, Any]:
    """The object that a recipe is, or that its JSON text holds. Raises ParamError."""
    return object_of(clean([_JSON], {"recipe": given}).get("recipe"), path)


def object_of(given: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ParamError(path, f"This must be an object, in braces, not {kind_of(given)}.")
    return given


def known_keys(data: Mapping[str, Any], path: str, known: Sequence[str]) -> None:
    for key in data:
        if key not in known:
            raise ParamError(f"{path}.{key}", f"There is no such key; known: {', '.join(known)}.")


def switch(given: Any, path: str) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise ParamError(path, f"This must be true or false, not {kind_of(given)}.")


def field_of(name: str, given: Any, path: str, known: Sequence[str]) -> Mapping[str, Any]:
    """A field as an object that has ``select``; a text alone stands for it."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise ParamError(path, f"A field's name is 1 to {LONGEST_NAME} printable characters.")
    data = {"select": given} if isinstance(given, str) else object_of(given, path)
    known_keys(data, path, known)
    if data.get("select") is None:
        raise ParamError(path, "The key “select” is missing; it says where the value stands.")
    return data


def one_of(given: Any, choices: Sequence[str], path: str) -> Any:
    """One of the types; the first where none is given."""
    if given is not None and given not in choices:
        raise ParamError(path, f"There is no such type; choose one of: {', '.join(choices)}.")
    return given or choices[0]


def names_of(given: Any, known: Sequence[str], path: str) -> tuple[str, ...]:
    """Some of the known names, each once; a single one may stand without a list."""
    names = [given] if isinstance(given, str) else given
    if names is None:
        return ()
    if not isinstance(names, list | tuple):
        raise ParamError(path, f"This must be a list of field names, not {kind_of(given)}.")
    for name in names:
        if name not in known:
            raise ParamError(path, f"There is no field “{name}”; known: {', '.join(known)}.")
    return tuple(dict.fromkeys(names))


def kind_of(given: Any) -> str:
    """What JSON calls it."""
    names = {bool: "true or false", str: "text", list: "a list", dict: "an object"}
    if given is None:
        return "null"
    return names.get(type(given), "a number")
