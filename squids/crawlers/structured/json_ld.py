"""Items of a page's JSON-LD. Contexts are never fetched: names are taken as schema.org has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from typing import Any

import orjson

from squids.crawlers.structured.item import MOST_VALUES, Item, Value, local_name

MOST_BLOCKS = 200
MOST_NODES = 100_000
"""Objects and lists of one page."""
LONGEST_MENDED = 2_000_000
"""Characters of a block that is not quite JSON; longer ones are not mended."""
_DEEPEST = 60
# Strings are matched so that nothing within them is taken for a comment or a comma.
_FAULTS = re.compile(
    r'"(?:[^"\\]|\\.?)*(?:"|\Z)|/\*.*?(?:\*/|\Z)|//[^\n]*|<!--|-->|,\s*(?=[,}\]]|\Z)', re.S
)
_AROUND = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")


@dataclass(slots=True)
class Graph:
    """The items of all blocks of a page, references between them resolved.

    ``problems`` tells of each block that could not be read, ``cut`` that there was more than is
    looked at.
    """

    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    cut: bool = False


def read(blocks: list[str]) -> Graph:
    """From the texts of a page's ``application/ld+json`` scripts."""
    graph, roots = Graph(cut=len(blocks) > MOST_BLOCKS), []
    for block in blocks[:MOST_BLOCKS]:
        if not block.strip():
            continue
        try:
            roots.append(_parsed(block))
        except ValueError as error:
            graph.problems.append(str(error)[:200])
    by_id: dict[str, dict[str, Any]] = {}
    nodes = list(islice(_nodes(roots), MOST_NODES + 1))
    graph.cut |= len(nodes) > MOST_NODES
    for node in nodes:
        _remember(node, by_id)
    graph.items = [_Node(node, by_id) for node in nodes if "@type" in node and not _refers(node)]
    return graph


class _Node:
    """An `Item` over an object of the JSON."""

    __slots__ = ("_by_id", "_data")

    def __init__(self, data: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> None:
        self._data, self._by_id = data, by_id

    @property
    def types(self) -> frozenset[str]:
        return frozenset(
            local_name(name)
            for name in islice(_each(self._data.get("@type")), MOST_VALUES)
            if isinstance(name, str)
        )

    @property
    def key(self) -> int:
        return id(self._data)

    def values(self, name: str) -> Iterator[Value]:
        found = self._data.get(name)
        if found is None:
            found = next((self._data[key] for key in _spellings(name) if key in self._data), None)
        for value in islice(_each(found), MOST_VALUES):
            yield from self._value(value)

    def _value(self, value: Any) -> Iterator[Value]:
        if isinstance(value, dict):
            if "@value" in value:
                yield from self._value(value["@value"])
            else:
                yield _Node(self._resolved(value), self._by_id)
        elif isinstance(value, str):
            if text := unescape(value).strip():
                yield text
        elif isinstance(value, int | float):
            yield value

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        """What a mere reference refers to."""
        name = value.get("@id")
        return self._by_id.get(name, value) if isinstance(name, str) and _refers(value) else value


def _spellings(name: str) -> tuple[str, ...]:
    return (f"schema:{name}", f"https://schema.org/{name}", f"http://schema.org/{name}")


def _each(value: Any) -> Iterator[Any]:
    """The entries of a list, of lists in it and of ``@list`` and ``@set``; a single value too."""
    if isinstance(value, dict) and ("@list" in value or "@set" in value):
        value = value.get("@list", value.get("@set"))
    if not isinstance(value, list):
        yield value
        return
    for entry in value:
        if isinstance(entry, list):
            yield from entry
        else:
            yield entry


def _nodes(roots: list[Any]) -> Iterator[dict[str, Any]]:
    """Every object, in page order, those that hold others first."""
    waiting = [(root, 0) for root in reversed(roots)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict):
            yield value
            inner = list(value.values())
        else:
            inner = value
        if depth < _DEEPEST:
            waiting.extend(
                (entry, depth + 1) for entry in reversed(inner) if isinstance(entry, dict | list)
            )


def _refers(node: dict[str, Any]) -> bool:
    """Whether it says nothing but what it is called."""
    return "@id" in node and all(key in ("@id", "@type") for key in node)


def _remember(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> None:
    """The fullest object of a name is the one it stands for."""
    name = node.get("@id")
    if isinstance(name, str) and len(node) > len(by_id.get(name, ())):
        by_id[name] = node


def _parsed(block: str) -> dict[str, Any] | list[Any]:
    """Raises ValueError. Mends what shops get wrong: comments, commas, line breaks in strings."""
    try:
        found = orjson.loads(block)
    except orjson.JSONDecodeError:
        found = _mended(block)
    if not isinstance(found, dict | list):
        raise ValueError("it is neither an object nor a list")
    return found


def _mended(block: str) -> Any:
    if len(block) > LONGEST_MENDED:
        raise ValueError(f"it is no JSON, and too long to mend ({len(block):,} characters)")
    text = _FAULTS.sub(_kept, _AROUND.sub("", block.strip().lstrip("\ufeff")))
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"it is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _kept(fault: re.Match[str]) -> str:
    return fault[0] if fault[0].startswith('"') else ""
