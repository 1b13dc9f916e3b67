"""The recipe of the web scraper: what it may say, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from squids.crawlers import selectors
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
from squids.crawlers.selectors import Selector, SelectorError
from squids.crawlers.values import FIELD_TYPES, FieldType

_KEYS = ("rows", "fields", "detail", "next", "unique_by", "date", "signed_out", "blocked")
_DETAIL_KEYS = ("link", "fields")
_FIELD_KEYS = ("select", "type", "many", "required")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the rows and where its value stands; ``path`` is its place in the recipe."""

    name: str
    path: str
    selector: Selector
    type: FieldType = "text"
    many: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """A page per row that has more of it."""

    link: Selector
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe that has the right form; no ``rows`` means one row a page. ``signed_out`` is on
    pages which show that the session has ended, ``blocked`` on those that refuse the account."""

    fields: tuple[Field, ...]
    rows: Selector | None = None
    detail: Detail | None = None
    next: Selector | None = None
    unique_by: tuple[str, ...] = ()
    date: str | None = None
    """The field that tells how old a row is."""
    signed_out: Selector | None = None
    blocked: Selector | None = None

    @property
    def needs_session(self) -> bool:
        return bool(self.signed_out or self.blocked)

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """In the order of the columns: the listing's, then the detail page's."""
        return self.fields + (self.detail.fields if self.detail else ())


def read(given: Any, path: str = "recipe") -> Recipe:
    """A recipe from an object or its JSON text. Raises ParamError, naming the place by dots."""
    data = recipe_of(given, path)
    known_keys(data, path, _KEYS)
    fields = _fields(data.get("fields"), f"{path}.fields")
    detail = _detail(data.get("detail"), f"{path}.detail")
    recipe = Recipe(
        fields,
        _rows(data.get("rows"), f"{path}.rows"),
        detail,
        _optional(data.get("next"), f"{path}.next"),
        signed_out=_sign(data.get("signed_out"), f"{path}.signed_out"),
        blocked=_sign(data.get("blocked"), f"{path}.blocked"),
    )
    _check_names(recipe)
    known = [field.name for field in recipe.all_fields]
    unique_by = names_of(data.get("unique_by"), known, f"{path}.unique_by")
    return replace(recipe, unique_by=unique_by, date=_date(data.get("date"), recipe, path))


def _rows(given: Any, path: str) -> Selector | None:
    selector = _optional(given, path)
    if selector and (selector.take != "whole" or not selector.path):
        raise ParamError(path, "Rows are elements; leave out “::text” and “::attr(name)”.")
    return selector


def _sign(given: Any, path: str) -> Selector | None:
    selector = _optional(given, path)
    if selector and not selector.path:
        raise ParamError(path, "Name an element; the page itself is on every page.")
    return selector


def _detail(given: Any, path: str) -> Detail | None:
    if given is None:
        return None
    data = object_of(given, path)
    known_keys(data, path, _DETAIL_KEYS)
    if data.get("link") is None:
        raise ParamError(f"{path}.link", "Say where a row's link to its detail page stands.")
    return Detail(
        _selector(data["link"], f"{path}.link"), _fields(data.get("fields"), f"{path}.fields")
    )


def _fields(given: Any, path: str) -> tuple[Field, ...]:
    if given is None:
        raise ParamError(path, 'Name at least one field, such as {"title": "h1"}.')
    data = object_of(given, path)
    if not data:
        raise ParamError(path, 'Name at least one field, such as {"title": "h1"}.')
    return tuple(_field(name, value, f"{path}.{name}") for name, value in data.items())


def _field(name: str, given: Any, path: str) -> Field:
    data = field_of(name, given, path, _FIELD_KEYS)
    return Field(
        name,
        path,
        _selector(data["select"], path),
        one_of(data.get("type"), FIELD_TYPES, f"{path}.type"),
        switch(data.get("many"), f"{path}.many"),
        switch(data.get("required"), f"{path}.required"),
    )


def _optional(given: Any, path: str) -> Selector | None:
    return None if given is None else _selector(given, path)


def _selector(given: Any, path: str) -> Selector:
    if not isinstance(given, str):
        raise ParamError(path, f"A selector is a text, not {kind_of(given)}.")
    try:
        return selectors.read(given)
    except SelectorError as error:
        raise ParamError(path, str(error)) from None


def _check_names(recipe: Recipe) -> None:
    listed = {field.name for field in recipe.fields}
    for field in recipe.detail.fields if recipe.detail else ():
        if field.name in listed:
            raise ParamError(field.path, f"The row has a field “{field.name}” already.")


def _date(given: Any, recipe: Recipe, path: str) -> str | None:
    if given is None:
        return None
    path = f"{path}.date"
    if not isinstance(given, str):
        raise ParamError(path, f"This must be the name of a field, not {kind_of(given)}.")
    field = next((field for field in recipe.all_fields if field.name == given), None)
    if field is None:
        known = ", ".join(field.name for field in recipe.all_fields)
        raise ParamError(path, f"There is no field “{given}”; known: {known}.")
    if field.type != "date" or field.many:
        raise ParamError(path, f"“{given}” must be a field of type date, and without “many”.")
    return given
