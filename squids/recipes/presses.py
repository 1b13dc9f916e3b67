"""What the builder's buttons do to a recipe. A press is a verb with what it is about behind a
colon, as the button's value has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from squids.crawlers import builder
from squids.crawlers.builder import Block, Link, Unreadable
from squids.crawlers.interface import Response
from squids.crawlers.selectors import SelectorError
from squids.recipes.sheet import LISTS, MOST_LINES, Line, Sheet, read

LONGEST = 5_000
"""Characters of a press."""


def press(sheet: Sheet, said: str, page: Response | None) -> Sheet:
    """The sheet as the button makes it; one that means nothing leaves it as it is. ``page`` is the
    listing page, where there is one."""
    verb, _, about = said[:LONGEST].partition(":")
    change = _VERBS.get(verb)
    return change(sheet, about, page) if change else sheet


def _add(sheet: Sheet, of: str, page: Response | None) -> Sheet:
    if of in LISTS and len(sheet.lines(of)) < MOST_LINES:
        sheet.lines(of).append(Line(type=sheet.kind.usual_type))
    return sheet


def _drop(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    of, place = _place(sheet, about)
    if place is not None:
        del sheet.lines(of)[place]
    return sheet


def _raise(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    """One place up: columns stand in the order of the fields."""
    of, place = _place(sheet, about)
    if place:
        lines = sheet.lines(of)
        lines[place - 1 : place + 1] = [lines[place], lines[place - 1]]
    return sheet


def _place(sheet: Sheet, about: str) -> tuple[str, int | None]:
    of, _, digits = about.partition("-")
    known = of in LISTS and digits.isdecimal() and int(digits[:4]) < len(sheet.lines(of))
    return of, int(digits[:4]) if known else None


def _detail(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    """With detail pages or without; the first field that is a link leads to them."""
    sheet.has_detail = about == "on" and sheet.kind.has_detail
    if sheet.has_detail and not sheet.texts.get("detail.link"):
        links = (line.select for line in sheet.fields if line.type == "url" and not line.many)
        sheet.texts["detail.link"] = next(links, "")
    return sheet


def _field(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    """A field somebody pointed at, under a name that is free."""
    said = _object(about)
    of = said.get("of") if said.get("of") in LISTS else "fields"
    name, select = str(said.get("name") or "value"), str(said.get("select") or "")
    lines = sheet.lines(str(of))
    if select and len(lines) < MOST_LINES and not any(line.select == select for line in lines):
        chosen = said.get("type") if said.get("type") in sheet.kind.types else sheet.kind.usual_type
        lines.append(Line(_free(name, sheet.names), select, str(chosen)))
    return sheet


def _free(wanted: str, taken: list[str]) -> str:
    if wanted not in taken:
        return wanted
    return next(f"{wanted}_{n}" for n in range(2, 1_000) if f"{wanted}_{n}" not in taken)


def _rows(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    """Rows somebody pointed at, with the fields that stand in them where there are none yet."""
    sheet.texts["rows"] = about
    if not sheet.fields and page is not None and not sheet.kind.is_json:
        try:
            sheet = _with_fields(sheet, builder.fields_of(page, about))
        except (Unreadable, SelectorError):
            return sheet
    return sheet


def _with_fields(sheet: Sheet, fields: dict[str, Any]) -> Sheet:
    sheet.fields = read(sheet.kind, {"fields": fields}).fields
    sheet.rest.pop("fields", None)
    return sheet


def _block(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    """A suggestion's rows and fields in place of what there is, with the likeliest way to the next
    page where none is chosen."""
    blocks, links = _suggested(sheet, page)
    block = _nth(blocks, about)
    if block is None:
        return sheet
    sheet.texts["rows"] = "" if block.rows == "@" else block.rows
    if links and not sheet.leads_on:
        sheet = _lead(sheet, links[0].next)
    return _with_fields(sheet, block.fields)


def _onward(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    """A suggestion's way to the next page."""
    link = _nth(_suggested(sheet, page)[1], about)
    return sheet if link is None else _lead(sheet, link.next)


def _next(sheet: Sheet, about: str, page: Response | None) -> Sheet:
    return _lead(sheet, about)


def _lead(sheet: Sheet, onward: Any) -> Sheet:
    if isinstance(onward, str):
        sheet.texts["next"] = onward
        return sheet
    shown = read(sheet.kind, {sheet.kind.onward: onward}).texts
    paging = [entry.key for entry in sheet.kind.entries if entry.key.startswith("paging.")]
    sheet.texts |= {key: shown[key] for key in paging}
    return sheet


def _suggested(sheet: Sheet, page: Response | None) -> tuple[list[Block], list[Link]]:
    try:
        return builder.suggest(sheet.kind.slug, page) if page else ([], [])
    except Unreadable:
        return [], []


def _nth(found: list[Any], about: str) -> Any:
    known = about.isdecimal() and int(about[:3]) < len(found)
    return found[int(about[:3])] if known else None


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


_VERBS: dict[str, Callable[[Sheet, str, Response | None], Sheet]] = {
    "add": _add,
    "drop": _drop,
    "raise": _raise,
    "detail": _detail,
    "field": _field,
    "rows": _rows,
    "block": _block,
    "onward": _onward,
    "next": _next,
}
