"""The recipe builder: a page beside the recipe that is made for it, and the rows it gives."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from runs import lifecycle, sampling
from squids import actions, errors
from squids.access import NoSuch, preset_of
from squids.actions.recipes import SAMPLE_BYTES
from squids.crawlers import builder
from squids.crawlers.builder import Unreadable
from squids.crawlers.interface import CrawlerError, ParamError, Request
from squids.models import Part, Squid
from squids.recipes import presses, tries
from squids.recipes.kinds import KINDS
from squids.recipes.sheet import Sheet, read
from squids.views import SignedIn
from squids.views.recipe_page import (
    posted_sheet,
    recipe_of,
    sample_of,
    sheet_of,
    show,
    squid_with_recipe,
)

COPY_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'self';"
    " form-action 'none'; base-uri 'none'; sandbox allow-same-origin"
)
"""Of a copy: the page around it may mark its elements; nothing in it may run, load or be sent."""


@require_GET
@login_required
def page(request: SignedIn, uid: str) -> HttpResponse:
    squid = squid_with_recipe(request, uid)
    return show(request, squid, sheet_of(squid))


@require_POST
@login_required
def edit(request: SignedIn, uid: str) -> HttpResponse:
    """What was typed, or a button that was pressed: kept, tried, and shown."""
    squid = squid_with_recipe(request, uid)
    pressed = request.POST.get("do", "")
    before = posted_sheet(request, squid).recipe
    try:
        sheet = _press(request, squid, pressed)
        changed = pressed and sheet.recipe != before
        actions.keep_draft(squid, sheet.recipe, undoes=before if changed else None)
    except errors.Refused as refused:
        return show(request, squid, posted_sheet(request, squid), {"recipe": refused.message})
    if "HX-Request" not in request.headers:
        return redirect("squids:recipe", squid.uid)
    return show(request, squid, sheet, only="desk" if pressed else "tried")


@require_POST
@login_required
def undo(request: SignedIn, uid: str) -> HttpResponse:
    """Back to before the last press; a second time forth again."""
    squid = squid_with_recipe(request, uid)
    if "rows" in request.POST:  # what was typed since is what the next press brings back
        with contextlib.suppress(errors.Refused):
            actions.keep_draft(squid, posted_sheet(request, squid).recipe)
    actions.undo_draft(squid)
    if "HX-Request" not in request.headers:
        return redirect("squids:recipe", squid.uid)
    return show(request, squid, sheet_of(squid), only="desk")


@require_POST
@login_required
def save(request: SignedIn, uid: str) -> HttpResponse:
    """The recipe into the squid's settings, where the next run takes it from."""
    squid = squid_with_recipe(request, uid)
    sheet = posted_sheet(request, squid)
    if sheet.problems:
        return show(request, squid, sheet, {"recipe": "Not saved: see the fields marked."})
    changes = {"params": {**squid.params, "recipe": sheet.recipe}}
    try:
        lifecycle.configure(squid, changes, by=request.user.get_username())
    except errors.Refused as refused:
        return show(request, squid, sheet, {"recipe": f"Not saved: {refused.message}"})
    actions.drop_draft(squid)
    messages.success(request, "The recipe is saved; the next run works by it.")
    return redirect("squids:recipe", squid.uid)


@require_POST
@login_required
def discard(request: SignedIn, uid: str) -> HttpResponse:
    """Back to the recipe that is saved."""
    squid = squid_with_recipe(request, uid)
    actions.drop_draft(squid)
    return redirect("squids:recipe", squid.uid)


@require_POST
@login_required
def keep(request: SignedIn, uid: str) -> HttpResponse:
    """The recipe as a preset."""
    squid = squid_with_recipe(request, uid)
    sheet = posted_sheet(request, squid)
    name = request.POST.get("preset_name", "")
    replace = bool(request.POST.get("preset_replace"))
    try:
        actions.save_preset(request.user, squid.crawler, name, sheet.recipe, replace=replace)
    except errors.Refused as refused:
        return show(request, squid, sheet, {"preset": refused.message})
    actions.keep_draft(squid, sheet.recipe)
    messages.success(request, f"Saved as the preset “{name.strip()}”.")
    return redirect("squids:recipe", squid.uid)


@require_POST
@login_required
def fetch(request: SignedIn, uid: str) -> HttpResponse:
    """A page to try the recipe on: the listing's at an address, or the first row's own."""
    squid = squid_with_recipe(request, uid)
    part = Part.DETAIL if request.POST.get("part") == Part.DETAIL else Part.LISTING
    try:
        asked, wanted = _wanted(request, squid, part)
        response = sampling.fetch(squid, wanted, most=SAMPLE_BYTES)
        styles = sampling.fetch_styles(squid, _sheets(squid, response))
        actions.keep_sample(squid, part, asked, wanted, response, styles)
    except errors.FieldRefused as refused:
        where = "detail" if part == Part.DETAIL else "url"
        return show(request, squid, sheet_of(squid), {where: refused.message})
    shown = reverse("squids:recipe", args=[squid.uid])
    if part == Part.DETAIL:
        return redirect(f"{shown}?part={part.value}")
    actions.drop_detail(squid)
    return redirect(shown)


@require_GET
@never_cache
@xframe_options_sameorigin
@login_required
def copy(request: SignedIn, uid: str) -> HttpResponse:
    """The page itself, so that nothing in it runs or loads: for the frame."""
    squid = squid_with_recipe(request, uid)
    sample = sample_of(squid, request.GET.get("part", Part.LISTING))
    if sample is None or KINDS[squid.crawler.slug].is_json:
        raise NoSuch("page")
    try:
        shown = builder.copy(sample.response, sample.sheets)
    except Unreadable as bad:
        shown = builder.Copy(format_html("<body><p>{}</p></body>", bad.message), "")
    response = render(request, "recipes/copy.html", {"copy": shown})
    response["Content-Security-Policy"] = COPY_POLICY
    return response


@require_POST
@login_required
def point(request: SignedIn, uid: str) -> HttpResponse:
    """What may be made of an element of the copy."""
    squid = squid_with_recipe(request, uid)
    number = request.POST.get("number", "")
    part = Part.DETAIL if request.POST.get("part") == Part.DETAIL else Part.LISTING
    sample = sample_of(squid, part)
    if sample is None or not number.isdecimal() or KINDS[squid.crawler.slug].is_json:
        return HttpResponseBadRequest("“number” must be that of an element on a fetched page.")
    rows = request.POST.get("rows", "") if part == Part.LISTING else ""
    try:
        pointed = builder.point(sample.response, rows, int(number[:9]))
    except Unreadable as bad:
        return HttpResponseBadRequest(bad.message)
    of = "detail" if part == Part.DETAIL else "fields"
    fields = [(found, _field_press(of, found)) for found in pointed.fields]
    context = {"squid": squid, "pointed": pointed, "fields": fields, "of": of}
    return render(request, "recipes/_pointed.html", context)


def _field_press(of: str, found: builder.Point) -> str:
    said = {"of": of, "name": found.name, "select": found.select, "type": found.type}
    return f"field:{json.dumps(said)}"


# --- what was sent, and what is to be fetched ----------------------------------------------------


def _press(request: SignedIn, squid: Squid, pressed: str) -> Sheet:
    """The sheet as it is sent, and as a button makes it."""
    sheet = posted_sheet(request, squid)
    if pressed == "preset":
        chosen = request.POST.get("preset", "")
        return read(sheet.kind, preset_of(request.user, chosen).recipe) if chosen else sheet
    listing = sample_of(squid, Part.LISTING) if pressed else None
    return presses.press(sheet, pressed, listing.response if listing else None)


def _wanted(request: SignedIn, squid: Squid, part: Part) -> tuple[str, Request]:
    """The address as somebody wrote it, and the crawler's request for it. Raises FieldRefused."""
    if part == Part.DETAIL:
        sheet = posted_sheet(request, squid)
        actions.keep_draft(squid, sheet.recipe)
        listing = sample_of(squid, Part.LISTING)
        found = tries.tried(sheet, squid.params, listing).detail if listing else None
        if found is None:
            raise errors.FieldRefused("detail", "No row on the listing page has such a link.")
        return found.url, found
    asked = request.POST.get("url", "").strip()
    return asked, _first_request(squid, asked)


def _first_request(squid: Squid, asked: str) -> Request:
    """As a run would begin; while the recipe cannot work, without it."""
    code = squid.crawler.code
    try:
        task = code.check_task({"url": asked})
    except ParamError as error:
        raise errors.FieldRefused("url", error.message) from error
    own = {name: value for name, value in squid.params.items() if name != "recipe"}
    for params in (own | {"recipe": recipe_of(squid)}, own, {}):
        try:
            return code.start(task, code.prepare(code.check_settings(params)))[0]
        except (ParamError, CrawlerError):
            continue
    raise errors.FieldRefused("url", "No run can begin at this address.")


def _sheets(squid: Squid, response: Any) -> list[str]:
    if KINDS[squid.crawler.slug].is_json:
        return []
    try:
        return builder.sheets(response)
    except Unreadable as bad:
        raise errors.FieldRefused("url", bad.message) from bad
