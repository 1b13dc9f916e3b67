"""A JSON document to look at and to point into."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from squids.crawlers.builder.shapes import Node, Unreadable
from squids.crawlers.interface import BadPage, Response
from squids.crawlers.json_api.crawler import parsed

MOST_BYTES = 5 * 1024 * 1024
MOST_NODES, MOST_ITEMS, DEEPEST = 1_000, 5, 12
SHORT = 120
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS: dict[type, str] = {
    dict: "object",
    list: "list",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}


def document(response: Response) -> Any:
    """Raises Unreadable."""
    if len(response.body) > MOST_BYTES:
        raise Unreadable(f"The answer is larger than {MOST_BYTES // 1024**2} MB.", response.url)
    try:
        return parsed(response)
    except BadPage as bad:
        raise Unreadable(bad.message, response.url) from bad


def tree(response: Response, rows: str | None = None) -> list[Node]:
    """The document's values from the top: at most 1,000, five of each list, twelve levels. With
    ``rows``, those inside what it finds have a ``relative`` path. Raises Unreadable."""
    body = document(response)
    walk = _Walk(_ids(rows, body))
    nodes: list[Node] = []
    for node in walk.nodes(body):
        nodes.append(node)
        if len(nodes) == MOST_NODES:
            break
    return nodes


def _ids(rows: str | None, body: Any) -> frozenset[int]:
    """What the expression finds, by identity: it gives the document's own objects."""
    if not rows:
        return frozenset()
    try:
        found = jmespath.search(rows, body)
    except (JMESPathError, RecursionError):
        return frozenset()
    items = found if isinstance(found, list) else [found]
    return frozenset(id(item) for item in items if isinstance(item, dict | list))


@dataclass(frozen=True, slots=True)
class _Walk:
    rows: frozenset[int]

    def nodes(
        self, value: Any, path: str = "", relative: str | None = None, depth: int = 0
    ) -> Iterator[Node]:
        if id(value) in self.rows and isinstance(value, dict | list):
            relative = ""
        count = len(value) if isinstance(value, dict | list) else 0
        told = None if relative is None else relative or "@"
        yield Node(path or "@", told, _KINDS[type(value)], short(value), count, depth)
        if depth < DEEPEST:
            for step, child in _children(value):
                inner = None if relative is None else joined(relative, step)
                yield from self.nodes(child, joined(path, step), inner, depth + 1)


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((quoted(key), child) for key, child in value.items())
    elif isinstance(value, list):
        yield from ((f"[{n}]", child) for n, child in enumerate(value[:MOST_ITEMS]))


def joined(path: str, step: str) -> str:
    return f"{path}{step}" if not path or step.startswith("[") else f"{path}.{step}"


def quoted(key: str) -> str:
    """A member's name as JMESPath has it."""
    return key if _PLAIN.fullmatch(key) else json.dumps(key)


def short(value: Any) -> str:
    """In one line; of a list or an object nothing but how much there is."""
    if isinstance(value, dict | list):
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    folded = " ".join(text[: 2 * SHORT].split())
    return folded if len(folded) <= SHORT else f"{folded[: SHORT - 1]}…"
