"""Rows from any interface that answers JSON, page after page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import orjson
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from squids.crawlers import values
from squids.crawlers.interface import (
    BadPage,
    Column,
    Crawler,
    Outcome,
    Param,
    Params,
    Request,
    Response,
)
from squids.crawlers.json_api import pages
from squids.crawlers.json_api.recipe import Field, FieldType, Recipe, read
from squids.crawlers.params import MAX_RESULTS

NOT_FOUND = 404
_GUARD = (")]}'", "while(1);", "for(;;);")
"""What some interfaces write before their JSON, so that no script can include it."""


class JsonApiScraper(Crawler):
    """A task is the address of an answer, or of the first of a chain of them."""

    slug = "json-api-scraper"
    name = "JSON API scraper"
    description = "Rows from any interface that answers JSON, by JMESPath, page after page."
    icon = "braces"
    task_params = (
        Param(
            "url",
            "url",
            label="URL",
            help="The address that answers JSON, or that of its first page.",
            required=True,
            example="https://api.example.com/v1/products?category=lamps",
        ),
    )
    squid_params = (
        Param(
            "recipe",
            "json",
            label="Recipe",
            help="What to take from an answer, in JSON, and how its pages follow. Without one, a"
            " list gives a row an entry, and anything else one row.",
            example='{"rows": "items", "fields": {"name": "name"}, "paging": {"by": "link"}}',
        ),
        Param(
            "max_pages",
            "integer",
            label="Pages per task",
            help="How many pages of a task to read at most, so that no chain is endless.",
            default=10_000,
            minimum=1,
        ),
        MAX_RESULTS,
    )
    columns = (
        Column("id", "json", "4711", "With a recipe, its fields; without one, what rows have."),
        Column("name", "json", "Desk lamp", "Another field of the answer's own."),
    )
    max_concurrency = 64

    def check_settings(self, params: Params) -> dict[str, Any]:
        cleaned = super().check_settings(params)
        _recipe(cleaned)
        return cleaned

    def prepare(self, params: Params, functions: Collection[str] = ()) -> Settings:
        return Settings(params)

    def unique_fields(self, params: Params) -> Sequence[str]:
        return _recipe(params).unique_by

    def result_columns(self, params: Params) -> Sequence[Column]:
        return [Column(f.name, values.COLUMN_TYPES[f.type]) for f in _recipe(params).fields]

    def start(self, task: Params, settings: Settings) -> list[Request]:
        recipe = settings.recipe
        at = recipe.paging.first if recipe.paging else 0
        url = pages.first_url(values.page_address(task["url"]), recipe.paging)
        return [Request(url, headers=settings.headers, meta={"page": 1, "at": at})]

    def parse(self, response: Response, request: Request, settings: Settings) -> Outcome:
        number = int(request.meta.get("page", 1))
        if response.status == NOT_FOUND:  # accepted past the first page: there are no more
            return Outcome(last_page=True)
        try:
            return _Page(settings, response, request, number).read()
        except (JMESPathError, RecursionError) as error:
            text = f"The recipe cannot be used on this answer: {error}"
            raise BadPage(text[:500], response.url) from error


class Settings:
    """The squid's parameters, ready for use on every page of a run."""

    def __init__(self, params: Params) -> None:
        self.recipe = _recipe(params)
        self.max_pages: int | None = params.get("max_pages")
        self.headers = {"Accept": "application/json"} | dict(self.recipe.headers)


class _Page:
    """One answer: its rows, and the request of the next."""

    def __init__(
        self, settings: Settings, response: Response, request: Request, number: int
    ) -> None:
        self.settings, self.recipe = settings, settings.recipe
        self.response, self.request, self.number = response, request, number
        self.outcome = Outcome()
        self.dropped: Counter[str] = Counter()

    def read(self) -> Outcome:
        body = parsed(self.response)
        items = self._items(body)
        for item in items:
            self._take(item)
        self._note()
        self.outcome.total_expected = _count(self.recipe.total, body)
        self._turn(body, len(items))
        return self.outcome

    def _items(self, body: Any) -> list[Any]:
        found = self.recipe.rows.search(body) if self.recipe.rows else body
        if found is None and self.number == 1:
            raise BadPage(f"“rows” finds nothing here; {_shape(body)}", self.response.url)
        if found is None:
            return []
        return found if isinstance(found, list) else [found]

    def _take(self, item: Any) -> None:
        if not self.recipe.fields:
            self.outcome.rows.append(item if isinstance(item, dict) else {"value": item})
            return
        row = {field.name: self._value(field, item) for field in self.recipe.fields}
        missing = next((f for f in self.recipe.fields if f.required and row[f.name] is None), None)
        if missing:
            self.dropped[missing.name] += 1
        else:
            self.outcome.rows.append(row)

    def _value(self, field: Field, item: Any) -> Any:
        return _converted(field.type, field.select.search(item), self.response.url)

    def _note(self) -> None:
        for name, count in self.dropped.items():
            text = f"{count:,} row{'' if count == 1 else 's'} without “{name}” left out"
            self.outcome.notes.append(("warning", text))

    def _turn(self, body: Any, found: int) -> None:
        paging = self.recipe.paging
        if paging is None:
            return
        at = int(self.request.meta.get("at", 0))
        onward = pages.turn(paging, self.response, self.request.url, at, body, found)
        if onward.url is None:
            self.outcome.last_page = self.number > 1
        elif self.settings.max_pages is not None and self.number >= self.settings.max_pages:
            text = f"The limit of {self.settings.max_pages:,} pages is reached; the chain goes on"
            self.outcome.notes.append(("info", text))
        else:
            self._follow(onward)

    def _follow(self, onward: pages.Turn) -> None:
        meta = {"page": self.number + 1, "at": onward.at}
        url = values.page_address(onward.url or "")
        headers = self.settings.headers
        self.outcome.follow.append(Request(url, headers=headers, meta=meta, accept=(NOT_FOUND,)))


def _recipe(params: Params) -> Recipe:
    given = params.get("recipe")
    return Recipe() if given is None else read(given)


def parsed(response: Response) -> Any:
    """Raises BadPage for what is no JSON, with what it is instead."""
    try:
        return orjson.loads(_bare(response))
    except (orjson.JSONDecodeError, RecursionError) as error:
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        named = f" ({kind})" if kind else ""
        if not response.body.strip():
            raise BadPage("The answer is empty.", response.url) from None
        raise BadPage(f"The answer{named} is no JSON: {error}", response.url) from None


def _bare(response: Response) -> bytes:
    """In UTF-8, without byte order mark and guard."""
    encoding = response.encoding.lower().replace("_", "-")
    plain = encoding in ("utf-8", "ascii", "us-ascii") and not response.body.startswith(b"\xef")
    text = response.body if plain else response.text.lstrip("\ufeff").encode("utf-8", "replace")
    for guard in _GUARD:
        text = text.removeprefix(guard.encode())
    return text.strip(b", \t\r\n")


def _shape(body: Any) -> str:
    """What is there instead, for whoever writes the recipe."""
    if isinstance(body, dict):
        names = ", ".join(f"“{name[:40]}”" for name in list(body)[:8])
        return f"the answer has {names or 'no fields'}."
    return f"the answer is {'a list' if isinstance(body, list) else 'a single value'}."


def _count(expression: ParsedResult | None, body: Any) -> int | None:
    found = expression.search(body) if expression else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _converted(kind: FieldType, value: Any, base: str) -> Any:
    """The value as the type has it; what does not fit is None."""
    if value is None or kind == "json":
        return value
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind != "text" and isinstance(value, dict | list):
        return None
    return values.convert(kind)(_text(value), base)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
