"""A recipe as the builder's form shows it, line by line; there and back."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from squids.recipes.kinds import Entry, Kind

MOST_LINES = 100
"""Fields that the form shows and takes."""
LISTS = ("fields", "detail")
"""Prefixes of the inputs of fields: of the listing page, and of the detail page."""


@dataclass(slots=True)
class Line:
    """One field. ``key`` says that it identifies a row."""

    name: str = ""
    select: str = ""
    type: str = ""
    many: bool = False
    required: bool = False
    key: bool = False


@dataclass(slots=True)
class Sheet:
    """``texts`` are the entries' texts by their keys; ``rest`` is what the form does not show."""

    kind: Kind
    texts: dict[str, str] = field(default_factory=dict)
    fields: list[Line] = field(default_factory=list)
    detail: list[Line] = field(default_factory=list)
    has_detail: bool = False
    headers: str = ""
    rest: dict[str, Any] = field(default_factory=dict)
    unique: list[str] = field(default_factory=list)
    """What identified a row so far, in the order that it did."""

    def lines(self, of: str) -> list[Line]:
        """Those of the listing page, or of the detail page; to be changed in place."""
        return self.detail if of == "detail" else self.fields

    @property
    def names(self) -> list[str]:
        return [line.name for line in (*self.fields, *self.detail)]

    @property
    def leads_on(self) -> bool:
        """Whether it says how pages follow each other."""
        onward = self.kind.onward
        return any(t for key, t in self.texts.items() if key.partition(".")[0] == onward)

    def entries(self) -> Iterator[tuple[Entry, str]]:
        """Those that belong to the way of paging which is chosen, with their texts."""
        by = self.texts.get("paging.by", "")
        for entry in self.kind.entries:
            if not entry.only or by in entry.only:
                yield entry, self.texts.get(entry.key, "")

    @property
    def problems(self) -> dict[str, str]:
        """What keeps the lines from being a recipe, by the name of the input."""
        found: dict[str, str] = {}
        seen: set[str] = set()
        for of in LISTS:
            for place, line in enumerate(self.lines(of)):
                if line.name in seen:
                    found[f"{of}-{place}-name"] = "Another field has this name."
                elif not line.name:
                    found[f"{of}-{place}-name"] = "Give the field a name."
                elif not line.select:
                    found[f"{of}-{place}-select"] = "Say where it stands."
                seen.update({line.name} - {""})
        return found

    def without(self, names: Collection[str]) -> Sheet:
        """The sheet without what these inputs say."""
        unnamed = {entry.key for entry in self.kind.entries if entry.name in names}
        return replace(
            self,
            texts={key: text for key, text in self.texts.items() if key not in unnamed},
            fields=self._lines_without("fields", names),
            detail=self._lines_without("detail", names),
            headers="" if "headers" in names else self.headers,
        )

    def _lines_without(self, of: str, names: Collection[str]) -> list[Line]:
        inputs = [(f"{of}-{place}-name", f"{of}-{place}-select") for place in range(MOST_LINES)]
        pairs = zip(self.lines(of), inputs, strict=False)
        return [line for line, own in pairs if not any(name in names for name in own)]

    @property
    def recipe(self) -> dict[str, Any]:
        """What is not filled in is left out."""
        made: dict[str, Any] = {}
        for entry, text in self.entries():
            if text and (self.has_detail or not entry.key.startswith("detail.")):
                _put(made, entry, text)
        if self.fields:
            made["fields"] = {**_object(self.rest.get("fields")), **self._specs(self.fields)}
        if self.has_detail:
            kept = _object(_object(self.rest.get("detail")).get("fields"))
            own = {"fields": {**kept, **self._specs(self.detail)}}
            made["detail"] = made.get("detail", {}) | own
        if unique := self._unique_by():
            made["unique_by"] = unique
        if headers := _headers(self.headers):
            made["headers"] = headers
        left = {key: value for key, value in self.rest.items() if key not in (*made, "detail")}
        made |= left
        return {key: made[key] for key in (*self.kind.order, *made) if key in made}

    def _unique_by(self) -> list[str]:
        """In the order that it had, since that is part of what a row is known by."""
        ticked = [line.name for line in (*self.fields, *self.detail) if line.key]
        shown = set(self.names)
        before = [name for name in self.unique if name in ticked or name not in shown]
        return [*before, *(name for name in ticked if name not in before)]

    def _specs(self, lines: list[Line]) -> dict[str, Any]:
        return {line.name: _spec(line, self.kind) for line in lines}


def _put(made: dict[str, Any], entry: Entry, text: str) -> None:
    key, _, inner = entry.key.partition(".")
    value: Any = int(text) if entry.whole and re.fullmatch("[0-9]{1,9}", text) else text
    if inner:
        made.setdefault(key, {})[inner] = value
    else:
        made[key] = value


def _spec(line: Line, kind: Kind) -> Any:
    """A selector alone where there is nothing else to say."""
    more: dict[str, Any] = {}
    if line.type and line.type != kind.usual_type:
        more["type"] = line.type
    more |= {name: True for name in ("many", "required") if getattr(line, name)}
    return {"select": line.select} | more if more else line.select


def _headers(text: str) -> dict[str, str]:
    """From lines as ``Name: value``."""
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return {name.strip(): value.strip() for name, _, value in lines}


# --- from a recipe ------------------------------------------------------------------------------


def read(kind: Kind, recipe: Mapping[str, Any]) -> Sheet:
    """Whatever the recipe is, so that one which cannot work can be mended."""
    detail = recipe.get("detail")
    headers = recipe.get("headers") if kind.is_json else None
    sheet = Sheet(
        kind,
        texts={entry.key: _text(_get(recipe, entry.key)) for entry in kind.entries},
        fields=_lines(kind, recipe.get("fields")),
        detail=_lines(kind, _object(detail).get("fields")),
        has_detail=detail is not None and kind.has_detail,
        headers="\n".join(f"{name}: {value}" for name, value in _object(headers).items()),
    )
    _mark(sheet, recipe.get("unique_by"))
    sheet.rest = {k: value for k, value in recipe.items() if k not in _shown(sheet)}
    if sheet.has_detail and not sheet.detail and _object(detail).get("fields"):
        sheet.rest["detail"] = {"fields": _object(detail)["fields"]}
    return sheet


def _shown(sheet: Sheet) -> set[str]:
    """The recipe's keys that the form takes care of."""
    shown = {entry.key.partition(".")[0] for entry in sheet.kind.entries}
    shown |= {"headers"} if sheet.kind.is_json else set()
    shown |= {"fields"} if sheet.fields else set()
    return shown | ({"unique_by"} if sheet.names else set())


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _get(recipe: Mapping[str, Any], key: str) -> Any:
    first, _, inner = key.partition(".")
    return _object(recipe.get(first)).get(inner) if inner else recipe.get(first)


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _lines(kind: Kind, fields: Any) -> list[Line]:
    """None where there are more than the form takes: they stay as they are."""
    items = list(_object(fields).items())
    return [_line(kind, name, spec) for name, spec in items] if len(items) <= MOST_LINES else []


def _line(kind: Kind, name: str, spec: Any) -> Line:
    if not isinstance(spec, Mapping):
        return Line(name, _text(spec), kind.usual_type)
    chosen = _text(spec.get("type")) or kind.usual_type
    many, required = spec.get("many") is True, spec.get("required") is True
    return Line(name, _text(spec.get("select")), chosen, many, required)


def _mark(sheet: Sheet, unique: Any) -> None:
    names = [unique] if isinstance(unique, str) else unique
    if isinstance(names, list):
        sheet.unique = [name for name in names if isinstance(name, str)]
    for line in (*sheet.fields, *sheet.detail):
        line.key = isinstance(names, list) and line.name in names


# --- from a form --------------------------------------------------------------------------------


def posted(kind: Kind, data: Mapping[str, str], shown: Sheet) -> Sheet:
    """What was sent; ``shown`` is the sheet that the form was made of."""
    return Sheet(
        kind,
        texts={entry.key: data.get(entry.name, "").strip() for entry in kind.entries},
        fields=_posted_lines(data, "fields"),
        detail=_posted_lines(data, "detail"),
        has_detail=bool(data.get("has_detail")),
        headers=data.get("headers", ""),
        rest=dict(shown.rest),
        unique=list(shown.unique),
    )


def _posted_lines(data: Mapping[str, str], of: str) -> list[Line]:
    places = sorted({int(found[1]) for name in data if (found := _place(of, name))})
    return [_posted_line(data, f"{of}-{place}-") for place in places[:MOST_LINES]]


def _place(of: str, name: str) -> re.Match[str] | None:
    return re.fullmatch(rf"{of}-([0-9]{{1,3}})-name", name)


def _posted_line(data: Mapping[str, str], prefix: str) -> Line:
    return Line(
        name=data.get(f"{prefix}name", "").strip(),
        select=data.get(f"{prefix}select", "").strip(),
        type=data.get(f"{prefix}type", ""),
        many=bool(data.get(f"{prefix}many")),
        required=bool(data.get(f"{prefix}required")),
        key=bool(data.get(f"{prefix}key")),
    )
