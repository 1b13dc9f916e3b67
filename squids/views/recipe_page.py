"""What the recipe builder's page shows: the recipe as a form, what it gives, what is suggested."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from runs.cells import cells, headers
from squids.access import NoSuch, presets_of, squid_of
from squids.crawlers import builder
from squids.crawlers.builder import Unreadable
from squids.models import Draft, Part, SamplePage, Squid
from squids.recipes import tries
from squids.recipes.kinds import KINDS
from squids.recipes.sheet import Sheet, posted, read
from squids.views import SignedIn
from squids.views.pages import head


def squid_with_recipe(request: SignedIn, uid: str) -> Squid:
    """One whose recipe can be built. Raises NoSuch."""
    squid = squid_of(request.user, uid)
    if squid.crawler.slug not in KINDS:
        raise NoSuch("recipe", "This crawler has no recipe.")
    return squid


def recipe_of(squid: Squid) -> dict[str, Any]:
    """The one in the making, else the one that is saved."""
    draft = Draft.objects.filter(squid=squid).first()
    found = squid.params.get("recipe") if draft is None else draft.recipe
    if isinstance(found, str):
        found = _decoded(found)
    return found if isinstance(found, dict) else {}


def _decoded(text: str) -> Any:
    """A recipe may be kept as its JSON text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def sheet_of(squid: Squid) -> Sheet:
    return read(KINDS[squid.crawler.slug], recipe_of(squid))


def posted_sheet(request: SignedIn, squid: Squid) -> Sheet:
    kind = KINDS[squid.crawler.slug]
    return posted(kind, request.POST.dict(), read(kind, recipe_of(squid)))


def sample_of(squid: Squid, part: str) -> SamplePage | None:
    known = part in Part.values
    return SamplePage.objects.filter(squid=squid, part=part).first() if known else None


REGIONS = {
    "": "recipes/page.html",
    "desk": "recipes/_pressed.html",
    "tried": "recipes/_answer.html",
}


def show(
    request: SignedIn,
    squid: Squid,
    sheet: Sheet,
    refused: dict[str, str] | None = None,
    only: str = "",
) -> HttpResponse:
    """The page, or a region of it; ``refused`` are messages by the place they belong to."""
    context: dict[str, Any] = {"squid": squid, "sheet": sheet, "kind": sheet.kind}
    context |= {"refused": refused or {}} | _tried(squid, sheet)
    context["entries"] = tries.shown_entries(sheet, context["tried"])
    context["has_rare"] = any(e.entry.rare and (e.text or e.problem) for e in context["entries"])
    context["lines"] = tries.shown_lines(sheet, "fields", context["tried"])
    context["detail_lines"] = tries.shown_lines(sheet, "detail", context["tried"])
    if only != "tried":
        context |= _offers(request, squid, sheet, context["listing"])
    if not only:
        context |= head(squid, "recipe") | {"asked": _asked(request, squid, context["listing"])}
        context["part"] = _part(request, context["detail"])
    return render(request, REGIONS[only], context, status=422 if refused else 200)


def _tried(squid: Squid, sheet: Sheet) -> dict[str, Any]:
    """What came of the recipe, with its rows as cells and its places on the pages."""
    samples = {sample.part: sample for sample in SamplePage.objects.filter(squid=squid)}
    listing, detail = samples.get(Part.LISTING), samples.get(Part.DETAIL)
    if listing is None:
        return {"listing": None, "detail": None, "tried": None}
    outcome = tries.tried(sheet, squid.params, listing, detail)
    table = [cells(row, outcome.columns) for row in outcome.rows]
    marks = {Part.LISTING: tries.marks_of(sheet, listing, "fields")}
    if detail is not None:
        marks[Part.DETAIL] = tries.marks_of(sheet, detail, "detail")
    return {
        "listing": listing,
        "detail": detail if sheet.has_detail else None,
        "tried": outcome,
        "table": table,
        "columns": headers(outcome.columns, table),
        "marks": {part.value: _plain(found) for part, found in marks.items() if found},
    }


def _plain(marks: builder.Marks) -> dict[str, Any]:
    return {"rows": marks.rows, "fields": marks.fields, "next": marks.next}


def _offers(
    request: SignedIn, squid: Squid, sheet: Sheet, listing: SamplePage | None
) -> dict[str, Any]:
    """Suggestions, the tree of a JSON answer, presets, and whether there is something to undo."""
    draft = Draft.objects.filter(squid=squid).first()
    presets = presets_of(request.user).filter(crawler=squid.crawler).order_by("name")
    found: dict[str, Any] = {"presets": presets, "draft": draft, "unreadable": ""}
    if listing is None:
        return found
    try:
        found["blocks"], found["links"] = builder.suggest(sheet.kind.slug, listing.response)
        if sheet.kind.is_json:
            nodes = builder.tree(listing.response, sheet.texts.get("rows"))
            found["nodes"] = [(node, _node_press(node)) for node in nodes]
    except Unreadable as bad:
        found["unreadable"] = bad.message
    return found


def _node_press(node: builder.Node) -> str:
    """What taking a value of a JSON answer does; nothing for one that cannot be taken."""
    if node.relative is None:
        return f"rows:{node.path}" if node.kind == "list" else ""
    if node.relative == "@" or node.kind == "object":
        return ""
    name = re.sub(r"\W+", "_", node.relative.rpartition(".")[2]).strip("_") or "value"
    return f"field:{json.dumps({'of': 'fields', 'name': name, 'select': node.relative})}"


def _asked(request: SignedIn, squid: Squid, listing: SamplePage | None) -> str:
    """The address to show: what was sent, what was fetched, or the first task's."""
    if "url" in request.POST:
        return request.POST["url"]
    if listing is not None:
        return listing.asked
    task = squid.tasks.filter(is_active=True).order_by("id").first()
    return str(task.params.get("url", "")) if task else ""


def _part(request: SignedIn, detail: SamplePage | None) -> str:
    """Which of the pages stands in the frame."""
    wanted = request.GET.get("part", request.POST.get("part", ""))
    return Part.DETAIL.value if detail and wanted == Part.DETAIL else Part.LISTING.value
