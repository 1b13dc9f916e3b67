"""Presets as JSON files, written and read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from squids import errors
from squids.models import Preset

FILE_BYTES = 256 * 1024
FORMAT = "lobstr-open-preset"
VERSION = 1


@dataclass(frozen=True, slots=True)
class File:
    """What a file says; whether its recipe can work, the crawler decides."""

    crawler: str
    name: str
    recipe: dict[str, Any]


def write(preset: Preset) -> str:
    said = {
        "format": FORMAT,
        "version": VERSION,
        "crawler": preset.crawler.slug,
        "name": preset.name,
        "recipe": preset.recipe,
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def read(content: bytes) -> File:
    """Raises FieldRefused at ``file``."""
    if len(content) > FILE_BYTES:
        raise _refused(f"A preset file has at most {FILE_BYTES // 1024} kB.")
    data = _object(content)
    if data.get("format") != FORMAT:
        raise _refused(f"This is no preset file: its “format” is not “{FORMAT}”.")
    if data.get("version") != VERSION:
        raise _refused("This preset file is of a later version than this server reads.")
    crawler, name, recipe = data.get("crawler"), data.get("name"), data.get("recipe")
    if not isinstance(crawler, str) or not isinstance(name, str):
        raise _refused("Its “crawler” and its “name” must be texts.")
    if not isinstance(recipe, dict):
        raise _refused("Its “recipe” must be an object, in braces.")
    return File(crawler, name, recipe)


def _object(content: bytes) -> dict[str, Any]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _refused(f"This is no JSON: {error.msg} at {where}.") from None
    except (ValueError, RecursionError):
        raise _refused("This is no JSON file in UTF-8.") from None
    if not isinstance(data, dict):
        raise _refused("This is no preset file: it must hold an object, in braces.")
    return data


def _refused(message: str) -> errors.FieldRefused:
    return errors.FieldRefused("file", message)
