"""What a JSON answer offers: the lists in it that may be rows, their fields, and the way on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from squids.crawlers.builder.json_tree import DEEPEST, document, joined, quoted, short
from squids.crawlers.builder.shapes import Block, Link
from squids.crawlers.builder.trial import attempt
from squids.crawlers.interface import CrawlerError, ParamError, Request, Response
from squids.crawlers.json_api.crawler import JsonApiScraper

MOST = 5
MOST_FIELDS = 12
LOOKED_AT = 50
"""Rows whose fields are compared."""
LONGEST_NAME = 80
"""Members with longer names are left to whoever writes recipes by hand."""
VISITED = 100_000
"""Values of the document that are looked at."""
TRIED = 12
"""Ways on that are tried; for each the crawler reads the whole answer."""
ALIKE = 0.6
"""The share of members that objects have in common where they are entries of one list."""

Items = Sequence[dict[str, Any]]

_LISTS = ("items", "results", "data", "records", "entries", "hits", "rows", "products", "edges")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_NUMBER = re.compile(r"[+-]?\d+[.,]\d+")
_ADDRESS = re.compile(r"(?:https?://|//|/)\S+")
_NEXT = re.compile(r"(?:@odata\.)?next(?:_?(?:page|url|link|href)){0,2}", re.I)
_CURSOR = re.compile(
    r"(?:(?:next|end|after)_?(?:page_?)?(?:cursor|token)|cursor|next(?:_?page)?|continuation)", re.I
)
_PAGES = re.compile(r"(?:total_?pages|page_?count|num_?pages|last_?page|pages)", re.I)
_PAGE_PARAMS = ("page", "p", "pg", "pagenumber", "page_number", "page[number]", "pageno")
_OFFSET_PARAMS = ("offset", "skip", "start", "from", "page[offset]")
_SIZE_PARAMS = ("per_page", "limit", "page_size", "pagesize", "size", "count", "page[size]")
_CURSOR_PARAMS = ("cursor", "page_token", "pagetoken", "after", "starting_after", "continuation")


@dataclass(frozen=True, slots=True)
class _List:
    """Objects that are alike, and the expression that finds them; ``count`` is of all it finds."""

    path: str
    items: Items
    count: int
    depth: int

    @property
    def score(self) -> tuple[float, int]:
        named = self.path.rpartition(".")[2].lower() in _LISTS
        members = sum(len(item) for item in self.items[:LOOKED_AT]) / min(
            len(self.items), LOOKED_AT
        )
        much = min(len(self.items), LOOKED_AT) * min(members, MOST_FIELDS)
        return much * (2 if named else 1), -self.depth


def suggest_json(response: Response) -> tuple[list[Block], list[Link]]:
    """Best first, at most five each. Raises Unreadable."""
    body = document(response)
    lists = sorted(_lists(body), key=lambda found: found.score, reverse=True)[:MOST]
    blocks = [block for found in lists if (block := _block(found)).fields]
    rows = blocks[0].rows if blocks else "@"
    return blocks, list(islice(_links(response, body, rows), MOST))


# --- rows -----------------------------------------------------------------------------------------


def _lists(body: Any) -> Iterator[_List]:
    """Not those inside an entry of another one: they belong to it."""
    for path, value, depth in _visited(body):
        if isinstance(value, list):
            objects = [item for item in value if isinstance(item, dict) and item]
            if objects and len(objects) * 2 >= len(value):
                yield _List(path, objects, len(value), depth)
        elif isinstance(value, dict) and _is_keyed(value):
            yield _List(
                f"{path}.*" if path != "@" else "*", list(value.values()), len(value), depth
            )


def _visited(body: Any) -> Iterator[tuple[str, Any, int]]:
    """Values on the way down through objects, the nearest to the top first."""
    level, left = [("", body)], VISITED
    for depth in range(DEEPEST):
        deeper: list[tuple[str, Any]] = []
        for path, value in level:
            yield path or "@", value, depth
            if isinstance(value, dict) and not _is_keyed(value):
                inner = [item for item in value.items() if len(item[0]) <= LONGEST_NAME]
                inner = inner[: max(left, 0)]
                left -= len(inner)
                deeper += [(joined(path, quoted(key)), child) for key, child in inner]
        level = deeper


def _is_keyed(value: dict[str, Any]) -> bool:
    """Whether its members are entries by some key of theirs: objects, and alike."""
    items = list(value.values())[:LOOKED_AT]
    if len(items) < 3 or not all(isinstance(item, dict) and item for item in items):
        return False
    names = Counter(name for item in items for name in item)
    common = sum(1 for count in names.values() if count > len(items) / 2)
    return bool(names) and common >= ALIKE * len(names)


def _block(found: _List) -> Block:
    rows = found.items[:LOOKED_AT]
    fields: dict[str, Any] = {}
    sample: dict[str, str] = {}
    for path, values in _members(rows):
        name = _free_name(path, fields)
        fields[name] = _spec(path, values)
        sample[name] = short(values[0]) if values else ""
        if len(fields) == MOST_FIELDS:
            break
    return Block(found.path, found.count, fields, sample)


def _members(rows: Items) -> Iterator[tuple[str, list[Any]]]:
    """Expressions of the members that at least a third of the rows have, with their values; of
    small objects in them, their members one by one."""
    for name in _names(rows):
        values = [row[name] for row in rows if row.get(name) is not None]
        if len(values) * 3 < len(rows):
            continue
        if all(isinstance(value, dict) for value in values):
            yield from _inner(quoted(name), values)
        else:
            yield quoted(name), values


def _names(objects: Items) -> Iterator[str]:
    names = dict.fromkeys(name for each in objects for name in each)
    return (name for name in names if len(name) <= LONGEST_NAME)


def _inner(path: str, objects: list[dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    for name in _names(objects):
        values = [each[name] for each in objects if each.get(name) is not None]
        if len(values) * 3 >= len(objects) and not isinstance(values[0], dict | list):
            yield joined(path, quoted(name)), values


def _free_name(path: str, taken: dict[str, Any]) -> str:
    """Letters, digits and underscores; the last part alone where it is free."""
    parts = [re.sub(r"\W+", "_", part).strip("_") for part in path.split(".")]
    wanted = [part for part in parts if part] or ["value"]
    for name in (wanted[-1], "_".join(wanted)):
        if name not in taken:
            return name
    return next(n for k in range(2, 1000) if (n := f"{wanted[-1]}_{k}") not in taken)


def _spec(path: str, values: list[Any]) -> Any:
    """The expression alone where a value is good as it stands."""
    texts = [value for value in values if isinstance(value, str)]
    if not texts or len(texts) < len(values):
        return path
    for kind, pattern in (("date", _DATE), ("number", _NUMBER), ("url", _ADDRESS)):
        if all(pattern.fullmatch(text) for text in texts):
            return {"select": path, "type": kind}
    return path


# --- the way on -----------------------------------------------------------------------------------


def _links(response: Response, body: Any, rows: str) -> Iterator[Link]:
    """Those that lead somewhere on this page, by the crawler's own word."""
    seen: set[str] = set()
    for paging in islice(_pagings(response, body), TRIED):
        leads_to = _leads_to(response, rows, paging)
        if leads_to and leads_to not in seen:
            seen.add(leads_to)
            yield Link(paging, leads_to)


def _leads_to(response: Response, rows: str, paging: dict[str, Any]) -> str | None:
    params = {"recipe": {"rows": rows, "paging": paging}}
    request = Request(response.url, meta={"page": 1, "at": paging.get("first", 0)})
    try:
        return attempt(JsonApiScraper.slug, params, response, request).next
    except (ParamError, CrawlerError):
        return None


def _pagings(response: Response, body: Any) -> Iterator[dict[str, Any]]:
    query = dict(parse_qsl(urlsplit(response.url).query))
    if "link" in response.headers:
        yield {"by": "link"}
    scalars = [(path, value) for path, value, _ in _visited(body) if not _is_group(value)]
    nexts = (path for path, value in scalars if _is_next(path, value))
    yield from ({"by": "next", "next": path} for path in islice(nexts, MOST))
    for path in islice((path for path, value in scalars if _is_cursor(path, value)), MOST):
        yield {"by": "cursor", "param": _cursor_param(path, query), "next": path}
    pages = next((p for p, v in scalars if type(v) is int and _named(_PAGES, p)), None)
    yield from _counted(query, pages)


def _is_group(value: Any) -> bool:
    return isinstance(value, dict | list)


def _named(pattern: re.Pattern[str], path: str) -> bool:
    return bool(pattern.fullmatch(path.rpartition(".")[2].strip('"')))


def _is_next(path: str, value: Any) -> bool:
    """An address that is called so, or that of something that is: ``links.next.href``."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        return False
    before, _, last = path.rpartition(".")
    return _named(_NEXT, path) or (last.lower() in ("href", "url") and _named(_NEXT, before))


def _is_cursor(path: str, value: Any) -> bool:
    """A text or number that is no address and says where to go on."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return False
    return _named(_CURSOR, path) and not (isinstance(value, str) and _ADDRESS.fullmatch(value))


def _cursor_param(path: str, query: dict[str, str]) -> str:
    """As the address has it, else as the answer's word for it suggests."""
    there = next((name for name in query if name.lower() in _CURSOR_PARAMS), None)
    if there:
        return there
    last = path.rpartition(".")[2].strip('"')
    if "token" in last.lower():
        return "page_token" if "_" in last else "pageToken"
    if last.lower() in ("next_page", "nextpage"):
        return "page"
    return "after" if last.lower().startswith("end") else "cursor"


def _counted(query: dict[str, str], pages: str | None) -> Iterator[dict[str, Any]]:
    """By a number in the address; without one, where the answer says how many pages there are."""
    size = next((name for name in query if name.lower() in _SIZE_PARAMS), None)
    sized = {}
    if size and query[size].isdecimal() and 0 < int(query[size][:7]) <= 1_000_000:
        sized = {"size_param": size, "size": int(query[size])}
    last = {"pages": pages} if pages else {}
    for name, text in query.items():
        if not text.isdecimal() or len(text) > 6:
            continue
        if name.lower() in _PAGE_PARAMS:
            yield {"by": "page", "param": name, "first": int(text), **last, **sized}
        elif name.lower() in _OFFSET_PARAMS:
            yield {"by": "offset", "param": name, "first": int(text), **sized}
    if pages and not any(name.lower() in _PAGE_PARAMS for name in query):
        yield {"by": "page", "param": "page", **last, **sized}
