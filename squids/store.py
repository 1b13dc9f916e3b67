"""The store: what each crawler gives, takes and costs, as its package declares it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from runs import cells
from squids.access import NoSuch
from squids.crawlers import registry
from squids.crawlers.interface import Column, ColumnType
from squids.crawlers.interface import Crawler as Code
from squids.crawlers.params import Param, ParamType
from squids.forms import label_of, on_offer
from squids.models import Crawler

SHOWN = 6
"""Columns that an offer names."""

COLUMN_TYPES: dict[ColumnType, str] = {
    "string": "Text",
    "text": "Long text",
    "integer": "Whole number",
    "float": "Number",
    "boolean": "Yes or no",
    "json": "Any JSON",
}
PARAM_TYPES: dict[ParamType, str] = {
    "string": "Text",
    "text": "Lines of text",
    "url": "Address",
    "integer": "Whole number",
    "boolean": "Yes or no",
    "json": "JSON",
    "choice": "Choice",
}


# --- all of them ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A crawler in the store: the operator's record of it, and its code."""

    row: Crawler
    code: Code

    @property
    def task(self) -> str:
        return ", ".join(label_of(param) for param in self.code.task_params)

    @property
    def task_help(self) -> str:
        """Of its first parameter, which says most."""
        return self.code.task_params[0].help if self.code.task_params else ""

    @property
    def columns(self) -> str:
        """How many there are, and the first ones."""
        declared = self.code.columns
        if not declared:
            return "What it finds"
        names = ", ".join(column.name for column in declared[:SHOWN])
        more = ", …" if len(declared) > SHOWN else ""
        return f"{len(declared)} column{'' if len(declared) == 1 else 's'}: {names}{more}"

    @property
    def searched(self) -> str:
        """What a search looks at, in lower case."""
        columns = [
            f"{c.name} {c.name.replace('_', ' ')} {c.description}" for c in self.code.columns
        ]
        functions = [function.label for function in self.code.functions]
        named = [self.row.name, self.row.slug, self.row.description]
        return "\n".join([*named, *columns, *functions]).casefold()


@dataclass(frozen=True, slots=True)
class Store:
    """The offers that fit the search; ``total`` counts those there are in all."""

    offers: list[Offer]
    total: int
    q: str


def store(q: str = "") -> Store:
    """Crawlers that are installed and available, by name; every word of ``q`` must be told by its
    name, description, columns or functions."""
    offers = [Offer(row, row.code) for row in on_offer()]
    words = q.casefold().split()
    fit = [offer for offer in offers if all(word in offer.searched for word in words)]
    return Store(fit, len(offers), q)


# --- one of them ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A parameter or column as a table tells it. ``facts`` are short sentences."""

    name: str
    label: str
    type: str
    example: str
    help: str
    facts: list[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A row made of the columns' examples, as the Results tab lays rows out."""

    columns: list[cells.Column]
    cells: list[cells.Cell]


def crawler_of(slug: str) -> Crawler:
    """A crawler by its slug, also while its package is not installed. Raises NoSuch."""
    fits = slug in registry.all() or (slug.isprintable() and len(slug) <= 80)
    found: Crawler | None = Crawler.objects.filter(slug=slug).first() if fits else None
    if found is None:
        raise NoSuch("crawler")
    return found


def columns(code: Code) -> list[Told]:
    return [
        Told(c.name, c.name, COLUMN_TYPES.get(c.type, c.type), c.example, c.description, [])
        for c in code.columns
    ]


def columns_depend(code: Code) -> bool:
    """Whether a squid's settings may give it other columns than those declared."""
    return type(code).result_columns is not Code.result_columns


def params(declared: Sequence[Param]) -> list[Told]:
    return [
        Told(p.name, label_of(p), PARAM_TYPES.get(p.type, p.type), p.example, p.help, _facts(p))
        for p in declared
    ]


def _facts(param: Param) -> list[str]:
    facts = []
    if param.required and param.default is None:
        facts.append("Needed.")
    if param.allowed:
        facts.append(f"One of {', '.join(param.allowed)}.")
    facts += _ends(param)
    if param.default is not None:
        facts.append(f"{_shown(param.default)} unless set.")
    return facts


def _ends(param: Param) -> list[str]:
    least, most = param.minimum, param.maximum
    if least is not None and most is not None:
        return [f"From {least:,} to {most:,}."]
    if least is not None:
        return [f"At least {least:,}."]
    return [] if most is None else [f"At most {most:,}."]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def example(code: Code) -> Example | None:
    """None where no column has an example. Columns without one are left out."""
    shown = [column for column in code.columns if column.example]
    row = {column.name: _value(column) for column in shown}
    if not row:
        return None
    line = [_quiet(cell) for cell in cells.cells(row, list(row))]
    return Example(cells.headers(list(row), [line]), line)


def _quiet(cell: cells.Cell) -> cells.Cell:
    """An example's image is no image that could be fetched."""
    return replace(cell, kind="link") if cell.kind == "image" else cell


def _value(column: Column) -> Any:
    """The example as a row has it; as text where it is none of its column's type."""
    try:
        match column.type:
            case "integer":
                return int(column.example)
            case "float":
                return float(column.example)
            case "boolean" | "json":
                return json.loads(column.example)
    except (TypeError, ValueError, RecursionError):  # somebody else's declaration
        pass
    return column.example
