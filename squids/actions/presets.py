"""Keep recipes by a name, for any squid of their crawler."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from squids import errors
from squids.crawlers.interface import ParamError
from squids.models import Crawler, Preset, User

NAME_LIMIT = 60
PRESET_LIMIT = 200
"""Presets a user may have."""


def save_preset(
    owner: User, crawler: Crawler, name: str, recipe: Mapping[str, Any], *, replace: bool = False
) -> Preset:
    """A new preset, or with ``replace`` the one of this name with another recipe. Raises
    FieldRefused: at ``name``, or dotted inside ``recipe``."""
    name, recipe = check_name(name), check_recipe(crawler, recipe)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        found = Preset.objects.filter(owner=owner, crawler=crawler, name=name).first()
        if found and not replace:
            raise errors.PresetExists
        return _rewrite(found, recipe) if found else _create(owner, crawler, name, recipe)


def import_preset(owner: User, crawler: Crawler, name: str, recipe: Mapping[str, Any]) -> Preset:
    """A new preset; where its name is taken, “name (2)” and so on. Raises FieldRefused."""
    name, recipe = check_name(name), check_recipe(crawler, recipe)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        return _create(owner, crawler, _free_name(owner, crawler, name), recipe)


def rename_preset(preset: Preset, name: str) -> None:
    """Raises FieldRefused at ``name``."""
    preset.name, preset.changed_at = check_name(name), timezone.now()
    try:
        with transaction.atomic():
            preset.save(update_fields=["name", "changed_at"])
    except IntegrityError:
        raise errors.PresetExists from None


def delete_preset(preset: Preset) -> None:
    Preset.objects.filter(pk=preset.pk).delete()


def check_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise errors.FieldRefused("name", "Give the preset a name.")
    if len(name) > NAME_LIMIT:
        raise errors.FieldRefused("name", f"A name has at most {NAME_LIMIT} characters.")
    if not name.isprintable():
        raise errors.FieldRefused("name", "A name is one line of letters, digits and signs.")
    return name


def check_recipe(crawler: Crawler, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe as the crawler cleans it, all by itself. Raises ParamRefused."""
    try:
        checked: dict[str, Any] = crawler.code.check_settings({"recipe": recipe})["recipe"]
    except ParamError as error:
        raise errors.ParamRefused(error.param, error.message) from error
    return checked


def _create(owner: User, crawler: Crawler, name: str, recipe: dict[str, Any]) -> Preset:
    if Preset.objects.filter(owner=owner).count() >= PRESET_LIMIT:
        raise errors.Refused(f"You have {PRESET_LIMIT} presets. Delete one first.")
    return Preset.objects.create(owner=owner, crawler=crawler, name=name, recipe=recipe)


def _rewrite(preset: Preset, recipe: dict[str, Any]) -> Preset:
    preset.recipe, preset.changed_at = recipe, timezone.now()
    preset.save(update_fields=["recipe", "changed_at"])
    return preset


def _free_name(owner: User, crawler: Crawler, name: str) -> str:
    taken = Preset.objects.filter(owner=owner, crawler=crawler).values_list("name", flat=True)
    known = set(taken)
    return next(free for n in count(1) if (free := _numbered(name, n)) not in known)


def _numbered(name: str, number: int) -> str:
    end = "" if number == 1 else f" ({number})"
    return name[: NAME_LIMIT - len(end)] + end
