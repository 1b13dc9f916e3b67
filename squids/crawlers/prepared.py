"""A recipe compiled once per run: functions from a page to its rows and links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from squids.crawlers import values
from squids.crawlers.interface import Row
from squids.crawlers.lexbor import Lexbor
from squids.crawlers.params import ParamError
from squids.crawlers.recipe import Field, Recipe
from squids.crawlers.selectors import (
    Engine,
    EveryText,
    Find,
    FirstText,
    Selector,
    SelectorError,
    read,
)
from squids.crawlers.values import Convert
from squids.crawlers.xpath import Lxml

ReadField = Callable[[Any, str], Any]
ReadLink = Callable[[Any, str], str | None]
_BASE = read("base[href]::attr(href)")


@dataclass(frozen=True, slots=True)
class PageReader:
    """One kind of page: how to parse it, and how to read the fields of a node on it."""

    engine: Engine
    fields: tuple[tuple[Field, ReadField], ...]
    base_of: ReadField

    def open(self, text: str, url: str) -> tuple[Any, str]:
        """The root node, and the address that links are relative to. Raises ValueError."""
        root = self.engine.parse(text.replace("\0", ""))
        return root, self.base_of(root, url) or url

    def row(self, node: Any, base: str) -> Row:
        return {field.name: read_field(node, base) for field, read_field in self.fields}

    def missing(self, row: Row) -> Field | None:
        """The first required field that a row lacks."""
        lacking = (f for f, _ in self.fields if f.required and row[f.name] in (None, []))
        return next(lacking, None)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled recipe. ``detail`` and ``detail_link`` are both there or both not."""

    recipe: Recipe
    listing: PageReader
    rows: Find | None
    next_link: ReadLink | None
    detail: PageReader | None
    detail_link: ReadLink | None


def prepare(recipe: Recipe, path: str = "recipe") -> Prepared:
    """Raises ParamError for a selector that cannot work, naming its field."""
    link = recipe.detail.link if recipe.detail else None
    engine = _engine([recipe.rows, recipe.next, link, *(f.selector for f in recipe.fields)])
    return Prepared(
        recipe,
        _page_reader(engine, recipe.fields),
        _compile(f"{path}.rows", engine.finder, recipe.rows) if recipe.rows else None,
        _compile(f"{path}.next", _link(engine), recipe.next) if recipe.next else None,
        _detail(recipe),
        _compile(f"{path}.detail.link", _link(engine), link) if link else None,
    )


def _engine(selectors: Iterable[Selector | None]) -> Engine:
    """The fast one, unless an XPath asks for the other: a page is parsed once."""
    xpath = any(selector and selector.language == "xpath" for selector in selectors)
    return Lxml() if xpath else Lexbor()


def _detail(recipe: Recipe) -> PageReader | None:
    if recipe.detail is None:
        return None
    fields = recipe.detail.fields
    return _page_reader(_engine(field.selector for field in fields), fields)


def _page_reader(engine: Engine, fields: Sequence[Field]) -> PageReader:
    compiled = tuple((field, _read_field(engine, field)) for field in fields)
    return PageReader(engine, compiled, _link(engine)(_BASE))


def _compile(path: str, compiler: Callable[[Selector], Any], selector: Selector) -> Any:
    try:
        return compiler(selector)
    except SelectorError as error:
        raise ParamError(path, str(error)) from None


def _read_field(engine: Engine, field: Field) -> ReadField:
    def compiler(selector: Selector) -> ReadField:
        convert = values.convert(field.type)
        if field.many:
            return _all_values(engine.every_text(selector), convert)
        return _first_value(engine.first_text(selector), convert)

    selector = field.selector
    if selector.take == "whole" and field.type in ("url", "html"):
        selector = replace(selector, take="link" if field.type == "url" else "html")
    reader: ReadField = _compile(field.path, compiler, selector)
    return reader


def _first_value(first: FirstText, convert: Convert) -> ReadField:
    def read_first(node: Any, base: str) -> Any:
        text = first(node)
        return None if text is None else convert(text, base)

    return read_first


def _all_values(every: EveryText, convert: Convert) -> ReadField:
    def read_all(node: Any, base: str) -> list[Any]:
        found = (convert(text, base) for text in every(node))
        return [value for value in found if value is not None]

    return read_all


def _link(engine: Engine) -> Callable[[Selector], ReadLink]:
    def compiler(selector: Selector) -> ReadLink:
        if selector.take == "whole":
            selector = replace(selector, take="link")
        return _first_value(engine.first_text(selector), values.absolute)

    return compiler
