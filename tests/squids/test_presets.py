"""Presets: saved by a name, renamed, deleted, written to a file and read from one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html

from squids import actions, errors
from squids.actions.presets import NAME_LIMIT, PRESET_LIMIT
from squids.models import Crawler, Preset, User
from squids.recipes.files import FILE_BYTES
from tests import factories

RECIPE = {"rows": "article", "fields": {"title": "h2", "price": {"select": ".p", "type": "number"}}}


@pytest.fixture(autouse=True)
def _crawlers(db: None) -> None:
    actions.sync_crawlers()


def crawler(slug: str = "web-scraper") -> Crawler:
    return Crawler.objects.get(slug=slug)


def send(client: Client, content: bytes | dict[str, Any], name: str = "p.json") -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post("/presets/import", {"file": SimpleUploadedFile(name, body)})


def said(answer: Any) -> str:
    """What stands beside the file."""
    (listed,) = html.fromstring(answer.content.decode()).find_class("errorlist")
    return " ".join(str(listed.text_content()).split())


def file(**changes: Any) -> dict[str, Any]:
    usual = {"format": "lobstr-open-preset", "version": 1, "crawler": "web-scraper"}
    return usual | {"name": "Lamps", "recipe": RECIPE} | changes


# --- saving -------------------------------------------------------------------------------------


def test_a_preset_keeps_the_order_of_its_fields(owner: User) -> None:
    fields = {name: f".{name}" for name in ("zebra", "b", "apple", "aa")}
    made = actions.save_preset(owner, crawler(), " Animals ", {"fields": fields})
    kept = Preset.objects.get(pk=made.pk)
    assert (kept.name, kept.field_names) == ("Animals", ["zebra", "b", "apple", "aa"])


def test_a_name_is_taken_once_for_a_crawler_and_user(owner: User) -> None:
    actions.save_preset(owner, crawler(), "Lamps", RECIPE)
    with pytest.raises(errors.PresetExists):
        actions.save_preset(owner, crawler(), "Lamps", {"fields": {"a": "b"}})
    assert Preset.objects.get().recipe == RECIPE
    actions.save_preset(owner, crawler("json-api-scraper"), "Lamps", {"rows": "items"})
    actions.save_preset(factories.user("other"), crawler(), "Lamps", RECIPE)
    assert Preset.objects.count() == 3


def test_the_one_of_that_name_is_replaced_where_that_is_meant(owner: User) -> None:
    first = actions.save_preset(owner, crawler(), "Lamps", RECIPE)
    again = actions.save_preset(owner, crawler(), "Lamps", {"fields": {"a": "b"}}, replace=True)
    assert again.pk == first.pk
    assert Preset.objects.get().recipe == {"fields": {"a": "b"}}


@pytest.mark.parametrize(
    ("recipe", "place"),
    [
        ({"fields": {"title": "h2["}}, "recipe.fields.title"),
        ({"rows": "a", "fields": {}}, "recipe.fields"),
        ({"fields": {"a": "b"}, "nxt": "c"}, "recipe.nxt"),
    ],
)
def test_a_recipe_that_cannot_work_is_no_preset(
    owner: User, recipe: dict[str, Any], place: str
) -> None:
    with pytest.raises(errors.ParamRefused) as refused:
        actions.save_preset(owner, crawler(), "Lamps", recipe)
    assert refused.value.field == place
    assert not Preset.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * (NAME_LIMIT + 1), "two\nlines"])
def test_a_name_is_one_line(owner: User, name: str) -> None:
    with pytest.raises(errors.FieldRefused) as refused:
        actions.save_preset(owner, crawler(), name, RECIPE)
    assert refused.value.field == "name"


def test_there_is_an_end_to_their_number(owner: User) -> None:
    of = crawler()
    Preset.objects.bulk_create(
        Preset(owner=owner, crawler=of, name=f"P {n}", recipe=RECIPE) for n in range(PRESET_LIMIT)
    )
    with pytest.raises(errors.Refused, match="Delete one first"):
        actions.save_preset(owner, of, "One more", RECIPE)


# --- the page -----------------------------------------------------------------------------------


def test_the_list_names_them_with_their_fields(client: Client, owner: User) -> None:
    factories.preset(
        owner, "Lamps", fields={"title": "h1"}, detail={"link": "a", "fields": {"b": "c"}}
    )
    factories.preset(factories.user("other"), "Not mine")
    page = html.fromstring(client.get("/presets").content.decode())
    (row,) = page.xpath("//table[contains(@class, 'presets')]/tbody/tr")
    text = " ".join(row.text_content().split())
    assert text.startswith("Lamps Web scraper title, b")


def test_none_yet(client: Client) -> None:
    assert b"No preset yet" in client.get("/presets").content


def test_it_is_renamed(client: Client, owner: User) -> None:
    preset = factories.preset(owner, "Lamps")
    answer = client.post(f"/presets/{preset.uid}/rename", {"name": " Desk lamps "}, follow=True)
    assert answer.redirect_chain == [("/presets", 302)]
    preset.refresh_from_db()
    assert preset.name == "Desk lamps"


def test_a_taken_name_is_refused_with_what_was_typed_still_there(
    client: Client, owner: User
) -> None:
    preset = factories.preset(owner, "Lamps")
    factories.preset(owner, "Chairs")
    answer = client.post(f"/presets/{preset.uid}/rename", {"name": "Chairs"})
    assert answer.status_code == 422
    assert said(answer) == "You have a preset of this name already."
    page = html.fromstring(answer.content.decode())
    assert page.get_element_by_id("id_name").value == "Chairs"
    assert "“Lamps”" in page.get_element_by_id("ask-title").text_content()


def test_deleting_asks_first(client: Client, owner: User) -> None:
    preset = factories.preset(owner, "Lamps")
    assert b"Delete the preset" in client.get(f"/presets/{preset.uid}/delete").content
    assert Preset.objects.exists()
    client.post(f"/presets/{preset.uid}/delete")
    assert not Preset.objects.exists()


# --- files --------------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported_by_somebody_else(
    client: Client, stranger: Client, owner: User
) -> None:
    preset = factories.preset(owner, "Größe & Preis", **RECIPE)
    answer = client.get(f"/presets/{preset.uid}/file")
    assert answer["Content-Disposition"] == 'attachment; filename="groe-preis.json"'
    assert json.loads(answer.content) == file(name="Größe & Preis")
    assert send(stranger, answer.content).status_code == 302
    theirs = Preset.objects.exclude(owner=owner).get()
    assert (theirs.name, theirs.recipe) == ("Größe & Preis", RECIPE)


def test_a_taken_name_gets_a_number(client: Client, owner: User) -> None:
    for _ in range(3):
        assert send(client, file()).status_code == 302
    names = Preset.objects.filter(owner=owner).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["Lamps", "Lamps (2)", "Lamps (3)"]


def test_a_long_taken_name_keeps_to_the_limit(client: Client, owner: User) -> None:
    for _ in range(2):
        assert send(client, file(name="x" * NAME_LIMIT)).status_code == 302
    assert all(len(preset.name) <= NAME_LIMIT for preset in Preset.objects.all())
    assert Preset.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "no JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b"\xff\xfe", "no JSON file in UTF-8"),
        (b"[" * 100_000, "no JSON file"),
        (b'"text"', "must hold an object"),
        ({"a": 1}, "its “format” is not “lobstr-open-preset”"),
        (file(version=2), "of a later version"),
        (file(name=7), "must be texts"),
        (file(recipe=[]), "Its “recipe” must be an object"),
        (file(name=" "), "name: Give the preset a name."),
        (file(crawler="feed-reader"), "No crawler “feed-reader” has presets"),
        (file(crawler="no-such"), "No crawler “no-such” has presets"),
        (file(recipe={"fields": {"a": "b["}}), "recipe.fields.a: The selector “b[” cannot work"),
        (file(recipe={"fields": {"a": "\0"}}), "recipe.fields.a: It has characters"),
        (file(crawler="json-api-scraper", recipe={"rows": "a["}), "recipe.rows: “a[” is no JMES"),
        (b" " * (FILE_BYTES + 1), "at most 256 kB"),
        (b"", "The file is empty."),
    ],
)
def test_a_file_that_cannot_work_is_refused_in_words(
    client: Client, content: bytes | dict[str, Any], words: str
) -> None:
    answer = send(client, content)
    assert answer.status_code == 422
    assert words in said(answer)
    assert not Preset.objects.exists()


def test_no_file_at_all(client: Client) -> None:
    answer = client.post("/presets/import")
    assert (answer.status_code, said(answer)) == (422, "Choose a file.")


def test_the_list_warns_of_headers(client: Client, owner: User) -> None:
    secret = {"Authorization": "Bearer 123"}
    actions.save_preset(owner, crawler("json-api-scraper"), "Mine", {"headers": secret})
    page = client.get("/presets").content.decode()
    assert "with headers" in page
    assert "Bearer 123" not in page
