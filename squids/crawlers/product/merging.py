"""One row per product, whatever number of syntaxes told of it."""

from __future__ import annotations

from collections.abc import Iterator

from squids.crawlers.interface import Row
from squids.crawlers.product.fields import FIELDS
from squids.crawlers.values import page_address

_CODES = ("gtin", "sku")
_LOOKED_AT = 20
"""Rows of the same name that a further one is compared with."""


class Merged:
    """Rows in the order of their first mention. What an earlier syntax told is kept."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._by: dict[tuple[str, str], list[Row]] = {}

    def add(self, source: str, found: list[Row]) -> None:
        alone = len(found) == 1 and len(self.rows) == 1
        before = self.rows[0] if alone else None
        for row in found:
            match = self._match(row, source)
            if match is None and before is not None and _may_be(before, row):
                match = before
            if match is None:
                match = {"source": source} | row
                self.rows.append(match)
            else:
                _fill(match, row, source)
            self._remember(match)

    def _match(self, row: Row, source: str) -> Row | None:
        return next((other for other in self._alike(row) if _same(other, row, source)), None)

    def _alike(self, row: Row) -> Iterator[Row]:
        for key in _keys(row):
            yield from self._by.get(key, ())

    def _remember(self, row: Row) -> None:
        for key in _keys(row):
            rows = self._by.setdefault(key, [])
            if not any(other is row for other in rows):
                rows.append(row)
                del rows[:-_LOOKED_AT]


def _keys(row: Row) -> Iterator[tuple[str, str]]:
    for name in _CODES:
        if row[name]:
            yield name, row[name].casefold()
    if row["url"]:
        yield "url", page_address(row["url"])
    if row["name"]:
        yield "name", row["name"].casefold()


def _same(other: Row, row: Row, source: str) -> bool:
    """Within one syntax nothing may differ: variants often have all but one thing in common."""
    if source in other["source"].split(", "):
        return not any(_differ(other, row, name) for name in ("name", "price", "url", *_CODES))
    return not any(_differ(other, row, name) for name in _CODES)


def _may_be(other: Row, row: Row) -> bool:
    """Whether the only product of one syntax is the only one of another."""
    if any(_differ(other, row, name) for name in (*_CODES, "price")):
        return False
    first, second = (other["name"] or "").casefold(), (row["name"] or "").casefold()
    return first in second or second in first


def _differ(one: Row, other: Row, name: str) -> bool:
    return one[name] is not None and other[name] is not None and one[name] != other[name]


def _fill(row: Row, more: Row, source: str) -> None:
    """A price and its currency belong together."""
    if source not in row["source"].split(", "):
        row["source"] += f", {source}"
    if row["price"] is not None and _differ(row, more, "price"):
        more = more | {"currency": None}
    for name in FIELDS:
        if row[name] is None:
            row[name] = more[name]
