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
Shows = Callable[[Any], bool]
_BASE = read("base[href]::attr(href)")


@dataclass(frozen=True, slots=True)
class PageReader:
    """One kind of page: how to parse it, and how to read the fields of a node on it."""

    engine: Engine
    fields: tuple[tuple[Field, ReadField], ...]
    base_of: ReadField
    signed_out: Shows | None
    blocked: Shows | None

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
    engine = _engine(recipe, recipe.fields, recipe.rows, recipe.next, link)
    return Prepared(
        recipe,
        _page_reader(engine, recipe, recipe.fields, path),
        _compile(f"{path}.rows", engine.finder, recipe.rows) if recipe.rows else None,
        _compile(f"{path}.next", _link(engine), recipe.next) if recipe.next else None,
        _detail(recipe, path),
        _compile(f"{path}.detail.link", _link(engine), link) if link else None,
    )


def _engine(recipe: Recipe, fields: Iterable[Field], *others: Selector | None) -> Engine:
    """The fast one, unless an XPath asks for the other: a page is parsed once."""
    every = [recipe.signed_out, recipe.blocked, *others, *(field.selector for field in fields)]
    xpath = any(selector and selector.language == "xpath" for selector in every)
    return Lxml() if xpath else Lexbor()


def _detail(recipe: Recipe, path: str) -> PageReader | None:
    if recipe.detail is None:
        return None
    fields = recipe.detail.fields
    return _page_reader(_engine(recipe, fields), recipe, fields, path)


def _page_reader(engine: Engine, recipe: Recipe, fields: Sequence[Field], path: str) -> PageReader:
    def sign(name: str, selector: Selector | None) -> Shows | None:
        return _compile(f"{path}.{name}", _shows(engine), selector) if selector else None

    compiled = tuple((field, _read_field(engine, field)) for field in fields)
    base_of = _link(engine)(_BASE)
    signed_out, blocked = sign("signed_out", recipe.signed_out), sign("blocked", recipe.blocked)
    return PageReader(engine, compiled, base_of, signed_out, blocked)


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


def _shows(engine: Engine) -> Callable[[Selector], Shows]:
    """Whether a page has what the selector asks for; an XPath's answer counts as XPath has it."""

    def compiler(selector: Selector) -> Shows:
        every = engine.every_text(selector)
        if selector.language == "css":
            return lambda root: bool(every(root))
        truth = engine.finder(replace(selector, path=f"boolean({selector.path})"))
        return lambda root: truth(root) == ["true"]

    return compiler
