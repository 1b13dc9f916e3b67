"""What a recipe gives on the pages that are kept for it, as the crawler itself reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from squids.crawlers import builder
from squids.crawlers.builder import Marks, Trial, Unreadable
from squids.crawlers.interface import CrawlerError, ParamError, Request, Response, Row
from squids.models import SamplePage
from squids.recipes.kinds import Entry
from squids.recipes.sheet import LISTS, Line, Sheet

_ANY = Line("_", "title")
"""Stands for the fields of a detail page that has none yet, so that it can be asked for."""
SHOWN = 50
"""Rows in the table."""


@dataclass(slots=True)
class Tried:
    """``rows`` are those to show, of ``count``; ``notes`` what the crawler says of them; ``found``
    tells by an input's name what came of it, ``problems`` what is wrong with it. ``message`` is
    wrong with no input. ``detail`` is the request for the first row's own page."""

    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    notes: list[str] = field(default_factory=list)
    next: str = ""
    details: int = 0
    detail: Request | None = None
    found: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    message: str = ""


def tried(
    sheet: Sheet, params: Mapping[str, Any], listing: SamplePage, detail: SamplePage | None = None
) -> Tried:
    """What cannot work is told beside its input and left out, so that the rest can be seen while
    somebody types. ``params`` are the squid's other ones."""
    problems = sheet.problems
    while True:
        left = sheet.without(problems)
        try:
            can = left.names or sheet.kind.is_json
            outcome = _tried(left, params, listing, detail) if can else Tried()
        except CrawlerError as error:
            outcome = Tried(message=error.message)
        except ParamError as error:
            place = _input(sheet, error)
            if place and place not in problems:
                problems[place] = error.message
                continue
            outcome = Tried(message=f"{error.param}: {error.message}")
        outcome.problems = problems
        outcome.found = dict(_told(sheet, left, outcome))
        return outcome


def _told(sheet: Sheet, left: Sheet, outcome: Tried) -> Iterator[tuple[str, str]]:
    """By the inputs of the whole sheet."""
    for of in LISTS:
        places = {line.name: f"{of}-{n}-select" for n, line in enumerate(sheet.lines(of))}
        for line in left.lines(of):
            if line.name in outcome.found and line.name in places:
                yield places[line.name], outcome.found[line.name]
    yield from ((name, outcome.found[name]) for name in ("rows:", "on:") if name in outcome.found)


def _tried(
    sheet: Sheet, params: Mapping[str, Any], listing: SamplePage, detail: SamplePage | None
) -> Tried:
    if sheet.has_detail and not sheet.detail:
        sheet = replace(sheet, detail=[_ANY])
    given = {**params, "recipe": sheet.recipe}
    trial = _attempt(sheet, given, listing.response, listing.crawler_request)
    outcome = _read(sheet, trial)
    if detail is not None and sheet.has_detail and trial.rows:
        try:
            _add_detail(outcome, sheet, given, trial, detail)
        except CrawlerError as error:
            outcome.notes.append(f"The first row's page: {error.message}")
    return outcome


def _attempt(sheet: Sheet, params: Mapping[str, Any], page: Response, request: Request) -> Trial:
    return builder.attempt(sheet.kind.slug, params, page, request)


def _read(sheet: Sheet, trial: Trial) -> Tried:
    return Tried(
        columns=[name for name in trial.columns if name != _ANY.name],
        rows=trial.rows[:SHOWN],
        count=len(trial.rows),
        notes=[text for _, text in trial.notes],
        next=trial.next or "",
        details=trial.details,
        detail=trial.detail,
        found=_found(sheet, trial),
    )


def _found(sheet: Sheet, trial: Trial) -> dict[str, str]:
    """In how many rows a field has a value, by its name; how many rows there are, and what is
    next."""
    total = len(trial.rows)
    told = {"rows:": f"{total:,} row{'' if total == 1 else 's'}", "on:": trial.next or ""}
    for line in sheet.fields:
        count = sum(row.get(line.name) not in (None, []) for row in trial.rows)
        told[line.name] = "in every row" if total and count == total else f"in {count} of {total}"
    return told


def _add_detail(
    outcome: Tried, sheet: Sheet, params: Mapping[str, Any], trial: Trial, detail: SamplePage
) -> None:
    """The kept detail page, read as that of the first row."""
    asked = detail.crawler_request
    request = replace(asked, meta={**asked.meta, "row": dict(trial.rows[0])})
    read = _attempt(sheet, params, detail.response, request)
    row = read.rows[0] if read.rows else {}
    outcome.notes += [text for _, text in read.notes]
    outcome.columns = list(dict.fromkeys([*outcome.columns, *row]))
    outcome.rows = [row, *outcome.rows[1:]] if row else outcome.rows
    for line in sheet.detail:
        there = row.get(line.name) not in (None, [])
        outcome.found[line.name] = "found" if there else "not on this page"


def _input(sheet: Sheet, error: ParamError) -> str | None:
    """The name of the input that a refusal is about."""
    path = error.param.removeprefix("recipe").removeprefix(".")
    for entry in sheet.kind.entries:
        if path == entry.key:
            return entry.name
    for of in LISTS:
        prefix = "fields." if of == "fields" else "detail.fields."
        for place, line in enumerate(sheet.lines(of)):
            if line.name and f"{path}.".startswith(f"{prefix}{line.name}."):
                return f"{of}-{place}-select"
    return "headers" if path.startswith("headers") else None


def marks_of(sheet: Sheet, page: SamplePage, part: str) -> Marks | None:
    """What the recipe matches on a page of HTML."""
    if sheet.kind.is_json:
        return None
    try:
        return builder.marks(page.response, sheet.recipe, part)
    except Unreadable:
        return None


# --- the form with what came of it ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with its text; ``note`` is what it finds, ``problem`` what is wrong with it."""

    entry: Entry
    text: str
    note: str
    problem: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A field's line; ``prefix`` begins the names of its inputs."""

    line: Line
    place: int
    prefix: str
    note: str
    problem: str


def shown_entries(sheet: Sheet, outcome: Tried | None) -> list[ShownEntry]:
    found, problems = (outcome.found, outcome.problems) if outcome else ({}, {})
    onward = "paging.by" if sheet.kind.is_json else sheet.kind.onward
    notes = {"rows": found.get("rows:", ""), onward: found.get("on:", "")}
    return [
        ShownEntry(entry, text, notes.get(entry.key, ""), problems.get(entry.name, ""))
        for entry, text in sheet.entries()
    ]


def shown_lines(sheet: Sheet, of: str, outcome: Tried | None) -> list[ShownLine]:
    found, problems = (outcome.found, outcome.problems) if outcome else ({}, {})
    shown = []
    for place, line in enumerate(sheet.lines(of)):
        name = f"{of}-{place}-"
        problem = problems.get(f"{name}name") or problems.get(f"{name}select") or ""
        shown.append(ShownLine(line, place, name, found.get(f"{name}select", ""), problem))
    return shown
