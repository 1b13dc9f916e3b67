"""Presets: the list, a file in, a file out, another name, an end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from squids import actions, errors
from squids.access import preset_of, presets_of
from squids.account_forms import refuse
from squids.actions.presets import NAME_LIMIT
from squids.models import Crawler, Preset
from squids.recipes import files
from squids.recipes.kinds import KINDS
from squids.views import SignedIn


class FileForm(forms.Form):
    file = forms.FileField(
        label="Preset file",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> files.File:
        """What the file says."""
        given = self.cleaned_data["file"]
        try:
            return files.read(given.read(files.FILE_BYTES + 1))
        except errors.Refused as refused:
            raise forms.ValidationError(refused.message) from refused


class NameForm(forms.Form):
    name = forms.CharField(
        error_messages={"required": "Give the preset a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": NAME_LIMIT}),
    )


@require_GET
@login_required
def listing(request: SignedIn) -> HttpResponse:
    return _show(request, FileForm())


@require_POST
@login_required
def take(request: SignedIn) -> HttpResponse:
    """A preset from a file; what is wrong with it is said at its place."""
    form = FileForm(request.POST, request.FILES)
    preset = _try_taking(request, form) if form.is_valid() else None
    if preset is None:
        return _show(request, form, status=422)
    messages.success(request, f"“{preset.name}” was imported.")
    return redirect("squids:presets")


def _try_taking(request: SignedIn, form: FileForm) -> Preset | None:
    file: files.File = form.cleaned_data["file"]
    crawler = Crawler.objects.filter(slug=file.crawler).first()
    if crawler is None or file.crawler not in KINDS:
        known = ", ".join(KINDS)
        form.add_error("file", f"No crawler “{file.crawler[:60]}” has presets; known: {known}.")
        return None
    try:
        return actions.import_preset(request.user, crawler, file.name, file.recipe)
    except errors.Refused as refused:
        place = getattr(refused, "field", "")
        form.add_error("file", f"{place}: {refused.message}" if place else refused.message)
        return None


@require_http_methods(["GET", "POST"])
@login_required
def rename(request: SignedIn, uid: str) -> HttpResponse:
    preset = preset_of(request.user, uid)
    if request.method == "GET":
        return _show_name(request, preset, NameForm(initial={"name": preset.name}))
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            actions.rename_preset(preset, form.cleaned_data["name"])
        except errors.Refused as refused:
            refuse(form, refused)
    if form.errors:
        return _show_name(request, preset_of(request.user, uid), form)
    messages.success(request, "Saved.")
    return redirect("squids:presets")


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: SignedIn, uid: str) -> HttpResponse:
    """GET asks; POST does it."""
    preset = preset_of(request.user, uid)
    if request.method == "GET":
        return render(request, "presets/delete.html", {"nav": "squids", "preset": preset})
    actions.delete_preset(preset)
    messages.success(request, f"“{preset.name}” was deleted.")
    return redirect("squids:presets")


@require_GET
@login_required
def file(request: SignedIn, uid: str) -> HttpResponse:
    preset = preset_of(request.user, uid)
    response = HttpResponse(files.write(preset), content_type="application/json")
    name = f"{slugify(preset.name) or 'preset'}.json"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response


def _show(request: SignedIn, form: FileForm, status: int = 200) -> HttpResponse:
    presets = presets_of(request.user).select_related("crawler").order_by("crawler__name", "name")
    context = {"nav": "squids", "form": form, "presets": presets}
    return render(request, "presets/list.html", context, status=status)


def _show_name(request: SignedIn, preset: Preset, form: NameForm) -> HttpResponse:
    context: dict[str, Any] = {"nav": "squids", "preset": preset, "form": form}
    return render(request, "presets/rename.html", context, status=422 if form.errors else 200)
