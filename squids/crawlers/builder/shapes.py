"""What the builder answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from squids.crawlers.interface import BadPage, Level, Request, Row


class Unreadable(BadPage):
    """The page cannot be worked on: it is not HTML or JSON, is empty, or is too large."""


@dataclass(frozen=True, slots=True)
class Block:
    """A suggestion for a recipe's rows: what selects them, how many there are on the page, fields
    as a recipe has them, and the first row's values as short texts."""

    rows: str
    count: int
    fields: dict[str, Any]
    sample: dict[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """A suggestion for the way to the next page: the value of the recipe's ``next`` or ``paging``,
    and the absolute address it gives on this page ("" where it cannot be told)."""

    next: Any
    leads_to: str

    @property
    def words(self) -> str:
        """The value in one line."""
        if isinstance(self.next, str):
            return self.next
        return ", ".join(f"{name}: {value}" for name, value in self.next.items())


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe tried on a page by the crawler itself. Where it has detail pages, the rows are the
    half-built ones of the listing, ``details`` is how many pages it would ask for and ``detail``
    the first of these requests. ``next`` is the address of the next listing page."""

    columns: list[str]
    rows: list[Row]
    notes: list[tuple[Level, str]]
    next: str | None
    details: int
    detail: Request | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a JSON document. ``path`` is its JMESPath from the top, ``relative`` from the row
    it lies in, None where it lies in none; ``count`` is how many items or members it has, ``depth``
    how deep it lies, from 0; ``text`` is short."""

    path: str
    relative: str | None
    kind: str
    text: str
    count: int
    depth: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a recipe's selectors stand on a page, by the numbers of elements: of the rows, of each
    field's values, and of the link to the next page."""

    rows: list[int]
    fields: dict[str, list[int]]
    next: list[int]


@dataclass(frozen=True, slots=True)
class Point:
    """A field that an element of the page may be, named and typed, with its text here, and in how
    many of how many rows the selector finds something."""

    name: str
    select: str
    type: str
    text: str
    count: int
    rows: int


@dataclass(frozen=True, slots=True)
class Pointed:
    """What may be made of an element: fields, rows (a selector and how many it finds), and the
    selector of the next page's link where it is that."""

    tag: str
    fields: list[Point]
    rows: list[tuple[str, int]]
    next: list[str]
